import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { findSettingsFile, readSettingsFile, type SettingTexts } from '../../src/settings/settings-file.ts';

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'shoal-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

function read(name: string, content: string): SettingTexts {
  writeFileSync(join(folder, name), content);
  return readSettingsFile(join(folder, name));
}

test('reads JSON and YAML to the same texts', () => {
  const texts = { tracker: 'localhost:8000', port: '7000', uploadLimit: '1.50M', share: ['/a', 'b'], mirror: ['*'] };
  const json = '{"tracker":"localhost:8000","port":7000,"uploadLimit":"1.50M","share":["/a","b"],"mirror":"*"}';
  const yaml = "tracker: localhost:8000\nport: 7000\nuploadLimit: 1.50M\nshare:\n  - /a\n  - b\nmirror: ['*'] # all\n";
  expect(read('a.json', json)).toEqual(texts);
  expect(read('a.yaml', yaml)).toEqual(texts);
  expect(read('a.yml', yaml)).toEqual(texts);
});

test('keeps what YAML would read as another type than a text', () => {
  expect(read('a.yaml', 'host: 1.0\nmirror: [yes, 010, null, ~]\n')).toEqual({
    host: '1.0',
    mirror: ['yes', '010', 'null', '~'],
  });
});

test('takes a YAML file in which everything is a comment', () => {
  expect(read('a.yaml', '# tracker: localhost:8000\n')).toEqual({});
  expect(read('a.yaml', '')).toEqual({});
});

test('names a key that does not exist, the file, and what is known', () => {
  for (const [name, text] of [
    ['a.json', '{"prot":7000}'],
    ['a.yaml', 'prot: 7000'],
  ] as const) {
    expect(() => read(name, text)).toThrow(
      new RegExp(`${join(folder, name)}: "prot" is unknown; known are home, tracker, host, port, `),
    );
  }
});

test.each([
  ['a.json', '{"config":"/x"}', /"config" is unknown/],
  ['a.json', '{"debug":"1"}', /"debug" is unknown/],
  ['a.json', '{"__proto__":{"port":1}}', /"__proto__" is unknown/],
  ['a.json', '{"port":true}', /port must be a text or a number/],
  ['a.json', '{"share":{"a":1}}', /share must be a list of texts/],
  ['a.json', '[]', /must be one object/],
  ['a.json', '{"port":1,"port":2}', /stands twice/],
  ['a.json', '{"port":', /not complete/],
  ['a.yaml', '- port', /must be one object/],
  ['a.yaml', 'port: 1\nport: 2', /unique/],
  ['a.yaml', 'mirror: *', /in quotes/],
  ['a.yaml', 'host: &a x\ntracker: *a', /alias/i],
  ['a.yaml', 'host: !!js/function x', /tag/i],
  ['a.yaml', 'port: [[1]]', /nested too deep/],
  ['a.toml', 'port = 1', /must end in/],
  ['config', '{}', /must end in/],
])('refuses %s with %s', (name, text, reason) => {
  expect(() => read(name, text)).toThrow(reason);
  expect(() => read(name, text)).toThrow(expect.objectContaining({ code: 'bad-config' }));
});

test.each(['[', '{', '- ', '? ', 'a: '])('refuses endless "%s" at once', (text) => {
  expect(() => read('a.yaml', text.repeat(20_000))).toThrow(/nested too deep/);
});

test('says a refusal in one line', () => {
  expect(() => read('a.yaml', 'port: [1\nhost: x')).toThrow(/^[^\n]*line 2[^\n]*$/);
});

test('takes 64 KiB and not one byte more', () => {
  const fill = (bytes: number): string => '# '.padEnd(bytes - 1, 'x') + '\n';
  expect(read('a.yaml', fill(65_536))).toEqual({});
  expect(() => read('a.yaml', fill(65_537))).toThrow('it has more than 65536 bytes');
});

test('says that the file is not there, or not one', () => {
  expect(() => readSettingsFile(join(folder, 'gone.json'))).toThrow('gone.json: there is no such file');
  expect(() => readSettingsFile(folder)).toThrow(/it is no regular file/);
});

test('finds config.json or config.yaml in the home, and refuses to choose between both', () => {
  expect(findSettingsFile(folder)).toBeUndefined();
  writeFileSync(join(folder, 'config.yaml'), '');
  expect(findSettingsFile(folder)).toBe(join(folder, 'config.yaml'));
  writeFileSync(join(folder, 'config.json'), '{}');
  expect(() => findSettingsFile(folder)).toThrow(/keep one/);
});

test('reads no pipe into which nobody may ever write', async () => {
  const pipe = join(folder, 'pipe.yaml');
  await promisify(execFile)('mkfifo', [pipe]);
  expect(() => readSettingsFile(pipe)).toThrow(/pipe\.yaml: it is no regular file/);
});
