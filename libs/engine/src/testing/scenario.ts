/**
 * A swarm in the simulated world, told in a few lines: hosts with their links, one share of zeros, who has it, and what
 * happens to whom. The report compares the last peer's time with the lower bound of any scheme.
 */
import { createHash } from 'node:crypto';
import { Bitfield, choosePieceLength, createMetainfo, LIMITS, PieceLayout, sha256Hex } from '@shoal/protocol';
import type { Metainfo, PeerId, Sha256Hex } from '@shoal/protocol';
import { Engine } from '../shell/engine.ts';
import type { Hasher, Log } from '../shell/ports.ts';
import { MemoryPieceStore, zeroBlock } from './memory-piece-store.ts';
import type { HostOptions, SimHost } from './sim-host.ts';
import { SimTracker } from './sim-tracker.ts';
import { SimWorld } from './sim-world.ts';

const TRACKER = 'http://tracker:8000';
const SILENT: Log = { debug: ignore, info: ignore, warn: ignore, error: ignore };

/** One agent in a scenario. */
export interface SimAgent {
  readonly host: SimHost;
  readonly engine: Engine;
  readonly store: MemoryPieceStore;
  readonly peerId: PeerId;
  /** Virtual time when its share was finished. */
  finishedMs: number | undefined;
}

/** How an agent takes part. */
export interface AgentOptions extends Partial<HostOptions> {
  /** Every piece; else those listed; else none. */
  readonly has?: 'all' | readonly number[];
  readonly uploadBytesPerSecond?: number;
  readonly downloadBytesPerSecond?: number;
  /** Sends other bytes than it should. */
  readonly isPoisoner?: boolean;
}

/** What holds for all agents unless they say otherwise. */
export interface ScenarioOptions extends HostOptions {
  readonly seed: number;
  readonly shareBytes: number;
  readonly pieceBytes?: number;
}

export class Scenario {
  readonly world: SimWorld;
  readonly tracker: SimTracker;
  readonly metainfo: Metainfo;
  readonly agents: SimAgent[] = [];
  readonly #options: ScenarioOptions;
  readonly #hasher: Hasher;

  constructor(options: ScenarioOptions) {
    this.#options = options;
    this.world = new SimWorld(options.seed);
    this.tracker = new SimTracker(this.world);
    this.metainfo = zeroShare(options.shareBytes, options.pieceBytes);
    this.#hasher = simHasher(this.world);
  }

  /** Starts an agent that is in the swarm from now on. */
  async add(options: AgentOptions = {}): Promise<SimAgent> {
    const { world, metainfo } = this;
    const host = world.addHost({ ...this.#options, ...options });
    const peerId = sha256Hex(new TextEncoder().encode(host.name)) as string as PeerId;
    const engine = new Engine({
      ...limitsOf(options),
      peerId,
      agent: 'sim',
      ports: {
        clock: world.clock,
        random: world.random,
        hasher: this.#hasher,
        transport: host.transport,
        log: SILENT,
        openTracker: (_url, identity, handlers) => this.tracker.open(host, identity, handlers),
      },
    });
    const store = this.#storeFor(options);
    const agent: SimAgent = { host, engine, store, peerId, finishedMs: undefined };
    this.agents.push(agent);
    await engine.start();
    engine.add({ metainfo, store, have: this.#haveOf(options), trackers: [TRACKER] });
    engine.whenFinished(metainfo.infoHash).then(
      () => {
        agent.finishedMs = world.nowMs;
      },
      () => undefined,
    );
    return agent;
  }

  /** Lets time pass until all these agents are finished; returns whether they are, in time. */
  runUntilFinished(agents: readonly SimAgent[], withinMs: number): Promise<boolean> {
    return this.world.run(
      () => agents.every(({ finishedMs }) => finishedMs !== undefined),
      this.world.nowMs + withinMs,
    );
  }

  /** What an agent knows of the share now. */
  snapshotOf({ engine }: SimAgent) {
    const swarm = engine.snapshot().swarms[0];
    if (swarm === undefined) throw new Error('invariant: every agent of a scenario has the share');
    return swarm;
  }

  #storeFor({ has, isPoisoner = false }: AgentOptions): MemoryPieceStore {
    const poison = new Uint8Array(LIMITS.blockBytes).fill(1);
    const content = (length: number): Uint8Array => (isPoisoner ? poison.subarray(0, length) : zeroBlock(length));
    return new MemoryPieceStore(has === undefined ? undefined : ({ length }) => content(length), () => {
      this.world.settle();
    });
  }

  #haveOf({ has = [] }: AgentOptions): Bitfield {
    const { pieceCount } = this.metainfo.layout;
    if (has === 'all') return Bitfield.full(pieceCount);
    const have = new Bitfield(pieceCount);
    for (const piece of has) have.add(piece);
    return have;
  }
}

/**
 * The lower bound for the last of N leechers that start together, in milliseconds, on raw link rates: the source must
 * send everything once, each must receive everything, and all uplinks together must carry N copies.
 */
export function boundMs(shareBytes: number, source: HostOptions, leechers: readonly HostOptions[]): number {
  const slowestDown = Math.min(...leechers.map(({ downBytesPerSecond }) => downBytesPerSecond));
  const allUp = leechers.reduce((sum, { upBytesPerSecond }) => sum + upBytesPerSecond, source.upBytesPerSecond);
  const seconds = Math.max(
    shareBytes / source.upBytesPerSecond,
    shareBytes / slowestDown,
    (leechers.length * shareBytes) / allUp,
  );
  return seconds * 1000;
}

/** A share of one file of zeros. */
export function zeroShare(shareBytes: number, pieceLength = choosePieceLength(shareBytes)): Metainfo {
  const layout = new PieceLayout(pieceLength, [shareBytes]);
  const digests = new Uint8Array(layout.pieceCount * 32);
  const whole = digestOfZeros(pieceLength);
  for (let piece = 0; piece < layout.pieceCount; piece++) {
    const bytes = layout.bytesOf(piece);
    digests.set(bytes === pieceLength ? whole : digestOfZeros(bytes), piece * 32);
  }
  const sha256 = '0'.repeat(64) as Sha256Hex;
  const files = [{ path: ['zeros'], length: shareBytes, sha256 }];
  return createMetainfo({ announce: TRACKER, name: 'zeros', pieceLength, files, digests });
}

/** Real SHA-256, but that the digest of zeros from `zeroBlock` is worked out once for each length. */
function simHasher(world: SimWorld): Hasher {
  const zeros = zeroBlock(1).buffer;
  const known = new Map<number, Uint8Array>();
  return {
    digest: (parts) => {
      world.settle();
      const length = parts.reduce((sum, part) => sum + part.length, 0);
      const areZeros = parts.every((part) => part.buffer === zeros);
      const digest = (areZeros ? known.get(length) : undefined) ?? sha256Of(parts);
      if (areZeros) known.set(length, digest);
      return Promise.resolve({ digest, parts });
    },
  };
}

function sha256Of(parts: readonly Uint8Array[]): Uint8Array {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return hash.digest();
}

function digestOfZeros(length: number): Uint8Array {
  return sha256Of([new Uint8Array(length)]);
}

function limitsOf({ uploadBytesPerSecond, downloadBytesPerSecond }: AgentOptions) {
  return {
    ...(uploadBytesPerSecond === undefined ? {} : { uploadBytesPerSecond }),
    ...(downloadBytesPerSecond === undefined ? {} : { downloadBytesPerSecond }),
  };
}

function ignore(): void {
  // Tests print nothing.
}
