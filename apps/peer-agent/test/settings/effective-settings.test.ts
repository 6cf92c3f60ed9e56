import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { readSettings, writtenAs, type Settings } from '../../src/settings/effective-settings.ts';
import type { SettingTexts } from '../../src/settings/settings-file.ts';
import { SETTING_KEYS } from '../../src/settings/settings-table.ts';

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'shoal-'));
  mkdirSync(join(folder, 'home'));
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

function read(env: Record<string, string> = {}, flags: SettingTexts = {}): Settings {
  return readSettings({ flags, env: { SHOAL_HOME: join(folder, 'home'), ...env }, folder: join(folder, 'here') });
}

function writeFile(name: string, text: string): string {
  writeFileSync(join(folder, name), text);
  return join(folder, name);
}

test('a flag wins over a variable, that over the file, and that over the default', () => {
  const path = writeFile('home/config.json', '{"port":1,"host":"file","tracker":"file"}');
  const settings = read({ SHOAL_PORT: '2', SHOAL_HOST: 'variable' }, { port: '3' });
  expect(settings.values).toMatchObject({ port: 3, host: 'variable', tracker: 'http://file', logLevel: 'info' });
  expect((['port', 'host', 'tracker', 'logLevel'] as const).map((key) => settings.sourceOf(key))).toEqual([
    { kind: 'flag' },
    { kind: 'environment' },
    { kind: 'file', path },
    { kind: 'default' },
  ]);
});

test('a list in one place replaces that of the next', () => {
  writeFile('home/config.yaml', 'mirror: [a, b]\nshare: [/a]');
  expect(read({ SHOAL_MIRROR: 'c' }).values).toMatchObject({ mirror: ['c'], share: ['/a'] });
  expect(read({ SHOAL_MIRROR: 'c' }, { mirror: ['d', 'e'] }).values.mirror).toEqual(['d', 'e']);
});

test('splits a variable of several values at its commas', () => {
  const { share, mirror } = read({ SHOAL_SHARE: '/a, /b ,', SHOAL_MIRROR: '*' }).values;
  expect([share, mirror]).toEqual([['/a', '/b'], ['*']]);
});

test('an empty variable counts as not set', () => {
  const settings = read({ SHOAL_PORT: '', SHOAL_SHARE: ' ', SHOAL_DEBUG: '' });
  expect(settings.values.port).toBeUndefined();
  expect(settings.values).toMatchObject({ share: [], debug: false });
  expect(settings.sourceOf('share')).toEqual({ kind: 'default' });
});

test('counts relative paths of a file from its folder, all others from the current folder', () => {
  mkdirSync(join(folder, 'etc'));
  const config = writeFile('etc/shoal.json', '{"downloads":"mirrored","share":["../builds"]}');
  expect(read({ SHOAL_CONFIG: '../etc/shoal.json' }).values).toMatchObject({
    config,
    downloads: join(folder, 'etc/mirrored'),
    share: [join(folder, 'builds')],
  });
  expect(read({ SHOAL_DOWNLOADS: 'x' }, { share: ['y'] }).values).toMatchObject({
    downloads: join(folder, 'here/x'),
    share: [join(folder, 'here/y')],
  });
});

test('takes ~/ for the home folder of the user, where no shell does', () => {
  expect(read({ SHOAL_DOWNLOADS: '~/mirrored', SHOAL_SHARE: '~' }).values).toMatchObject({
    downloads: join(homedir(), 'mirrored'),
    share: [homedir()],
  });
});

test('reads the file that a flag names rather than that of the variable or of the home', () => {
  expect(read().values.config).toBeUndefined();
  const config = writeFile('home/config.json', '{"port":1}');
  const [two, three] = [writeFile('two.json', '{"port":2}'), writeFile('three.yaml', 'port: 3')];
  expect(read().values).toMatchObject({ config, port: 1 });
  expect(read({ SHOAL_CONFIG: two }).values.port).toBe(2);
  const settings = read({ SHOAL_CONFIG: two }, { config: three });
  expect(settings.values).toMatchObject({ config: three, port: 3 });
  expect(settings.sourceOf('config')).toEqual({ kind: 'flag' });
});

test('puts the downloads into the home that holds in the end', () => {
  const config = writeFile('shoal.json', '{"home":"elsewhere"}');
  const env = { SHOAL_CONFIG: config, SHOAL_HOME: '' };
  const home = join(folder, 'elsewhere');
  expect(read(env).values).toMatchObject({ home, downloads: join(home, 'downloads') });
});

test.runIf(process.platform === 'linux')('keeps its state in the data folder of the user when nobody says', () => {
  const homeOf = (env: Record<string, string>): string => readSettings({ flags: {}, env, folder }).values.home;
  expect(homeOf({ XDG_DATA_HOME: join(folder, 'data') })).toBe(join(folder, 'data/shoal'));
  expect(homeOf({ SHOAL_HOME: '', XDG_DATA_HOME: '' })).toBe(`${homedir()}/.local/share/shoal`);
});

test('names a wrong setting as the person wrote it', () => {
  expect(() => read({}, { port: 'x' })).toThrow('reading --port: "x" must be');
  expect(() => read({ SHOAL_UPLOAD_LIMIT: 'x' })).toThrow('reading SHOAL_UPLOAD_LIMIT: "x" must be');
  const path = writeFile('home/config.yaml', 'tracker: ftp://x');
  expect(() => read()).toThrow(`reading tracker in ${path}: "ftp://x" must be`);
  expect(SETTING_KEYS.map((key) => writtenAs(key, { kind: 'flag' }))).toContain('--download-limit');
});

test('refuses a wrong setting also where another place counts', () => {
  expect(() => read({ SHOAL_PORT: 'x' }, { port: '7000' })).toThrow(/SHOAL_PORT/);
  writeFile('home/config.yaml', 'port: x');
  expect(() => read({ SHOAL_PORT: '7000' })).toThrow(/port in .*config\.yaml/);
});

test('refuses an empty flag and an empty value in a file', () => {
  expect(() => read({}, { downloads: '' })).toThrow(/--downloads/);
  writeFile('home/config.yaml', 'downloads:');
  expect(() => read()).toThrow(/downloads in .*config\.yaml/);
});

test('refuses a variable that nobody reads, but leaves those of the tracker to it', () => {
  expect(() => read({ SHOAL_TRAKER: 'localhost:8000' })).toThrow(/SHOAL_TRAKER is unknown; known are SHOAL_CONFIG, /);
  expect(() => read({ SHOAL_TRACKER_PORT: '8000', PATH: '/bin' })).not.toThrow();
});
