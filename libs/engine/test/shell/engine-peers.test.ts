import { beforeEach, describe, expect, it } from 'vitest';
import { EngineWorld, SHARE } from './engine-world.ts';
import { aPeerId } from './fake-link.ts';

let world: EngineWorld;
beforeEach(() => {
  world = new EngineWorld();
});

const { infoHash } = SHARE;

describe('a tracker', () => {
  it('has the engine dial those that it names, and those that cannot be dialled themselves', async () => {
    const [named, hidden, leecher] = [
      await world.startEngine(1),
      await world.startEngine(2),
      await world.startEngine(3),
    ];
    world.seed(named.engine);
    world.seed(hidden.engine);
    world.leech(leecher.engine);
    leecher.tracker.handlers?.onPeers(infoHash, [{ peerId: aPeerId(1), ...named.host.address }], []);
    hidden.tracker.handlers?.onDial(infoHash, { peerId: aPeerId(3), ...leecher.host.address });
    await world.pass(1_000);
    const peers = leecher.engine.snapshot().swarms[0]?.peers.map(({ peerId }) => peerId) ?? [];
    expect(peers.toSorted()).toEqual([aPeerId(1), aPeerId(2)]);
  });

  it('may name a peer at addresses where nobody is, or another peer that is linked already', async () => {
    const [named, other, leecher] = [
      await world.startEngine(1),
      await world.startEngine(2),
      await world.startEngine(3),
    ];
    for (const { engine } of [named, other]) world.seed(engine);
    world.leech(leecher.engine);
    void leecher.engine.connect(other.host.address);
    await world.pass(100);
    const addresses = [{ host: 'x', port: 1 }, other.host.address, named.host.address];
    const added = addresses.map((at) => ({ peerId: aPeerId(1), ...at }));
    leecher.tracker.handlers?.onPeers(infoHash, added, []);
    await world.pass(5_000);
    expect(leecher.engine.snapshot().links.map(({ peerId }) => peerId)).toEqual([aPeerId(2), aPeerId(1)]);
    // A link that was given up would have taken its count with it.
    const { links, swarms } = other.engine.snapshot();
    expect(links.map(({ sentBytes }) => sentBytes)).toEqual(swarms.map(({ sentBytes }) => sentBytes));
  });

  it('that says that a peer left has its address forgotten', async () => {
    const leecher = await world.startEngine(1);
    world.leech(leecher.engine);
    leecher.tracker.handlers?.onPeers(infoHash, [{ peerId: aPeerId(7), host: '10.9.9.9', port: 1 }], []);
    await world.pass(100);
    expect(leecher.engine.snapshot().knownPeers).toHaveLength(1);
    leecher.tracker.handlers?.onPeers(infoHash, [], [aPeerId(7)]);
    expect(leecher.engine.snapshot().knownPeers).toEqual([]);
  });

  it('that names the engine itself changes nothing', async () => {
    const { engine, host, tracker } = await world.startEngine(1);
    world.leech(engine);
    tracker.handlers?.onPeers(infoHash, [{ peerId: aPeerId(1), ...host.address }], []);
    expect(engine.snapshot().knownPeers).toEqual([]);
  });
});

describe('linked peers', () => {
  it('find each other’s shares by name', async () => {
    const [seeder, other] = [await world.startEngine(1), await world.startEngine(2)];
    world.seed(seeder.engine);
    void other.engine.connect(seeder.host.address);
    await world.pass(100);
    const answers = other.engine.search('ZERO');
    await world.pass(100);
    expect(await answers).toMatchObject([{ host: seeder.host.name, shares: [{ name: 'zeros', infoHash }] }]);
  });

  it('hand out the metainfo of what they share', async () => {
    const [seeder, other] = [await world.startEngine(1), await world.startEngine(2)];
    world.seed(seeder.engine);
    void other.engine.connect(seeder.host.address);
    await world.pass(100);
    const fetched = other.engine.fetchMetainfo(infoHash);
    await world.pass(100);
    expect((await fetched).infoHash).toBe(infoHash);
    expect((await seeder.engine.fetchMetainfo(infoHash)).infoHash).toBe(infoHash);
  });

  it('send the pieces of a share that was added while its metainfo was asked for', async () => {
    const [seeder, leecher] = [await world.startEngine(1), await world.startEngine(2)];
    world.seed(seeder.engine);
    void leecher.engine.connect(seeder.host.address);
    await world.pass(100);
    const fetched = leecher.engine.fetchMetainfo(infoHash);
    await world.pass(5);
    world.leech(leecher.engine);
    await world.pass(4_000);
    expect((await fetched).infoHash).toBe(infoHash);
    expect(leecher.engine.snapshot().swarms[0]).toMatchObject({ isFinished: true });
  });

  it('are listed with what they gave', async () => {
    const [seeder, leecher] = [await world.startEngine(1), await world.startEngine(2)];
    world.seed(seeder.engine);
    world.leech(leecher.engine);
    void leecher.engine.connect(seeder.host.address);
    await world.pass(4_000);
    expect(leecher.engine.snapshot().links).toMatchObject([
      { peerId: aPeerId(1), agent: 'test', receivedBytes: SHARE.info.length, sentBytes: 0, swarms: [infoHash] },
    ]);
  });
});
