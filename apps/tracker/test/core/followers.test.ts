import { beforeEach, describe, expect, it } from 'vitest';
import { DeskWorld, infoHash, type TestAgent } from './desk-world.ts';

let world: DeskWorld;
let follower: TestAgent;

beforeEach(async () => {
  world = new DeskWorld();
  follower = await world.open(1);
  follower.session.follow();
});

/** How often the follower was told since it was last asked. */
function told(): number {
  for (const action of world.pending.splice(0)) action();
  return follower.inbox.splice(0).filter(({ kind }) => kind === 'listed').length;
}

describe('a follower is told', () => {
  it('at once, of what may have come before', () => {
    expect(told()).toBe(1);
  });

  it('when a share gets its first seeder, and not when it gets others or leechers', async () => {
    told();
    const leecher = await world.enter(2, 10);
    expect(told()).toBe(0);
    leecher.session.progress([{ infoHash: infoHash(1), left: 0 }]);
    expect(told()).toBe(1);
    await world.enter(3, 0);
    leecher.session.announce([{ infoHash: infoHash(1), left: 0 }]);
    expect(told()).toBe(0);
  });

  it('when a share that all seeders have left gets one again', async () => {
    const seeder = await world.enter(2, 0);
    seeder.session.close();
    told();
    await world.enter(3, 0);
    expect(told()).toBe(1);
  });

  it('once of all that comes within a moment', async () => {
    told();
    const seeder = await world.open(2);
    for (const n of [1, 2, 3]) seeder.session.announce([{ infoHash: infoHash(n), left: 0 }]);
    expect(world.pending).toHaveLength(1);
    expect(told()).toBe(1);
    seeder.session.announce([{ infoHash: infoHash(4), left: 0 }]);
    expect(told()).toBe(1);
  });
});

describe('nobody is told', () => {
  it('who did not ask', async () => {
    const other = await world.open(2);
    await world.enter(3, 0);
    told();
    expect(other.inbox).toEqual([]);
  });

  it('whose session has ended or was replaced', async () => {
    told();
    follower.session.close();
    await world.enter(3, 0);
    expect([world.pending, told()]).toEqual([[], 0]);
    const [older, newer] = [await world.open(4), await world.open(4)];
    older.session.follow();
    newer.session.follow();
    older.inbox.length = newer.inbox.length = 0;
    await world.enter(5, 0).then(({ session }) => {
      session.announce([{ infoHash: infoHash(2), left: 0 }]);
    });
    told();
    expect([older.inbox, newer.inbox]).toEqual([[], [{ kind: 'listed' }]]);
  });
});
