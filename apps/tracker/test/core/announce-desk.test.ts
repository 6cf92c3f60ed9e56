import type { ShoalError } from '@shoal/protocol';
import { describe, expect, it } from 'vitest';
import { DeskWorld, infoHash, LEASE_MS, peerId, settled } from './desk-world.ts';

const SHARE = infoHash(1);

function announceOf(n: number, left: number) {
  return { peerId: peerId(n), port: 4_000 + n, event: 'update' as const, swarms: [{ infoHash: SHARE, left }] };
}

describe('progress', () => {
  it('changes who counts as a seeder', async () => {
    const world = new DeskWorld();
    const agent = await world.enter(1, 10);
    expect(world.registry.counts(SHARE)).toEqual({ seeders: 0, leechers: 1 });
    agent.session.progress([{ infoHash: SHARE, left: 0 }]);
    expect(world.registry.counts(SHARE)).toEqual({ seeders: 1, leechers: 0 });
  });

  it('in a swarm that was not entered is ignored', async () => {
    const world = new DeskWorld();
    const agent = await world.open(1);
    agent.session.progress([{ infoHash: SHARE, left: 0 }]);
    expect(world.registry.swarmCount).toBe(0);
  });
});

describe('a second session of the same agent', () => {
  it('replaces the first, which has no say any more', async () => {
    const world = new DeskWorld();
    const first = await world.enter(1, 10);
    const second = await world.enter(1, 10);
    expect([first.isReplaced(), second.isReplaced()]).toEqual([true, false]);
    first.session.announce([{ infoHash: infoHash(2), left: 1 }]);
    first.session.progress([{ infoHash: SHARE, left: 0 }]);
    first.session.leave([SHARE]);
    first.session.close();
    expect(world.registry.counts(SHARE)).toEqual({ seeders: 0, leechers: 1 });
    expect(world.registry.swarmCount).toBe(1);
  });

  it('is told of everybody again', async () => {
    const world = new DeskWorld();
    const seeder = await world.enter(1, 0);
    await world.enter(2, 10);
    const again = await world.enter(2, 10);
    expect(again.known()).toEqual([seeder.peerId]);
  });

  it('keeps only the swarms that it confirms', async () => {
    const world = new DeskWorld();
    const first = await world.enter(1, 10);
    first.session.announce([{ infoHash: infoHash(2), left: 1 }]);
    await world.enter(1, 10);
    world.now += LEASE_MS;
    world.desk.keepHouse();
    expect(world.registry.swarm(SHARE)).toBeDefined();
    expect(world.registry.swarm(infoHash(2))).toBeUndefined();
  });
});

