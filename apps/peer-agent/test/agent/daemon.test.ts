import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ControlClient } from '@shoal/client';
import type { Log } from '@shoal/engine';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { findDaemon, writeControlFile } from '../../src/agent/control-file.ts';
import { runDaemon } from '../../src/agent/daemon.ts';
import type { AgentSettings } from '../../src/settings/settings.ts';
import { aMetainfo } from '../samples.ts';

const ignore = (): void => undefined;
const log: Log = { debug: ignore, info: ignore, warn: ignore, error: ignore };

function settingsOf(home: string): AgentSettings {
  const peer = { host: '127.0.0.1' };
  return {
    home,
    peer,
    share: [],
    mirror: [],
    downloads: join(home, 'downloads'),
    log: { level: 'info', format: 'json' },
  };
}

let folder: string;
let home: string;
let running: { stop: () => Promise<void> }[];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'shoal-'));
  home = join(folder, 'home');
  running = [];
});
afterEach(async () => {
  await Promise.all(running.map(({ stop }) => stop()));
  await rm(folder, { recursive: true, force: true });
});

/** Starts a daemon and waits until it is ready; rejects when it ends before. */
async function start(): Promise<{ client: ControlClient; ended: Promise<void>; stop: () => Promise<void> }> {
  const controller = new AbortController();
  let ended: Promise<void> = Promise.resolve();
  await new Promise<void>((resolve, reject) => {
    ended = runDaemon({ settings: settingsOf(home), log, signal: controller.signal }, () => {
      resolve();
    });
    ended.catch(reject);
  });
  const stop = async (): Promise<void> => {
    controller.abort();
    await ended;
  };
  running.push({ stop });
  const client = await findDaemon(home);
  if (client === undefined) throw new Error('the daemon is not there');
  return { client, ended, stop };
}

test('answers through its control file, which only its owner can read', async () => {
  const { client } = await start();
  expect(await client.status()).toMatchObject({ version: '0.1.0', transfers: [] });
  if (process.platform !== 'win32') expect((await stat(join(home, 'control.json'))).mode & 0o777).toBe(0o600);
});

test('refuses a second agent on the same state', async () => {
  await start();
  await expect(start()).rejects.toMatchObject({ code: 'agent-running' });
});

test('lets one of two that start at the same moment run', async () => {
  const outcomes = await Promise.allSettled([start(), start()]);
  expect(outcomes.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
  const refused = outcomes.find(({ status }) => status === 'rejected');
  expect(refused).toMatchObject({ reason: { code: 'agent-running' } });
});

test('starts at once after an agent that was killed', async () => {
  const { stop } = await start();
  const control = JSON.parse(await readFile(join(home, 'control.json'), 'utf8')) as Parameters<
    typeof writeControlFile
  >[1];
  await stop();
  await writeControlFile(home, control);
  expect(await findDaemon(home)).toBeUndefined();
  const { client } = await start();
  expect(await client.transfers()).toEqual([]);
});

test('is gone after it was stopped', async () => {
  const { client, ended } = await start();
  await client.shutdown();
  await ended;
  expect(await findDaemon(home)).toBeUndefined();
});

test('keeps its identity and its shares over a restart', async () => {
  const path = join(folder, 'hello.txt');
  await writeFile(path, 'hello');
  const first = await start();
  const { peerId } = await first.client.status();
  await first.client.addShare({ metainfo: aMetainfo(), path });
  await first.stop();

  const { client } = await start();
  expect(await client.transfers()).toMatchObject([{ name: 'hello.txt', path }]);
  expect((await client.status()).peerId).toBe(peerId);
  await expect.poll(() => client.transfers()).toMatchObject([{ name: 'hello.txt', state: 'seeding', path }]);
});

test('notices that a share has changed while it was away', async () => {
  const path = join(folder, 'hello.txt');
  await writeFile(path, 'hello');
  const first = await start();
  await first.client.addShare({ metainfo: aMetainfo(), path });
  await first.stop();
  await writeFile(path, 'jello');

  const { client } = await start();
  await expect
    .poll(() => client.transfers())
    .toMatchObject([{ state: 'failed', problem: { code: 'content-mismatch' } }]);
});

test('says that its home cannot be made', async () => {
  await writeFile(join(folder, 'file'), '');
  home = join(folder, 'file', 'home');
  await expect(start()).rejects.toMatchObject({ code: 'bad-config' });
});

test('does not start over a control file that it cannot read', async () => {
  await start().then(({ stop }) => stop());
  await writeFile(join(home, 'control.json'), '{');
  await expect(start()).rejects.toMatchObject({
    code: 'state-damaged',
    message: expect.stringContaining('control.json') as unknown,
  });
});
