import { LIMITS } from '@shoal/protocol';
import { describe, expect, it } from 'vitest';
import { contactOf } from '../../src/core/contact.ts';
import { DeskWorld, infoHash, peerId, settled } from './desk-world.ts';

const SHARE = infoHash(1);

describe('a newcomer', () => {
  it('is handed those who are there', async () => {
    const world = new DeskWorld();
    const seeder = await world.enter(1, 0);
    const leecher = await world.enter(2, 10);
    expect(leecher.inbox).toEqual([
      {
        kind: 'peers',
        infoHash: SHARE,
        added: [{ peerId: seeder.peerId, host: '10.0.0.1', port: 4_001 }],
        removed: [],
      },
    ]);
  });

  it('is pushed to the leechers that wait, in the very call that announces it', async () => {
    const world = new DeskWorld();
    const waiting = await world.enter(1, 10);
    const seeder = await world.open(2);
    expect(waiting.known()).toEqual([]);
    seeder.session.announce([{ infoHash: SHARE, left: 0 }]);
    expect(waiting.known()).toEqual([seeder.peerId]);
  });

  it('that is a seeder neither tells seeders nor is told of them', async () => {
    const world = new DeskWorld();
    const first = await world.enter(1, 0);
    const second = await world.enter(2, 0);
    expect([...first.inbox, ...second.inbox]).toEqual([]);
  });

  it('is not pushed to a seeder, which is dialled instead of dialling', async () => {
    const world = new DeskWorld();
    const seeder = await world.enter(1, 0);
    await world.enter(2, 10);
    expect(seeder.inbox).toEqual([]);
  });

  it('gets its hand-out before its own address is checked', async () => {
    const world = new DeskWorld();
    const seeder = await world.enter(1, 0);
    world.holdProbes();
    const leecher = await world.enter(2, 10);
    expect(leecher.known()).toEqual([seeder.peerId]);
  });

  it('is handed out only once its address is checked', async () => {
    const world = new DeskWorld();
    const waiting = await world.enter(1, 10);
    world.holdProbes();
    const seeder = await world.enter(2, 0);
    expect(waiting.known()).toEqual([]);
    await world.letProbesEnd();
    expect(waiting.known()).toEqual([seeder.peerId]);
  });

  it('is not pushed to a leecher that knows enough leechers, but is when it is a seeder', async () => {
    const world = new DeskWorld();
    for (let n = 1; n <= LIMITS.handOutPeers; n++) await world.enter(n, 10);
    const patient = await world.enter(0, 10);
    for (let n = 60; n < 80; n++) await world.enter(n, 10);
    expect(patient.known()).toHaveLength(LIMITS.handOutPeers);
    const seeder = await world.enter(100, 0);
    expect(patient.known()).toContain(seeder.peerId);
  });

  it('dials a leecher that it was handed and reaches for sure, which is not told to dial as well', async () => {
    const world = new DeskWorld();
    const first = await world.enter(1, 10);
    const second = await world.enter(2, 10);
    expect([first.inbox, second.known()]).toEqual([[], [first.peerId]]);
  });

  it('is told of by the tracker to a leecher that it may not get through to', async () => {
    const world = new DeskWorld();
    const first = await world.enter(1, 10);
    const second = await world.enter(2, 10, { source: '203.0.113.7' });
    expect([first.known(), second.known()]).toEqual([[second.peerId], [first.peerId]]);
  });
});

describe('a peer that cannot be reached', () => {
  it('is not handed out, and dials whom it is handed', async () => {
    const world = new DeskWorld();
    const reachable = await world.enter(1, 10);
    const hidden = await world.enter(2, 10, { isReachable: false });
    expect(reachable.inbox).toEqual([]);
    expect(hidden.known()).toEqual([reachable.peerId]);
  });

  it('that is a seeder is told to dial the leechers that are there', async () => {
    const world = new DeskWorld();
    const leecher = await world.enter(1, 10);
    const hidden = await world.enter(2, 0, { isReachable: false });
    expect(hidden.inbox).toEqual([
      { kind: 'dial', infoHash: SHARE, peer: { peerId: leecher.peerId, host: '10.0.0.1', port: 4_001 } },
    ]);
    expect(leecher.inbox).toEqual([]);
  });

  it('that is a seeder is told to dial a leecher that comes later', async () => {
    const world = new DeskWorld();
    const hidden = await world.enter(1, 0, { isReachable: false });
    const leecher = await world.enter(2, 10);
    expect(hidden.dials()).toEqual([leecher.peerId]);
  });

  it('is told to dial at most as many as a hand-out has', async () => {
    const world = new DeskWorld();
    for (let n = 1; n <= LIMITS.handOutPeers + 5; n++) await world.enter(n, 10);
    const hidden = await world.enter(0, 0, { isReachable: false });
    expect(hidden.dials()).toHaveLength(LIMITS.handOutPeers);
  });

  it('because it accepts no links is never dialled by the tracker', async () => {
    const world = new DeskWorld();
    await world.enter(1, 10, { port: 0 });
    expect(world.probes).toEqual([]);
  });

  it('is tried again at once when it opens a new session', async () => {
    const world = new DeskWorld();
    const waiting = await world.enter(1, 10);
    await world.enter(2, 0, { isReachable: false });
    world.unreachable.clear();
    const seeder = await world.enter(2, 0);
    expect(waiting.known()).toEqual([seeder.peerId]);
  });
});

