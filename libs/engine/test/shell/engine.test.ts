import { Bitfield, ShoalError, type InfoHash } from '@shoal/protocol';
import { beforeEach, describe, expect, it } from 'vitest';
import { MemoryPieceStore, SimNetwork, SimWorld, zeroBlock, zeroShare } from '@shoal/engine/testing';
import { Engine } from '@shoal/engine';
import type { Clock, EnginePorts, TrackerHandlers } from '../../src/shell/ports.ts';
import { aPeerId } from './fake-link.ts';

const LINE = { upBytesPerSecond: 1_250_000, downBytesPerSecond: 1_250_000, latencyMs: 1 };
const SHARE = zeroShare(8 * 262_144, 262_144);
const TRACKER = 'http://tracker:8000';

let world: SimWorld;
let network: SimNetwork;
beforeEach(() => {
  world = new SimWorld(1);
  network = new SimNetwork(world);
});

/** The world's clock, and how many timers are open on it. */
class CountingClock implements Clock {
  openTimers = 0;

  now(): number {
    return world.nowMs;
  }

  setTimer(delayMs: number, action: () => void): () => void {
    let isOpen = true;
    const end = (): boolean => {
      const wasOpen = isOpen;
      if (wasOpen) this.openTimers--;
      isOpen = false;
      return wasOpen;
    };
    this.openTimers++;
    const cancel = world.clock.setTimer(delayMs, () => {
      if (end()) action();
    });
    return () => {
      end();
      cancel();
    };
  }
}

/** An engine on a machine of its own; what it tells the tracker is noted, and the tracker can speak. */
async function startEngine(n: number, limits: { uploadBytesPerSecond?: number } = {}) {
  const host = network.addHost(LINE);
  const clock = new CountingClock();
  const told: string[] = [];
  const tracker: { handlers?: TrackerHandlers } = {};
  const silent = (): void => undefined;
  const ports: EnginePorts = {
    clock,
    random: world.random,
    transport: host.transport,
    log: { debug: silent, info: silent, warn: silent, error: silent },
    hasher: {
      digest: (parts) => {
        world.settle();
        return Promise.resolve({ digest: SHARE.digestOf(0), parts });
      },
    },
    openTracker: (_url, _identity, handlers) => {
      tracker.handlers = handlers;
      return {
        announce: (_infoHash, left) => told.push(`announce ${String(left)}`),
        leave: () => told.push('leave'),
        follow: () => told.push('follow'),
        stop: () => {
          told.push('stop');
          return Promise.resolve();
        },
      };
    },
  };
  const engine = new Engine({ ports, peerId: aPeerId(n), agent: 'test', ...limits });
  await engine.start();
  return { engine, host, clock, told, tracker };
}

function aStore(content?: () => Uint8Array): MemoryPieceStore {
  return new MemoryPieceStore(content, () => {
    world.settle();
  });
}

function seed(engine: Engine, store = aStore(() => zeroBlock(262_144))): void {
  engine.add({ metainfo: SHARE, store, have: Bitfield.full(8), trackers: [TRACKER] });
}

function leech(engine: Engine): MemoryPieceStore {
  const store = aStore();
  engine.add({ metainfo: SHARE, store, have: new Bitfield(8), trackers: [TRACKER] });
  return store;
}

const pass = (ms: number): Promise<boolean> => world.run(() => false, world.nowMs + ms);
const { infoHash } = SHARE;
const codeOf = (error: unknown): string => (error as ShoalError).code;

