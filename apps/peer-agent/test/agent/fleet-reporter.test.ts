import type { Watch } from '@shoal/client';
import { LIMITS, peerIdOf } from '@shoal/protocol';
import { beforeEach, describe, expect, it } from 'vitest';
import { PIECE_BYTES, ReporterWorld } from './reporter-world.ts';

const IDLE: Watch = { isLookedAt: false, infoHashes: [] };
const LOOKED_AT: Watch = { isLookedAt: true, infoHashes: [] };
const feeder = peerIdOf(new Uint8Array([9]));
const sends = (receivedBytesPerSecond: number) => [
  { peerId: feeder, isSeeder: true, receivedBytes: 1, sentBytes: 0, receivedBytesPerSecond },
];
let world: ReporterWorld;
beforeEach(() => {
  world = new ReporterWorld();
});

describe('while somebody looks', () => {
  it('all is told once, then what has changed', async () => {
    const [film, photos] = [world.hold('film'), world.hold('photos', { isSeeding: true })];
    world.watch(LOOKED_AT);
    expect(await world.pass()).toEqual([
      { infoHash: film, state: 'waiting', left: 4 * PIECE_BYTES, receivedBytesPerSecond: 0, sentBytesPerSecond: 0 },
      { infoHash: photos, state: 'seeding', left: 0, receivedBytesPerSecond: 0, sentBytesPerSecond: 0 },
    ]);
    expect(await world.pass(3)).toEqual([]);
    world.happen(film, { receivedBytesPerSecond: PIECE_BYTES + 0.4, peers: sends(PIECE_BYTES) }, [1]);
    expect(await world.pass()).toEqual([
      {
        infoHash: film,
        state: 'downloading',
        left: 3 * PIECE_BYTES,
        receivedBytesPerSecond: PIECE_BYTES,
        sentBytesPerSecond: 0,
        secondsLeft: 3,
      },
    ]);
    expect(world.messages).toBe(2);
  });

  it('a rate that falls without an event is told until it is nothing', async () => {
    const film = world.hold('film', { isSeeding: true });
    world.watch(LOOKED_AT);
    world.happen(film, { sentBytesPerSecond: 10 });
    expect(await world.pass()).toMatchObject([{ sentBytesPerSecond: 10 }]);
    const swarm = world.swarms.get(film)!;
    swarm.snapshot = { ...swarm.snapshot, sentBytesPerSecond: 0 };
    expect(await world.pass()).toMatchObject([{ sentBytesPerSecond: 0 }]);
    expect(await world.pass()).toEqual([]);
  });

  it('shares in which nothing happens are not looked at again', async () => {
    for (let n = 0; n < 100; n++) world.hold(`share ${String(n)}`, { isSeeding: true });
    world.watch(LOOKED_AT);
    expect(await world.pass()).toHaveLength(100);
    world.looks = 0;
    await world.pass(10);
    expect(world.looks).toBe(0);
  });

  it('a problem is told in few words', async () => {
    const film = world.hold('film');
    const long = 'x'.repeat(LIMITS.lastWordsLength + 1);
    world.shares[0]!.problem = { code: 'disk-full', message: long, hint: 'make room' };
    world.watch(LOOKED_AT);
    const problem = { code: 'disk-full', message: long.slice(1), hint: 'make room' };
    expect(await world.pass()).toMatchObject([{ infoHash: film, state: 'failed', problem }]);
  });

  it('a share that is being opened is told of, with nothing verified', async () => {
    const film = world.hold('film');
    world.swarms.delete(film);
    world.watch({ isLookedAt: true, infoHashes: [film] });
    expect(await world.pass(2)).toMatchObject([{ infoHash: film, state: 'checking', left: 4 * PIECE_BYTES }]);
  });

  it('how long a download takes is told, until it ended', async () => {
    const film = world.hold('film');
    const share = world.shares[0]!;
    share.download = { begunMs: world.clock.now() };
    world.watch(LOOKED_AT);
    await world.pass(2);
    world.happen(film, {}, [0]);
    expect(await world.pass()).toMatchObject([{ seconds: 3 }]);
    share.download = { ...share.download, endedMs: share.download.begunMs + 3_140 };
    world.happen(film, {}, [1, 2, 3]);
    expect(await world.pass()).toMatchObject([{ seconds: 3.1, state: 'seeding' }]);
  });

  it('only the trackers of a share are told of it', async () => {
    world.hold('film', { trackers: ['http://other.example'] });
    world.watch(LOOKED_AT);
    expect(await world.pass()).toEqual([]);
    world.watch(LOOKED_AT, 'http://other.example');
    expect(await world.pass()).toHaveLength(1);
  });

  it('a share that went and came back is told anew', async () => {
    world.hold('film', { isSeeding: true });
    world.hold('photos', { isSeeding: true });
    world.watch(LOOKED_AT);
    await world.pass();
    const [film] = world.shares.splice(0, 1);
    expect(await world.pass()).toEqual([]);
    world.shares.push(film!);
    expect(await world.pass()).toHaveLength(1);
  });
});

