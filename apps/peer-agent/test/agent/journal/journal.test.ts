import type { SwarmSnapshot, TrackerSnapshot } from '@shoal/engine';
import { peerIdOf, reportError, ShoalError } from '@shoal/protocol';
import { beforeEach, expect, test } from 'vitest';
import type { HeldShare } from '../../../src/agent/held-share.ts';
import { Journal } from '../../../src/agent/journal/journal.ts';
import { aMetainfo } from '../../samples.ts';
import { FakeClock } from '@shoal/engine/testing';
import { LogBook } from '../log-book.ts';

const MiB = 1024 * 1024;
const TRACKER = 'http://localhost:8000';

let clock: FakeClock;
let log: LogBook;
let shares: HeldShare[];
let swarms: SwarmSnapshot[];
let trackers: TrackerSnapshot[];
let journal: Journal;

beforeEach(() => {
  clock = new FakeClock();
  log = new LogBook();
  [shares, swarms, trackers] = [[], [], []];
  journal = new Journal({ shares: () => shares, snapshot: () => ({ swarms, trackers }), clock, log });
});

/** A share of so many bytes, of which the metainfo is told to say so. */
function aShare(name: string, length: number, origin: HeldShare['origin'] = { kind: 'person' }): HeldShare {
  const metainfo = aMetainfo(name);
  const info = { ...metainfo.info, length };
  return { metainfo: { ...metainfo, info }, path: `/data/${name}`, trackers: [TRACKER], origin };
}

function aSwarm({ metainfo }: HeldShare, changes: Partial<SwarmSnapshot> = {}): SwarmSnapshot {
  return {
    infoHash: metainfo.infoHash,
    pieceCount: 1,
    verifiedPieces: 0,
    verifiedBytes: 0,
    isComplete: false,
    isFinished: false,
    receivedBytes: 0,
    sentBytes: 0,
    receivedBytesPerSecond: 0,
    sentBytesPerSecond: 0,
    peers: [],
    ...changes,
  };
}

function aPeer(number: number, changes: Partial<SwarmSnapshot['peers'][number]> = {}): SwarmSnapshot['peers'][number] {
  const peerId = peerIdOf(new Uint8Array(32).fill(number));
  return { peerId, isSeeder: false, receivedBytes: 0, sentBytes: 0, receivedBytesPerSecond: 0, ...changes };
}

const COMPLETE = { isComplete: true, isFinished: true } as const;

/** Shows the journal these swarms after so many seconds; returns the lines that came of it. */
async function after(seconds: number, ...shown: SwarmSnapshot[]): Promise<string[]> {
  await clock.pass(seconds * 1_000);
  swarms = shown;
  const before = log.lines.length;
  journal.look();
  return log.messages().slice(before);
}

test('says in one line what is held from before', async () => {
  shares = [aShare('one', 10), aShare('two', 10)];
  expect(await after(0, ...shares.map((share) => aSwarm(share, COMPLETE)))).toEqual([
    'goes on with 2 shares from before',
  ]);
});

test('tells what is shared and what is withdrawn', async () => {
  await after(0);
  const film = aShare('film.bin', 64 * MiB);
  shares = [film];
  expect(await after(1, aSwarm(film, COMPLETE))).toEqual(['shared film.bin: 64 MiB, 1 file']);
  expect(log.lines.at(-1)?.fields).toEqual({ event: 'shared', infoHash: film.metainfo.infoHash, name: 'film.bin' });
  shares = [];
  expect(await after(1)).toEqual(['withdrew film.bin']);
});

test('says nothing of a share while it is being opened', async () => {
  await after(0);
  shares = [aShare('film.bin', 64 * MiB)];
  expect(await after(1)).toEqual([]);
  expect(await after(1, aSwarm(shares[0]!, COMPLETE))).toEqual(['shared film.bin: 64 MiB, 1 file']);
});

test('tells the whole story of a download', async () => {
  await after(0);
  const film = aShare('film.bin', 100 * MiB);
  shares = [film];
  expect(await after(1, aSwarm(film))).toEqual(['downloading film.bin: 100 MiB, 1 file']);
  const givers = [1, 2].map((number) => aPeer(number, { receivedBytes: 1, receivedBytesPerSecond: 5 * MiB }));
  const moving = { receivedBytesPerSecond: 10 * MiB, peers: [...givers, aPeer(3)] };
  expect(await after(5, aSwarm(film, { ...moving, verifiedBytes: 42.9 * MiB }))).toEqual([
    'downloading film.bin: 42 % at 10 MiB/s from 2 peers, 6s left',
  ]);
  expect(log.lines.at(-1)?.fields).toMatchObject({ event: 'progress', peers: 2, secondsLeft: 6, length: 100 * MiB });
  const last = { receivedBytes: 100 * MiB, peers: [aPeer(4, { receivedBytes: 5 })] };
  expect(await after(5, aSwarm(film, { ...COMPLETE, ...last }))).toEqual([
    'complete and verified film.bin in 10s, at 10 MiB/s from 3 peers',
  ]);
});