describe('an engine that is stopped', () => {
  it('leaves no timer, whatever was under way', async () => {
    const [seeder, leecher] = [await startEngine(1, { uploadBytesPerSecond: 10_000 }), await startEngine(2)];
    seed(seeder.engine);
    leech(leecher.engine);
    void leecher.engine.connect(seeder.host.address);
    await pass(3_000);
    void leecher.engine.search('zeros');
    void leecher.engine.fetchMetainfo('f'.repeat(64) as InfoHash).catch(() => undefined);
    leecher.engine.connect({ host: '10.9.9.9', port: 1 }).catch(() => undefined);
    expect([seeder.clock.openTimers > 0, leecher.clock.openTimers > 0]).toEqual([true, true]);
    await Promise.all([seeder.engine.stop(), leecher.engine.stop()]);
    await pass(60_000);
    expect([seeder.clock.openTimers, leecher.clock.openTimers]).toEqual([0, 0]);
  });

  it('has left its trackers, its links and its shares', async () => {
    const [seeder, leecher] = [await startEngine(1), await startEngine(2)];
    seed(seeder.engine);
    leech(leecher.engine);
    const finished = leecher.engine.whenFinished(infoHash).catch(codeOf);
    void leecher.engine.connect(seeder.host.address);
    await pass(500);
    await leecher.engine.stop();
    await pass(500);
    expect(await finished).toBe('shutting-down');
    expect(leecher.told.at(-1)).toBe('stop');
    expect(leecher.engine.snapshot()).toMatchObject({ swarms: [], links: [], trackers: [] });
    expect(seeder.engine.snapshot().links).toEqual([]);
  });

  it('answers nobody any more, and fails who dials through it', async () => {
    const [one, two] = [await startEngine(1), await startEngine(2)];
    await one.engine.stop();
    const dials = Promise.all([
      two.engine.connect(one.host.address).catch(codeOf),
      one.engine.connect(two.host.address).catch(codeOf),
    ]);
    await pass(30_000);
    expect((await dials)[0]).toBe('peer-unreachable');
    expect(await dials).not.toContain(aPeerId(2));
  });
});

describe('a share', () => {
  it('is announced when it is added, and again when it is complete', async () => {
    const [seeder, leecher] = [await startEngine(1), await startEngine(2)];
    seed(seeder.engine);
    leech(leecher.engine);
    expect([seeder.told, leecher.told]).toEqual([['announce 0'], [`announce ${String(8 * 262_144)}`]]);
    const finished = leecher.engine.whenFinished(infoHash);
    void leecher.engine.connect(seeder.host.address);
    await pass(4_000);
    await finished;
    expect(leecher.told).toEqual([`announce ${String(8 * 262_144)}`, 'announce 0']);
  });

  it('that lacks pieces tells the tracker every five seconds how far it is', async () => {
    const { engine, told } = await startEngine(1);
    leech(engine);
    told.length = 0;
    await pass(10_500);
    expect(told).toHaveLength(2);
  });

  it('is in once, however often it is added', async () => {
    const { engine, told } = await startEngine(1);
    seed(engine);
    leech(engine);
    expect(engine.snapshot().swarms).toHaveLength(1);
    expect(told).toEqual(['announce 0']);
  });

  it('that is removed is left everywhere', async () => {
    const [seeder, leecher] = [await startEngine(1), await startEngine(2)];
    seed(seeder.engine);
    leech(leecher.engine);
    const finished = leecher.engine.whenFinished(infoHash).catch(codeOf);
    void leecher.engine.connect(seeder.host.address);
    await pass(500);
    await leecher.engine.remove(infoHash);
    await leecher.engine.remove(infoHash);
    await pass(500);
    expect(await finished).toBe('shutting-down');
    expect(leecher.told.at(-1)).toBe('leave');
    expect(seeder.engine.snapshot().swarms[0]?.peers).toEqual([]);
    await expect(leecher.engine.whenFinished(infoHash)).rejects.toMatchObject({ code: 'unknown-share' });
  });

  it('that cannot be read is withdrawn: shown with its problem, left at the tracker, not announced again', async () => {
    const [seeder, leecher] = [await startEngine(1), await startEngine(2)];
    const broken = aStore(() => {
      throw new ShoalError('content-mismatch', 'the file changed');
    });
    broken.close = () => Promise.reject(new ShoalError('storage-failed', 'closing it'));
    seed(seeder.engine, broken);
    leech(leecher.engine);
    await pass(10);
    void leecher.engine.connect(seeder.host.address);
    await pass(2_000);
    expect(seeder.engine.snapshot().swarms).toMatchObject([{ problem: { code: 'content-mismatch' }, peers: [] }]);
    expect(seeder.told).toEqual(['announce 0', 'leave']);
    expect(leecher.engine.snapshot().swarms[0]?.peers).toEqual([]);
  });
});

