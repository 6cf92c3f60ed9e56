import { mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { agentSettings, peerFlags, peerSettings } from '../../src/settings/agent-settings.ts';
import { readSettings, type Settings } from '../../src/settings/effective-settings.ts';
import type { SettingTexts } from '../../src/settings/settings-file.ts';

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'shoal-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

function read(flags: SettingTexts, env: Record<string, string> = {}): Settings {
  return readSettings({ flags, env: { SHOAL_HOME: join(folder, 'home'), ...env }, folder });
}

const tracker = 'localhost:8000';

test('gives the daemon everything that was set', () => {
  const flags = {
    port: '7000',
    share: ['builds'],
    mirror: ['*'],
    pageOrigin: ['https://x'],
    name: 'web-7',
    logFormat: 'text',
  };
  const env = { SHOAL_TRACKER: tracker, SHOAL_UPLOAD_LIMIT: '1M', SHOAL_HOST: '127.0.0.1' };
  expect(agentSettings(read(flags, env))).toEqual({
    home: join(folder, 'home'),
    tracker: 'http://localhost:8000',
    peer: { host: '127.0.0.1', port: 7000, name: 'web-7', pageOrigins: ['https://x'], uploadLimit: 1_048_576 },
    share: [join(folder, 'builds')],
    mirror: ['*'],
    downloads: join(folder, 'home/downloads'),
    log: { level: 'info', format: 'text' },
  });
});

test('sets up a peer of one command with limits and page origins from everywhere, and with an address from flags only', () => {
  const env = { SHOAL_PORT: '7000', SHOAL_HOST: '127.0.0.1', SHOAL_UPLOAD_LIMIT: '1M', SHOAL_ADVERTISE: 'x:1' };
  const always = { uploadLimit: 1_048_576, pageOrigins: ['https://x'] };
  const everywhere = { ...env, SHOAL_PAGE_ORIGIN: 'https://x' };
  expect(peerSettings(read({}, everywhere))).toEqual(always);
  expect(peerSettings(read({ port: '7001' }, everywhere))).toEqual({ port: 7001, ...always });
});

test('tells which flags of a peer were given for this run', () => {
  const settings = read({ uploadLimit: '1M', port: '7000', tracker }, { SHOAL_DOWNLOAD_LIMIT: '1M' });
  expect(peerFlags(settings)).toEqual(['--port', '--upload-limit']);
});

test('advertises the port that it listens on when none is named', () => {
  const advertised = (flags: SettingTexts): unknown => agentSettings(read(flags)).peer.advertise;
  expect(advertised({ advertise: 'builds.example', port: '7000' })).toEqual({ host: 'builds.example', port: 7000 });
  expect(advertised({ advertise: 'builds.example:80', port: '7000' })).toEqual({ host: 'builds.example', port: 80 });
  for (const flags of [{ advertise: 'builds.example' }, { advertise: 'builds.example', port: '0' }]) {
    expect(() => advertised(flags)).toThrow('reading --advertise: "builds.example" needs a port');
  }
});

test('refuses to share or mirror without a tracker', () => {
  expect(() => agentSettings(read({ share: ['a'] }))).toThrow(/--share: it needs a tracker/);
  expect(() => agentSettings(read({}, { SHOAL_MIRROR: '*' }))).toThrow(/SHOAL_MIRROR: it needs a tracker/);
});

test.each([
  ['downloads in a share folder', ['a'], 'a/b'],
  ['a share folder in the downloads', ['a/b'], 'a'],
  ['downloads that are a share folder', ['a'], 'a'],
  ['two share folders, one in the other', ['a', 'a/b'], 'c'],
  ['one share folder twice', ['a', 'a'], 'c'],
  ['the home in a share folder', ['.'], '../c'],
])('refuses %s', (_what, share, downloads) => {
  expect(() => agentSettings(read({ tracker, share, downloads }))).toThrow(
    expect.objectContaining({
      code: 'bad-config',
      message: expect.stringMatching(
        /^reading --share \(.*\) and (--downloads|--share|SHOAL_HOME) \(.*\): they /,
      ) as unknown,
    }),
  );
});

test('takes folders that only begin alike, equal names in different places, and a share folder in the home', () => {
  const share = ['a', 'x/a', 'home/share', '..hidden'];
  expect(() => agentSettings(read({ tracker, share, downloads: 'ab' }))).not.toThrow();
});

test('sees through a link that leads into a share folder', () => {
  mkdirSync(join(folder, 'a'));
  symlinkSync(join(folder, 'a'), join(folder, 'link'));
  expect(() => agentSettings(read({ tracker, share: ['a'], downloads: 'link' }))).toThrow(/are one folder/);
});
