import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Log } from '@shoal/engine';
import { ShoalError, type InfoHash } from '@shoal/protocol';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Agent } from '../../src/agent/agent.ts';
import { Holdings } from '../../src/agent/holdings.ts';
import { Registrar } from '../../src/agent/registrar.ts';
import { ShareRecords } from '../../src/agent/share-records.ts';
import { aMetainfo } from '../samples.ts';
import { FakeDisk, FakeEngine, peerId } from './fake-parts.ts';

const metainfo = aMetainfo();
const { infoHash } = metainfo;

let home: string;
let engine: FakeEngine;
let disk: FakeDisk;
let nowMs: number;
let trackerFailure: ShoalError | undefined;
let registered: InfoHash[];
let logged: string[];

beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'shoal-'));
  trackerFailure = undefined;
  nowMs = 0;
  registered = [];
  logged = [];
});
afterEach(() => rm(home, { recursive: true, force: true }));

/** A start of the daemon: everything new but what stands in its home. */
function startAgent(): Agent {
  engine = new FakeEngine();
  disk = new FakeDisk();
  const note = (_fields: object, message: string): void => void logged.push(message);
  const log: Log = { debug: note, info: note, warn: note, error: note };
  const records = new ShareRecords(join(home, 'shares'));
  const holdings = new Holdings({ engine, disk, log, clock: { now: () => nowMs }, records });
  const registrar = new Registrar({
    clock: {
      now: () => 0,
      setTimer: (_delayMs, action) => {
        action();
        return () => undefined;
      },
    },
    random: { next: () => 0 },
    register: (_url, { infoHash: hash }) => {
      if (trackerFailure !== undefined) return Promise.reject(trackerFailure);
      registered.push(hash);
      return Promise.resolve();
    },
    has: () => Promise.resolve(true),
  });
  return new Agent({ peerId, engine, holdings, registrar, release: () => Promise.resolve() });
}

test('seeds a share without hashing it, and registers it', async () => {
  const agent = startAgent();
  const transfer = await agent.addShare({ metainfo, path: '/data/hello.txt' });
  expect(transfer).toMatchObject({ infoHash, state: 'seeding', verifiedBytes: 5, path: '/data/hello.txt' });
  expect(engine.shares.get(infoHash)).toMatchObject({ trackers: ['http://localhost:8000'] });
  expect(disk.calls).not.toContain('check /data/hello.txt');
  expect(registered).toEqual([infoHash]);
});

test('seeds also while the tracker is not there, and says so', async () => {
  const agent = startAgent();
  trackerFailure = new ShoalError('tracker-refused', 'no');
  const adding = agent.addShare({ metainfo, path: '/data/hello.txt' });
  await expect(adding).resolves.toMatchObject({ state: 'seeding', problem: { code: 'tracker-refused' } });
  await agent.shutdown();
});

test('adding the same share twice changes nothing', async () => {
  const agent = startAgent();
  await agent.addShare({ metainfo, path: '/data/hello.txt' });
  expect(await agent.addShare({ metainfo, path: '/data/hello.txt' })).toMatchObject({ state: 'seeding' });
  expect(await agent.addDownload({ metainfo, folder: '/data' })).toMatchObject({ state: 'seeding' });
  expect(disk.calls.filter((call) => call.startsWith('open'))).toHaveLength(1);
});

test('does not pretend to put a share where it is not', async () => {
  const agent = startAgent();
  await agent.addShare({ metainfo, path: '/data/hello.txt' });
  await expect(agent.addDownload({ metainfo, folder: '/other' })).rejects.toMatchObject({
    code: 'already-here',
    message: expect.stringContaining('/data/hello.txt') as unknown,
  });
});

test('forgets a share that could not be opened', async () => {
  const agent = startAgent();
  disk.failure = new ShoalError('not-found', 'opening');
  await expect(agent.addShare({ metainfo, path: '/data/hello.txt' })).rejects.toMatchObject({ code: 'not-found' });
  expect(await agent.transfers()).toEqual([]);
});