test('tells of a copy that was complete before anybody looked', async () => {
  await after(0);
  shares = [aShare('film.bin', 5, { kind: 'mirrored', registeredAt: '2026-01-01T00:00:00.000Z' })];
  expect(await after(1, aSwarm(shares[0]!, COMPLETE))).toEqual(['complete and verified film.bin']);
});

test('tells of a download that was over before anybody looked, without a rate that nobody measured', async () => {
  await after(0);
  shares = [aShare('film.bin', 5, { kind: 'mirrored', registeredAt: '2026-01-01T00:00:00.000Z' })];
  const peers = [aPeer(1, { receivedBytes: 3 }), aPeer(2, { receivedBytes: 2 }), aPeer(3)];
  expect(await after(1, aSwarm(shares[0]!, { ...COMPLETE, receivedBytes: 5, peers }))).toEqual([
    'complete and verified film.bin in less than a second, from 2 peers',
  ]);
});

test('tells how far a download is every five seconds, and nothing in its first second', async () => {
  await after(0);
  const film = aShare('film.bin', 100 * MiB);
  shares = [film];
  const moving = aSwarm(film, { receivedBytesPerSecond: MiB, peers: [aPeer(1)] });
  const lines: number[] = [];
  for (let second = 0; second <= 12; second++) lines.push((await after(second === 0 ? 0 : 1, moving)).length);
  expect(lines).toEqual([1, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0]);
});

test('takes turns when many downloads move: three lines a second, each gets its turn', async () => {
  await after(0);
  shares = Array.from({ length: 12 }, (_, number) => aShare(`share-${number}`, 100 * MiB));
  const moving = shares.map((share) => aSwarm(share, { receivedBytesPerSecond: MiB, peers: [aPeer(1)] }));
  await after(1, ...moving);
  const told = new Set<string>();
  for (let second = 0; second < 4; second++) {
    const lines = await after(1, ...moving);
    expect(lines).toHaveLength(3);
    for (const line of lines) told.add(line);
  }
  expect(told.size).toBe(12);
});

test('tells who seeds how much goes out, unless it is next to nothing', async () => {
  await after(0);
  const film = aShare('film.bin', 64 * MiB);
  shares = [film];
  await after(1, aSwarm(film, COMPLETE));
  const peers = [aPeer(1), aPeer(2), aPeer(3, { isSeeder: true })];
  const sending = { ...COMPLETE, sentBytes: 20 * MiB, peers };
  expect(await after(5, aSwarm(film, { ...sending, sentBytesPerSecond: 40 }))).toEqual([]);
  expect(await after(5, aSwarm(film, { ...sending, sentBytesPerSecond: 2 * MiB }))).toEqual([
    'sending film.bin at 2 MiB/s to 2 peers, 20 MiB so far',
  ]);
});

test('says once that it waits for a seeder, and again only after it went on', async () => {
  await after(0);
  const film = aShare('film.bin', 64 * MiB);
  shares = [film];
  const waiting = aSwarm(film);
  await after(1, waiting);
  expect(await after(1, waiting)).toEqual([]);
  expect(await after(3, waiting)).toEqual(['waiting for a seeder of film.bin']);
  expect(await after(60, waiting)).toEqual([]);
  await after(1, aSwarm(film, { peers: [aPeer(1, { isSeeder: true })] }));
  await after(1, waiting);
  expect(await after(3, waiting)).toEqual(['waiting for a seeder of film.bin']);
});

test('says of a download that was given up that it is let go', async () => {
  await after(0);
  const film = aShare('film.bin', 64 * MiB);
  shares = [film];
  await after(1, aSwarm(film));
  shares = [];
  expect(await after(1)).toEqual(['let go of film.bin']);
});

test('says once that a tracker is lost and once that it is back, whoever finds out', async () => {
  const problem = reportError(new ShoalError('tracker-unreachable', 'connecting: ECONNREFUSED'));
  const there = { url: TRACKER, reachability: 'unknown' } as const;
  trackers = [there];
  expect(await after(0)).toEqual([]);
  journal.tellTracker(TRACKER, 'call', problem);
  trackers = [{ ...there, problem }];
  await after(1);
  await after(1);
  expect(log.messages()).toEqual([`cannot reach the tracker ${TRACKER}: connecting: ECONNREFUSED; it is tried again`]);
  trackers = [there];
  expect(await after(1)).toEqual([]);
  journal.tellTracker(TRACKER, 'call', undefined);
  expect(log.messages().at(-1)).toBe(`the tracker ${TRACKER} is there again`);
  expect(log.lines.map(({ fields }) => fields.event)).toEqual(['tracker-lost', 'tracker-back']);
});

test('says once why a download stands still, and that it is tried again', async () => {
  await after(0);
  const film = aShare('film.bin', 64 * MiB);
  const problem = reportError(new ShoalError('disk-full', 'writing piece 3 of film.bin: ENOSPC'));
  shares = [film];
  await after(1, aSwarm(film));
  expect(await after(1, aSwarm(film, { problem }))).toEqual([
    'film.bin stands still: writing piece 3 of film.bin: ENOSPC; it is tried again',
  ]);
  expect(log.warned).toEqual(['disk-full']);
  await after(1, aSwarm(film));
  expect(await after(1, aSwarm(film, { problem }))).toEqual([]);
});
