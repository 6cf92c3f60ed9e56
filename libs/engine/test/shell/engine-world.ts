import { Bitfield } from '@shoal/protocol';
import { MemoryPieceStore, SimNetwork, SimWorld, zeroBlock, zeroShare } from '@shoal/engine/testing';
import { Engine } from '@shoal/engine';
import type { Clock, EnginePorts, TrackerHandlers } from '../../src/shell/ports.ts';
import { aPeerId } from './fake-link.ts';

const LINE = { upBytesPerSecond: 1_250_000, downBytesPerSecond: 1_250_000, latencyMs: 1 };
const PIECE_BYTES = 262_144;
const PIECES = 8;
const TRACKER = 'http://tracker:8000';
/** What the engines share: `zeros`, in eight pieces. */
export const SHARE = zeroShare(PIECES * PIECE_BYTES, PIECE_BYTES);

/** The world's clock, and how many timers are open on it. */
class CountingClock implements Clock {
  openTimers = 0;
  readonly #world: SimWorld;

  constructor(world: SimWorld) {
    this.#world = world;
  }

  now(): number {
    return this.#world.nowMs;
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
    const cancel = this.#world.clock.setTimer(delayMs, () => {
      if (end()) action();
    });
    return () => {
      end();
      cancel();
    };
  }
}

/** A world in which engines are started; its trackers are the test's. */
export class EngineWorld {
  readonly #world = new SimWorld(1);
  readonly #network = new SimNetwork(this.#world);

  /** An engine on a machine of its own; what it tells the tracker is noted, and the tracker can speak. */
  async startEngine(n: number, limits: { uploadBytesPerSecond?: number } = {}) {
    const world = this.#world;
    const host = this.#network.addHost(LINE);
    const clock = new CountingClock(world);
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

  aStore(content?: () => Uint8Array): MemoryPieceStore {
    return new MemoryPieceStore(content, () => {
      this.#world.settle();
    });
  }

  seed(engine: Engine, store = this.aStore(() => zeroBlock(PIECE_BYTES))): void {
    engine.add({ metainfo: SHARE, store, have: Bitfield.full(PIECES), trackers: [TRACKER] });
  }

  leech(engine: Engine): void {
    engine.add({ metainfo: SHARE, store: this.aStore(), have: new Bitfield(PIECES), trackers: [TRACKER] });
  }

  /** Lets virtual time pass. */
  async pass(ms: number): Promise<void> {
    await this.#world.run(() => false, this.#world.nowMs + ms);
  }
}