describe('a tracker', () => {
  it('has the engine dial those that it names, and those that cannot be dialled themselves', async () => {
    const [named, hidden, leecher] = [await startEngine(1), await startEngine(2), await startEngine(3)];
    seed(named.engine);
    seed(hidden.engine);
    leech(leecher.engine);
    leecher.tracker.handlers?.onPeers(infoHash, [{ peerId: aPeerId(1), ...named.host.address }], []);
    hidden.tracker.handlers?.onDial(infoHash, { peerId: aPeerId(3), ...leecher.host.address });
    await pass(1_000);
    const peers = leecher.engine.snapshot().swarms[0]?.peers.map(({ peerId }) => peerId) ?? [];
    expect(peers.toSorted()).toEqual([aPeerId(1), aPeerId(2)]);
  });

  it('may name a peer at addresses where nobody is, or another peer that is linked already', async () => {
    const [named, other, leecher] = [await startEngine(1), await startEngine(2), await startEngine(3)];
    for (const { engine } of [named, other]) seed(engine);
    leech(leecher.engine);
    void leecher.engine.connect(other.host.address);
    await pass(100);
    const addresses = [{ host: 'x', port: 1 }, other.host.address, named.host.address];
    const added = addresses.map((at) => ({ peerId: aPeerId(1), ...at }));
    leecher.tracker.handlers?.onPeers(infoHash, added, []);
    await pass(5_000);
    expect(leecher.engine.snapshot().links.map(({ peerId }) => peerId)).toEqual([aPeerId(2), aPeerId(1)]);
    // A link that was given up would have taken its count with it.
    const { links, swarms } = other.engine.snapshot();
    expect(links.map(({ sentBytes }) => sentBytes)).toEqual(swarms.map(({ sentBytes }) => sentBytes));
  });

  it('that says that a peer left has its address forgotten', async () => {
    const leecher = await startEngine(1);
    leech(leecher.engine);
    leecher.tracker.handlers?.onPeers(infoHash, [{ peerId: aPeerId(7), host: '10.9.9.9', port: 1 }], []);
    await pass(100);
    expect(leecher.engine.snapshot().knownPeers).toHaveLength(1);
    leecher.tracker.handlers?.onPeers(infoHash, [], [aPeerId(7)]);
    expect(leecher.engine.snapshot().knownPeers).toEqual([]);
  });

  it('that names the engine itself changes nothing', async () => {
    const { engine, host, tracker } = await startEngine(1);
    leech(engine);
    tracker.handlers?.onPeers(infoHash, [{ peerId: aPeerId(1), ...host.address }], []);
    expect(engine.snapshot().knownPeers).toEqual([]);
  });
});

describe('linked peers', () => {
  it('find each other’s shares by name', async () => {
    const [seeder, other] = [await startEngine(1), await startEngine(2)];
    seed(seeder.engine);
    void other.engine.connect(seeder.host.address);
    await pass(100);
    const answers = other.engine.search('ZERO');
    await pass(100);
    expect(await answers).toMatchObject([{ host: seeder.host.name, shares: [{ name: 'zeros', infoHash }] }]);
  });

  it('hand out the metainfo of what they share', async () => {
    const [seeder, other] = [await startEngine(1), await startEngine(2)];
    seed(seeder.engine);
    void other.engine.connect(seeder.host.address);
    await pass(100);
    const fetched = other.engine.fetchMetainfo(infoHash);
    await pass(100);
    expect((await fetched).infoHash).toBe(infoHash);
    expect((await seeder.engine.fetchMetainfo(infoHash)).infoHash).toBe(infoHash);
  });

  it('send the pieces of a share that was added while its metainfo was asked for', async () => {
    const [seeder, leecher] = [await startEngine(1), await startEngine(2)];
    seed(seeder.engine);
    void leecher.engine.connect(seeder.host.address);
    await pass(100);
    const fetched = leecher.engine.fetchMetainfo(infoHash);
    await pass(5);
    leech(leecher.engine);
    await pass(4_000);
    expect((await fetched).infoHash).toBe(infoHash);
    expect(leecher.engine.snapshot().swarms[0]).toMatchObject({ isFinished: true });
  });

  it('are listed with what they gave', async () => {
    const [seeder, leecher] = [await startEngine(1), await startEngine(2)];
    seed(seeder.engine);
    leech(leecher.engine);
    void leecher.engine.connect(seeder.host.address);
    await pass(4_000);
    expect(leecher.engine.snapshot().links).toMatchObject([
      { peerId: aPeerId(1), agent: 'test', receivedBytes: 8 * 262_144, sentBytes: 0, swarms: [infoHash] },
    ]);
  });
});