describe('of a share at which somebody looks', () => {
  it('all pieces are told first, then those that came', async () => {
    const film = world.hold('film');
    world.happen(film, {}, [0]);
    world.watch({ isLookedAt: true, infoHashes: [film] });
    expect(await world.pass()).toMatchObject([
      { pieces: { bits: world.swarms.get(film)!.pieces.toBase64() }, feeders: [] },
    ]);
    world.happen(film, { receivedBytesPerSecond: 5, peers: sends(5.4) }, [2, 3]);
    expect(await world.pass()).toMatchObject([{ pieces: { gained: [2, 3] }, feeders: [[feeder, 5]] }]);
    world.happen(film, { receivedBytesPerSecond: 6, peers: sends(6) });
    const [report] = await world.pass();
    expect([report?.pieces, report?.feeders]).toEqual([undefined, [[feeder, 6]]]);
  });

  it('of others neither pieces nor feeders are told', async () => {
    const film = world.hold('film');
    world.watch(LOOKED_AT);
    world.happen(film, { receivedBytesPerSecond: 5, peers: sends(5) }, [2]);
    const [report] = await world.pass();
    expect([report?.pieces, report?.feeders]).toEqual([undefined, undefined]);
  });

  it.each([
    ['as many pieces as a list may hold are named', LIMITS.listEntries, 'gained'],
    ['of more all are told again', LIMITS.listEntries + 1, 'bits'],
  ])('%s', async (_what, count, kind) => {
    const film = world.hold('film', { pieceCount: LIMITS.listEntries + 2 });
    world.watch({ isLookedAt: true, infoHashes: [film] });
    await world.pass();
    world.happen(
      film,
      {},
      Array.from({ length: count }, (_, piece) => piece),
    );
    expect(Object.keys((await world.pass())[0]?.pieces ?? {})).toEqual([kind]);
  });

  it('all pieces are told again when somebody looks again', async () => {
    const film = world.hold('film', { isSeeding: true });
    const watched = { isLookedAt: true, infoHashes: [film] };
    world.watch(watched);
    await world.pass();
    world.watch(LOOKED_AT);
    world.watch(watched);
    expect(await world.pass()).toMatchObject([{ pieces: { bits: '8A==' } }]);
  });
});

describe('while nobody looks', () => {
  it('only what a transfer came to is told', async () => {
    const film = world.hold('film');
    world.watch(IDLE);
    expect(await world.pass()).toEqual([]);
    world.happen(film, { receivedBytesPerSecond: 5 }, [1]);
    expect(await world.pass()).toMatchObject([{ state: 'downloading' }]);
    world.happen(film, { receivedBytesPerSecond: 7 }, [2]);
    expect(await world.pass()).toEqual([]);
    world.happen(film, {}, [0, 3]);
    expect(await world.pass()).toMatchObject([{ state: 'seeding' }]);
  });

  it('a problem is told at once, and once', async () => {
    const film = world.hold('film');
    world.shares[0]!.problem = { code: 'disk-full', message: 'no room', hint: '' };
    world.watch(IDLE);
    expect(await world.pass()).toMatchObject([{ infoHash: film, problem: { code: 'disk-full' } }]);
    expect(await world.pass(3)).toEqual([]);
  });

  it('is told all again when somebody looks again', async () => {
    world.hold('film', { isSeeding: true });
    world.watch(LOOKED_AT);
    await world.pass();
    world.watch(IDLE);
    expect(await world.pass()).toEqual([]);
    world.watch(LOOKED_AT);
    expect(await world.pass()).toHaveLength(1);
  });
});

describe('a session', () => {
  it('in which nothing was asked is told nothing, and no time is spent', async () => {
    world.hold('film');
    expect(await world.pass(3)).toEqual([]);
    expect([world.looks, world.clock.openTimers]).toEqual([0, 0]);
  });

  it('that was lost is told nothing, and the next one all', async () => {
    world.hold('film', { isSeeding: true });
    world.watch(LOOKED_AT);
    await world.pass();
    world.watch(undefined);
    expect(await world.pass(2)).toEqual([]);
    expect(world.clock.openTimers).toBe(0);
    world.watch(LOOKED_AT);
    expect(await world.pass()).toHaveLength(1);
  });

  it('is told nothing once the agent stops', async () => {
    world.hold('film');
    world.watch(LOOKED_AT);
    world.reporter.stop();
    world.watch(LOOKED_AT);
    expect(await world.pass(2)).toEqual([]);
    expect(world.clock.openTimers).toBe(0);
  });
});