test('a share survives a restart without being hashed again, and is registered again', async () => {
  await startAgent().addShare({ metainfo, path: '/data/hello.txt' });
  const agent = startAgent();
  await agent.restore();
  expect(await agent.transfers()).toMatchObject([{ infoHash, state: 'seeding', path: '/data/hello.txt' }]);
  expect(disk.calls).not.toContain('check /data/hello.txt');
  expect(registered).toEqual([infoHash, infoHash]);
});

test('a share that looks changed is checked, and seeded if it is the same after all', async () => {
  await startAgent().addShare({ metainfo, path: '/data/hello.txt' });
  const agent = startAgent();
  disk.currentFingerprint = 'second';
  await agent.restore();
  expect(disk.calls).toContain('check /data/hello.txt');
  expect(await agent.transfers()).toMatchObject([{ state: 'seeding' }]);

  const next = startAgent();
  disk.currentFingerprint = 'second';
  await next.restore();
  expect(disk.calls).not.toContain('check /data/hello.txt');
});

test('a share that has changed is not seeded, and stays in the list with the reason', async () => {
  await startAgent().addShare({ metainfo, path: '/data/hello.txt' });
  const agent = startAgent();
  disk.currentFingerprint = 'second';
  disk.isSameAfterAll = false;
  await agent.restore();
  expect(await agent.transfers()).toMatchObject([{ state: 'failed', problem: { code: 'content-mismatch' } }]);
  expect(engine.shares.size).toBe(0);
});

test('a failed share can be asked for again', async () => {
  await startAgent().addShare({ metainfo, path: '/data/hello.txt' });
  const agent = startAgent();
  disk.currentFingerprint = 'second';
  disk.isSameAfterAll = false;
  await agent.restore();
  await agent.addDownload({ metainfo, folder: '/other' });
  expect(await agent.transfers()).toMatchObject([{ state: 'waiting', path: '/other/hello.txt' }]);
});

test('a download survives a restart and goes on in its folder', async () => {
  await startAgent().addDownload({ metainfo, folder: '/data', tracker: 'localhost:9000' });
  const agent = startAgent();
  await agent.restore();
  expect(disk.calls).toEqual(['download to /data']);
  expect(await agent.transfers()).toMatchObject([{ infoHash, state: 'waiting', path: '/data/hello.txt' }]);
  expect(engine.shares.get(infoHash)?.trackers).toEqual(['http://localhost:8000', 'http://localhost:9000']);
});

test('a finished download is a share after the next restart', async () => {
  const first = startAgent();
  await first.addDownload({ metainfo, folder: '/data' });
  engine.shares.get(infoHash)!.finish();
  const record = join(home, 'shares', `${infoHash}.json`);
  await expect.poll(() => readFile(record, 'utf8')).toContain('"kind":"share"');

  await startAgent().restore();
  expect(disk.calls).toContain('open /data/hello.txt');
});

test('a download knows when this process began it, and when it ended', async () => {
  nowMs = 1_000;
  const agent = startAgent();
  await agent.addDownload({ metainfo, folder: '/data' });
  const share = agent.holdings.get(infoHash);
  expect(share?.download).toEqual({ begunMs: 1_000 });
  nowMs = 4_000;
  engine.shares.get(infoHash)!.finish();
  await expect.poll(() => share?.download).toEqual({ begunMs: 1_000, endedMs: 4_000 });
  const record = join(home, 'shares', `${infoHash}.json`);
  await expect.poll(() => readFile(record, 'utf8')).toContain('"kind":"share"');
  const next = startAgent();
  await next.restore();
  expect(next.holdings.get(infoHash)?.download).toBeUndefined();
});

test('a download that fails for good says why', async () => {
  const agent = startAgent();
  await agent.addDownload({ metainfo, folder: '/data' });
  engine.shares.get(infoHash)!.fail(new ShoalError('disk-full', 'writing'));
  await expect.poll(() => agent.transfers()).toMatchObject([{ state: 'failed', problem: { code: 'disk-full' } }]);
});

test('a removed share is gone for good, and its files are let go', async () => {
  const agent = startAgent();
  await agent.addShare({ metainfo, path: '/data/hello.txt' });
  await agent.remove(infoHash);
  expect([engine.shares.size, disk.closed]).toEqual([0, 1]);
  expect(await agent.transfers()).toEqual([]);
  await expect(agent.remove(infoHash)).rejects.toMatchObject({ code: 'unknown-share' });

  const next = startAgent();
  await next.restore();
  expect(await next.transfers()).toEqual([]);
});

