import { describe, expect, it } from 'vitest';
import { ShoalError } from '@shoal/protocol';
import { play } from '../../src/swarms/play.ts';
import { tellStory, type Move, type Role, type Story } from '../../src/swarms/story.ts';

const MIB = 1024 * 1024;
const LINE = { upBytesPerSecond: MIB / 4, downBytesPerSecond: MIB, latencyMs: 5 };

function aRole(options: Role['options'] = {}, ...moves: Move[]): Role {
  return { options: { ...LINE, ...options }, comesMs: 0, writeMs: 0, moves };
}

/** Sixteen pieces of 64 KiB: four seconds from one source to one leecher. */
function aStory(cast: readonly Role[], story: Partial<Story> = {}): Story {
  const share = { shareBytes: MIB, pieceBytes: 64 * 1024 };
  return { seed: 1, ...share, cast, partition: undefined, lastMoveMs: 0, ...story };
}

const SEEDER = aRole({ has: 'all' });
const LEECHER = aRole();

describe('a story ends well', () => {
  it('when all have everything', async () => {
    expect((await play(aStory([SEEDER, LEECHER, LEECHER]))).breach).toBeUndefined();
  });

  it('when all have what there is', async () => {
    const halves = [aRole({ has: [0, 1, 2, 3] }), aRole({ has: [3, 4, 5] })];
    expect((await play(aStory(halves))).breach).toBeUndefined();
  });

  it.each<Move>([
    { kind: 'kill', atMs: 2_000, backAfterMs: 3_000 },
    { kind: 'pause', atMs: 2_000, forMs: 3_000 },
    { kind: 'stand-still', atMs: 2_000, how: 'stopped', forMs: 70_000 },
    { kind: 'stand-still', atMs: 2_000, how: 'suspended', forMs: 70_000 },
    { kind: 'full-disk', atMs: 2_000, forMs: 20_000 },
    { kind: 'write-error', atMs: 2_000 },
  ])('though this befalls a leecher: $kind', async (move) => {
    const { breach } = await play(aStory([SEEDER, aRole({}, move)], { lastMoveMs: 80_000 }));
    expect(breach).toBeUndefined();
  });

  it('when all are gone', async () => {
    const gone = { kind: 'stop', atMs: 1_000 } as const;
    const { breach } = await play(aStory([aRole({ has: 'all' }, gone), aRole({}, gone)], { lastMoveMs: 1_000 }));
    expect(breach).toBeUndefined();
  });

  it('though a leecher stands still nearly all the time', async () => {
    const still = (atMs: number): Move => ({ kind: 'stand-still', atMs, how: 'stopped', forMs: 70_000 });
    const cast = [SEEDER, aRole({}, still(500), still(70_600))];
    expect((await play(aStory(cast, { lastMoveMs: 140_600 }))).breach).toBeUndefined();
  });

  it('though a partition stands for longer than connections do', async () => {
    const partition = { atMs: 1_000, forMs: 90_000, who: [1] };
    expect((await play(aStory([SEEDER, LEECHER], { partition, lastMoveMs: 91_000 }))).breach).toBeUndefined();
  });
});

describe('it is noticed that', () => {
  it('somebody says that it has what it does not hold', async () => {
    const ending = await play(aStory([SEEDER, LEECHER]), ({ name, life }, { world }) => {
      if (name === 'agent 1') world.after(1_000, () => life?.transfer.have.add(15));
    });
    expect(ending.breach).toContain('agent 1 says that it has piece 15, and does not hold it');
  });

  it('a piece was stored that is not right', async () => {
    const { breach } = await play(aStory([SEEDER, LEECHER]), ({ name, life }) => {
      const wrong = [new Uint8Array(64 * 1024).fill(1)];
      if (name === 'agent 1') void life?.transfer.store.writePiece(0, wrong).then(() => life.transfer.have.add(0));
    });
    expect(breach).toContain('agent 1 says that it has piece 0, and does not hold it');
  });

  it('a piece is fetched twice', async () => {
    const { breach } = await play(aStory([SEEDER, LEECHER]), ({ name, life }) => {
      const zeros = [new Uint8Array(64 * 1024)];
      if (name === 'agent 1') void life?.transfer.store.writePiece(3, zeros);
    });
    expect(breach).toContain('agent 1 fetched piece 3 twice');
  });

  it('somebody sends what it does not hold', async () => {
    const { breach } = await play(aStory([SEEDER, LEECHER]), ({ name, life }) => {
      if (name === 'agent 0') life?.witness.holds.delete(0);
    });
    expect(breach).toBeDefined();
  });

  it('nobody gets on, though somebody has what others lack', async () => {
    const { breach } = await play(aStory([SEEDER, LEECHER]), ({ name, life }) => {
      if (name === 'agent 0' && life !== undefined) life.transfer.store.readBlock = () => new Promise(() => undefined);
    });
    expect(breach).toContain('agent 1 gains nothing, and agent 0 has what it lacks');
  });

  it('somebody never finishes', async () => {
    const { breach } = await play(aStory([SEEDER, LEECHER]), ({ name, life }) => {
      if (name === 'agent 1' && life !== undefined) life.transfer.store.finish = () => new Promise(() => undefined);
    });
    expect(breach).toContain('at the end agent 1 has all pieces and is not finished');
  });

  it('somebody withdraws a share that is whole', async () => {
    const { breach } = await play(aStory([SEEDER, LEECHER]), ({ name, life }) => {
      if (name === 'agent 0' && life !== undefined)
        life.transfer.store.readBlock = () => Promise.reject(new ShoalError('storage-failed', 'reading'));
    });
    expect(breach).toContain('agent 0 withdraws');
  });
});

describe('a seed', () => {
  it('tells the same story, and its play is the same message for message', async () => {
    expect(tellStory(7)).toEqual(tellStory(7));
    const [first, second, other] = [await play(tellStory(7)), await play(tellStory(7)), await play(tellStory(8))];
    expect(first).toEqual(second);
    expect(other.digest).not.toBe(first.digest);
  });
});
