import { describe, expect, it } from 'vitest';
import { contactOf } from '../../src/core/contact.ts';
import { DeskWorld, infoHash, settled } from './desk-world.ts';

const SHARE = infoHash(1);

describe('a peer that could not be reached', () => {
  it('is tried again after 5 s, then less and less often, at last every minute, while its session lives', async () => {
    const world = new DeskWorld();
    const waiting = await world.enter(1, 10);
    const seeder = await world.enter(2, 0, { isReachable: false });
    const gone = await world.enter(3, 0, { isReachable: false });
    gone.session.close();
    const tried = world.probes.length;
    for (const [round, pause] of [5_000, 10_000, 20_000, 40_000, 60_000, 60_000].entries()) {
      world.now += pause - 1;
      world.desk.keepHouse();
      expect(world.probes).toHaveLength(tried + round);
      world.now += 1;
      if (round === 5) world.unreachable.clear();
      world.desk.keepHouse();
      await settled();
      expect(world.probes).toHaveLength(tried + round + 1);
      expect(waiting.known()).toEqual(round === 5 ? [seeder.peerId] : []);
    }
  });

  it('is tried again when it announces after a while', async () => {
    const world = new DeskWorld();
    const waiting = await world.enter(1, 10);
    const seeder = await world.enter(2, 0, { isReachable: false });
    world.unreachable.clear();
    seeder.session.announce([{ infoHash: SHARE, left: 0 }]);
    await settled();
    expect(waiting.known()).toEqual([]);
    world.now += 5_000;
    seeder.session.announce([{ infoHash: SHARE, left: 0 }]);
    await settled();
    expect(waiting.known()).toEqual([seeder.peerId]);
  });
});

describe('a peer that was reached', () => {
  it('is tried again when it announces after a minute, and taken back where it is gone', async () => {
    const world = new DeskWorld();
    const seeder = await world.enter(1, 0);
    world.unreachable.add('10.0.0.1');
    world.now += 59_999;
    seeder.session.announce([{ infoHash: SHARE, left: 0 }]);
    await settled();
    expect(seeder.reachability).toHaveLength(1);
    world.now += 1;
    seeder.session.announce([{ infoHash: SHARE, left: 0 }]);
    await settled();
    const leecher = await world.enter(2, 10);
    expect(leecher.known()).toEqual([]);
    expect(seeder.dials()).toEqual([leecher.peerId]);
  });

  it('stays where it was when it answers and cannot say who it is', async () => {
    const world = new DeskWorld();
    const seeder = await world.enter(1, 0);
    world.isUndecided = true;
    await world.enter(1, 0);
    const leecher = await world.enter(2, 10);
    expect(leecher.known()).toEqual([seeder.peerId]);
    expect(world.registry.peer(leecher.peerId).reached).toBeUndefined();
  });
});

describe('an agent', () => {
  it('is told where others reach it, or that they do not', async () => {
    const world = new DeskWorld();
    const reachable = await world.open(1);
    const hidden = await world.open(2, { isReachable: false });
    const silent = await world.open(3, { port: 0 });
    expect(reachable.reachability).toEqual([{ host: '10.0.0.1', port: 4_001 }]);
    expect(hidden.reachability).toEqual([undefined]);
    expect(silent.reachability).toEqual([undefined]);
  });

  it('is told once, and again when that changes', async () => {
    const world = new DeskWorld();
    const agent = await world.open(1, { isReachable: false });
    world.now += 60_000;
    world.desk.keepHouse();
    await settled();
    expect(agent.reachability).toEqual([undefined]);
    world.unreachable.clear();
    world.now += 60_000;
    world.desk.keepHouse();
    await settled();
    expect(agent.reachability).toEqual([undefined, { host: '10.0.0.1', port: 4_001 }]);
  });

  it('is told in every session, not before it was tried', async () => {
    const world = new DeskWorld();
    await world.open(1);
    world.holdProbes();
    const again = await world.open(1);
    expect(again.reachability).toEqual([]);
    await world.letProbesEnd();
    expect(again.reachability).toEqual([{ host: '10.0.0.1', port: 4_001 }]);
  });

  it('that moved while it was tried is judged by where it is now', async () => {
    const world = new DeskWorld();
    world.unreachable.add('10.0.0.1');
    world.holdProbes();
    await world.open(1);
    const moved = world.openAtOnce(1, contactOf('10.0.9.9', { port: 4_001 }));
    await world.letProbesEnd();
    expect(moved.reachability).toEqual([{ host: '10.0.9.9', port: 4_001 }]);
  });
});