describe('an announce by HTTP', () => {
  it('answers counts and peers, and pushes the newcomer', async () => {
    const world = new DeskWorld();
    const leecher = await world.enter(1, 10);
    const swarms = world.desk.announce(announceOf(2, 0), '10.0.0.2');
    await settled();
    const peers = [{ peerId: leecher.peerId, host: '10.0.0.1', port: 4_001 }];
    expect(swarms).toEqual([{ infoHash: SHARE, seeders: 1, leechers: 1, peers }]);
    expect(leecher.known()).toEqual([peerId(2)]);
  });

  it('is forgotten when nobody repeats it', () => {
    const world = new DeskWorld();
    const source = '10.0.0.2';
    world.desk.announce(announceOf(2, 0), source);
    world.now += LEASE_MS - 1;
    world.desk.keepHouse();
    expect(world.registry.swarmCount).toBe(1);
    world.desk.announce(announceOf(2, 0), source);
    world.now += LEASE_MS - 1;
    world.desk.keepHouse();
    expect(world.registry.swarmCount).toBe(1);
    world.now += 1;
    world.desk.keepHouse();
    expect(world.registry.swarmCount).toBe(0);
    expect(world.registry.peerCount).toBe(0);
  });

  it('that only confirms what is known is not noted again', async () => {
    const world = new DeskWorld();
    const leecher = { ...announceOf(2, 10), port: 4_002 };
    world.desk.announce(leecher, '10.0.0.2');
    await settled();
    expect([...world.notes.values()]).toEqual([
      { infoHash: SHARE, peerId: peerId(2), host: '10.0.0.2', port: 4_002, left: 10 },
    ]);
    world.notes.clear();
    world.desk.announce(leecher, '10.0.0.2');
    await settled();
    expect(world.notes.size).toBe(0);
    world.desk.announce({ ...leecher, swarms: [{ infoHash: SHARE, left: 9 }] }, '10.0.0.2');
    expect([...world.notes.values()].map(({ left }) => left)).toEqual([9]);
  });

  it('from elsewhere is noted there once the tracker has reached it', async () => {
    const world = new DeskWorld();
    world.desk.announce(announceOf(2, 10), '10.0.0.2');
    await settled();
    world.desk.announce(announceOf(2, 10), '10.0.0.3');
    await settled();
    expect([...world.notes.values()].map(({ host }) => host)).toEqual(['10.0.0.3']);
  });

  it('that says stopped leaves', () => {
    const world = new DeskWorld();
    const source = '10.0.0.2';
    world.desk.announce(announceOf(2, 0), source);
    const swarms = world.desk.announce({ ...announceOf(2, 0), event: 'stopped' }, source);
    expect(swarms).toEqual([{ infoHash: SHARE, seeders: 0, leechers: 0, peers: [] }]);
    expect(world.registry.peerCount).toBe(0);
  });

  it('changes nothing for an agent that has a session', async () => {
    const world = new DeskWorld();
    await world.enter(1, 10);
    world.desk.announce({ ...announceOf(1, 0), event: 'stopped' }, '10.9.9.9');
    world.desk.announce(announceOf(1, 0), '10.9.9.9');
    expect(world.registry.counts(SHARE)).toEqual({ seeders: 0, leechers: 1 });
    expect(world.registry.peer(peerId(1)).reached?.address.host).toBe('10.0.0.1');
  });

  it('is refused when the tracker is full, and leaves nothing behind', () => {
    const world = new DeskWorld({ capacity: 1 });
    world.desk.announce(announceOf(1, 0), '10.0.0.1');
    const announce = () => world.desk.announce(announceOf(2, 0), '10.0.0.2');
    expect(announce).toThrow(expect.objectContaining({ code: 'overloaded' } satisfies Partial<ShoalError>));
    expect(world.registry.peerCount).toBe(1);
  });
});

describe('after a restart', () => {
  const past = { infoHash: SHARE, peerId: peerId(1), host: '10.0.0.1', port: 4_001, left: 0 };

  it('the peers of before are handed out at once', async () => {
    const world = new DeskWorld();
    world.desk.restore([past]);
    const leecher = await world.enter(2, 10);
    expect(leecher.known()).toEqual([peerId(1)]);
  });

  it('a peer that comes back where it was is not told of again', async () => {
    const world = new DeskWorld();
    world.desk.restore([past]);
    const leecher = await world.enter(2, 10);
    await world.enter(1, 0);
    expect(leecher.inbox).toHaveLength(1);
  });

  it('a peer that cannot be dialled is told whom to dial when it comes back', async () => {
    const world = new DeskWorld();
    world.desk.restore([{ ...past, port: 0 }]);
    const leecher = await world.enter(2, 10);
    const hidden = await world.enter(1, 0, { isReachable: false });
    expect(hidden.dials()).toEqual([leecher.peerId]);
  });

  it('a peer that could not be dialled is counted, not handed out', async () => {
    const world = new DeskWorld();
    world.desk.restore([{ ...past, port: 0 }]);
    const leecher = await world.enter(2, 10);
    expect(world.registry.counts(SHARE)).toEqual({ seeders: 1, leechers: 1 });
    expect(leecher.known()).toEqual([]);
  });

  it('those who come back stay, and the others expire', async () => {
    const world = new DeskWorld();
    world.desk.restore([past, { ...past, peerId: peerId(2) }]);
    await world.enter(1, 0);
    world.now += LEASE_MS;
    world.desk.keepHouse();
    expect(world.registry.swarm(SHARE)?.members.items.map(({ peer }) => peer.peerId)).toEqual([peerId(1)]);
  });

  it('what is noted is where each peer was last', async () => {
    const world = new DeskWorld();
    await world.enter(1, 0);
    await world.enter(2, 7, { isReachable: false });
    expect([...world.notes.values()]).toEqual([
      past,
      { infoHash: SHARE, peerId: peerId(2), host: '10.0.0.2', port: 0, left: 7 },
    ]);
  });
});