test('a share can be removed while it is taken up after a restart, and is gone for good', async () => {
  await startAgent().addDownload({ metainfo, folder: '/data' });
  const agent = startAgent();
  const { openDownload } = disk;
  let open = (): void => undefined;
  const mayOpen = new Promise<void>((resolve) => (open = resolve));
  disk.openDownload = async (...args) => {
    await mayOpen;
    return openDownload(...args);
  };
  const restoring = agent.restore();
  await expect.poll(() => agent.transfers()).toMatchObject([{ infoHash, state: 'checking' }]);
  await agent.remove(infoHash);
  open();
  await restoring;
  expect(await agent.transfers()).toEqual([]);
  const next = startAgent();
  await next.restore();
  expect(await next.transfers()).toEqual([]);
});

test('every remembered share is there to be removed before the first of them is open', async () => {
  await startAgent().addDownload({ metainfo, folder: '/data' });
  await startAgent().addDownload({ metainfo: aMetainfo('other.txt'), folder: '/data' });
  const agent = startAgent();
  let opened = 0;
  disk.openDownload = () => {
    opened++;
    return new Promise(() => undefined);
  };
  void agent.restore();
  await expect.poll(() => opened).toBe(1);
  expect(await agent.transfers()).toHaveLength(2);
  await Promise.all([agent.remove(infoHash), agent.remove(aMetainfo('other.txt').infoHash)]);
  expect(await agent.transfers()).toEqual([]);
});

test('one remembered share that cannot be read does not hold up the others', async () => {
  await startAgent().addShare({ metainfo, path: '/data/hello.txt' });
  const bad = join(home, 'shares', `${'0'.repeat(64)}.json`);
  await writeFile(bad, 'half');
  const agent = startAgent();
  await agent.restore();
  expect(await agent.transfers()).toMatchObject([{ infoHash, state: 'seeding' }]);
  expect(logged).toContainEqual(expect.stringContaining(bad));
});

test('downloads only from who is there: it waits until a peer sends or has everything', async () => {
  const agent = startAgent();
  await agent.addDownload({ metainfo, folder: '/data' });
  const stranger = { peerId, isSeeder: false, receivedBytes: 0, sentBytes: 0, receivedBytesPerSecond: 0 };
  engine.swarm = { peers: [stranger] };
  expect(await agent.transfers()).toMatchObject([{ state: 'waiting', connectedPeers: 1, sendingPeers: 0 }]);
  engine.swarm = { peers: [{ ...stranger, isSeeder: true, receivedBytesPerSecond: 5 }], receivedBytesPerSecond: 5 };
  expect(await agent.transfers()).toMatchObject([{ state: 'downloading', sendingPeers: 1, secondsLeft: 1 }]);
});

test('a download whose pieces are all there is still being checked', async () => {
  const agent = startAgent();
  await agent.addDownload({ metainfo, folder: '/data' });
  engine.swarm = { isComplete: true, isFinished: false };
  expect(await agent.transfers()).toMatchObject([{ state: 'checking' }]);
});

test('ends the engine once, however often it is asked', async () => {
  const agent = startAgent();
  await Promise.all([agent.shutdown(), agent.shutdown()]);
  expect(engine.isStopped).toBe(true);
});

test('says where each tracker sees it and whether others reach it', async () => {
  const agent = startAgent();
  const reachableAt = { host: '192.0.2.9', port: 5000 };
  const seen = { url: 'http://one:8000', observedHost: '192.0.2.9', reachability: 'reachable', reachableAt } as const;
  const problem = { code: 'tracker-unreachable', message: 'refused', hint: 'start it' } as const;
  const lost = { url: 'http://two:8000', reachability: 'unknown', problem } as const;
  engine.trackers = [seen, lost];
  expect((await agent.status()).trackers).toEqual([
    { ...seen, isConnected: true },
    { ...lost, isConnected: false },
  ]);
});