describe('an address', () => {
  it('on loopback is handed only to agents on the same machine', async () => {
    const world = new DeskWorld();
    const local = await world.enter(1, 0, { source: '127.0.0.1' });
    const neighbour = await world.enter(2, 10, { source: '::1' });
    const remote = await world.enter(3, 10);
    expect(neighbour.known()).toContain(local.peerId);
    expect(remote.known()).not.toContain(local.peerId);
    expect(local.dials()).toEqual([remote.peerId]);
  });

  it('that an agent advertises is handed out when the tracker reached it there', async () => {
    const world = new DeskWorld();
    const leecher = await world.enter(1, 10);
    const seeder = world.openAtOnce(
      2,
      contactOf('10.0.0.2', { port: 4_002, advertised: { host: 'files.example', port: 443 } }),
    );
    seeder.session.announce([{ infoHash: SHARE, left: 0 }]);
    await settled();
    expect(leecher.inbox).toMatchObject([{ added: [{ host: 'files.example', port: 443 }] }]);
  });

  it('that an agent advertises gives way to its source when the tracker did not reach it there', async () => {
    const world = new DeskWorld();
    world.unreachable.add('files.example');
    const leecher = await world.enter(1, 10);
    const seeder = world.openAtOnce(
      2,
      contactOf('10.0.0.2', { port: 4_002, advertised: { host: 'files.example', port: 443 } }),
    );
    seeder.session.announce([{ infoHash: SHARE, left: 0 }]);
    await settled();
    expect(leecher.inbox).toMatchObject([{ added: [{ host: '10.0.0.2', port: 4_002 }] }]);
  });

  it('that changes with a new session is told to those who knew the old one', async () => {
    const world = new DeskWorld();
    const leecher = await world.enter(1, 10);
    await world.enter(2, 0);
    await world.enter(2, 0, { port: 5_000 });
    expect(leecher.inbox.at(-1)).toMatchObject({ added: [{ peerId: peerId(2), port: 5_000 }] });
  });
});

describe('a member that goes', () => {
  it('is taken back from those who knew it', async () => {
    const world = new DeskWorld();
    const leecher = await world.enter(1, 10);
    const seeder = await world.enter(2, 0);
    seeder.session.leave([SHARE]);
    expect(leecher.inbox.at(-1)).toEqual({ kind: 'peers', infoHash: SHARE, added: [], removed: [seeder.peerId] });
  });

  it('because its session was lost leaves all its swarms at once', async () => {
    const world = new DeskWorld();
    const agent = await world.open(1);
    agent.session.announce([1, 2, 3].map((n) => ({ infoHash: infoHash(n), left: 1 })));
    expect(world.registry.swarmCount).toBe(3);
    agent.session.close();
    expect(world.registry.swarmCount).toBe(0);
    expect(world.registry.peerCount).toBe(0);
    expect(world.notes.size).toBe(0);
  });

  it('is made up for where it leaves a leecher with few', async () => {
    const world = new DeskWorld();
    const others = [];
    for (let n = 1; n <= LIMITS.handOutPeers + 5; n++) others.push(await world.enter(n, 10));
    const leecher = await world.enter(0, 10);
    const unknown = others.filter((other) => !leecher.known().includes(other.peerId));
    for (const other of others) if (!unknown.includes(other)) other.session.close();
    expect(new Set(leecher.known())).toEqual(new Set(unknown.map((other) => other.peerId)));
  });
});
