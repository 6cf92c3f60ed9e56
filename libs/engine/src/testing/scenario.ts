/**
 * A swarm in the simulated world, told in a few lines: hosts with their links, one share of zeros, who has it, and what
 * happens to whom. The report compares the last peer's time with the lower bound of any scheme.
 */
import { createHash } from 'node:crypto';
import { Bitfield, choosePieceLength, createMetainfo, PieceLayout, sha256Hex } from '@shoal/protocol';
import type { Block, Metainfo, PeerId, Sha256Hex } from '@shoal/protocol';
import { Engine } from '../shell/engine.ts';
import type { Hasher, Log } from '../shell/ports.ts';
import { MemoryPieceStore, zeroBlock } from './memory-piece-store.ts';
import type { SimHost } from './sim-host.ts';
import type { HostOptions } from './sim-line.ts';
import { SimNetwork } from './sim-network.ts';
import { SimTracker } from './sim-tracker.ts';
import { SimWorld } from './sim-world.ts';

const TRACKER = 'http://tracker:8000';
/** What an agent sends that has pieces from the start. */
const CONTENT: Readonly<
  Record<NonNullable<TransferOptions['lies']> | 'sends', (block: Block) => Uint8Array | Promise<Uint8Array>>
> = {
  sends: ({ length }) => zeroBlock(length),
  poisons: ({ length }) => new Uint8Array(length).fill(1),
  taints: ({ piece, length }) => (piece % 3 === 2 ? new Uint8Array(length).fill(1) : zeroBlock(length)),
  withholds: () => new Promise(() => undefined),
};
const DIGESTS_OF_ZEROS = new Map<number, Uint8Array>();
const SILENT: Log = { debug: ignore, info: ignore, warn: ignore, error: ignore };

/** One share at one agent. */
export interface SimTransfer {
  readonly store: MemoryPieceStore;
  /** What the engine says that it has: the bitfield that it keeps itself. */
  readonly have: Bitfield;
  /** Virtual time when it was finished. */
  finishedMs: number | undefined;
}

/** One agent in a scenario, with the scenario's own share. */
export interface SimAgent extends SimTransfer {
  readonly host: SimHost;
  readonly engine: Engine;
  readonly peerId: PeerId;
}

/** What an agent has of a share, and what it does with it. */
export interface TransferOptions {
  /** Every piece; else those listed; else none. */
  readonly has?: 'all' | readonly number[];
  /** Sends other bytes than it should, of all pieces or of some, or promises blocks and never sends any. */
  readonly lies?: 'poisons' | 'taints' | 'withholds';
}

/** How an agent takes part. */
export interface AgentOptions extends Partial<HostOptions>, TransferOptions {
  /** Sees all bytes that the agent takes the digest of. */
  readonly onDigest?: (parts: readonly Uint8Array[]) => void;
  readonly log?: Log;
  readonly uploadBytesPerSecond?: number;
  readonly downloadBytesPerSecond?: number;
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
  readonly #network: SimNetwork;

  constructor(options: ScenarioOptions) {
    this.#options = options;
    this.world = new SimWorld(options.seed);
    this.#network = new SimNetwork(this.world);
    this.tracker = new SimTracker(this.world);
    this.metainfo = zeroShare(options.shareBytes, options.pieceBytes);
  }

  /** Adds a machine on which no agent runs. */
  addHost(options: Partial<HostOptions> = {}): SimHost {
    return this.#network.addHost({ ...this.#options, ...options });
  }

  /** Starts an agent that is in the swarm from now on. */
  add(options: AgentOptions = {}): Promise<SimAgent> {
    return this.#start(this.addHost(options), options);
  }

  /** Starts the program of an agent that was killed once more, on the same machine, with what it has by then. */
  restart({ host: { name } }: SimAgent, options: AgentOptions): Promise<SimAgent> {
    return this.#start(this.#network.addHost({ ...this.#options, ...options }, name), options);
  }

  /** Parts these agents from all others, and from the tracker, until `heal`. */
  part(agents: readonly SimAgent[]): void {
    this.#network.part(agents.map(({ host }) => host));
  }

  /** Ends the partition. */
  heal(): void {
    this.#network.heal();
    this.tracker.place.release();
  }

  async #start(host: SimHost, options: AgentOptions): Promise<SimAgent> {
    const { world, metainfo } = this;
    const peerId = sha256Hex(new TextEncoder().encode(host.name)) as string as PeerId;
    const engine = new Engine({
      ...limitsOf(options),
      peerId,
      agent: 'sim',
      ports: {
        clock: host.clock,
        random: world.random,
        hasher: simHasher(world, options.onDigest),
        transport: host.transport,
        log: options.log ?? SILENT,
        openTracker: (_url, identity, handlers) => this.tracker.open(host, identity, handlers),
      },
    });
    await engine.start();
    const agent: SimAgent = { host, engine, peerId, ...this.#transfer(metainfo, options) };
    this.agents.push(agent);
    this.#enter(engine, metainfo, agent);
    return agent;
  }

  /** An agent enters the swarm of a further share, or again that of the scenario's own. */
  enter({ engine }: SimAgent, metainfo: Metainfo, options: TransferOptions = {}): SimTransfer {
    const transfer = this.#transfer(metainfo, options);
    this.#enter(engine, metainfo, transfer);
    return transfer;
  }

  /** Lets so much time pass. */
  async wait(ms: number): Promise<void> {
    await this.world.run(() => false, this.world.nowMs + ms);
  }

  /** Lets time pass until the condition holds; returns whether it does, in time. */
  runUntil(condition: () => boolean, withinMs: number): Promise<boolean> {
    return this.world.run(condition, this.world.nowMs + withinMs);
  }

  /** Lets time pass until all these are finished; returns whether they are, in time. */
  runUntilFinished(transfers: readonly SimTransfer[], withinMs: number): Promise<boolean> {
    return this.runUntil(() => transfers.every(({ finishedMs }) => finishedMs !== undefined), withinMs);
  }

  /** What an agent knows of the share now. */
  snapshotOf({ engine }: SimAgent) {
    const swarm = engine.snapshot().swarms[0];
    if (swarm === undefined) throw new Error('invariant: every agent of a scenario has the share');
    return swarm;
  }

  #enter(engine: Engine, metainfo: Metainfo, transfer: SimTransfer): void {
    const { store, have } = transfer;
    engine.add({ metainfo, store, have, trackers: [TRACKER] });
    engine.whenFinished(metainfo.infoHash).then(
      () => {
        transfer.finishedMs = this.world.nowMs;
      },
      () => undefined,
    );
  }

  #transfer(metainfo: Metainfo, options: TransferOptions): SimTransfer {
    const { has, lies } = options;
    const content = has === undefined ? undefined : CONTENT[lies ?? 'sends'];
    const store = new MemoryPieceStore(content, () => {
      this.world.settle();
    });
    return { store, have: haveOf(metainfo, options), finishedMs: undefined };
  }
}

function haveOf({ layout: { pieceCount } }: Metainfo, { has = [] }: TransferOptions): Bitfield {
  if (has === 'all') return Bitfield.full(pieceCount);
  const have = new Bitfield(pieceCount);
  for (const piece of has) have.add(piece);
  return have;
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

/** A share of one file of zeros; shares of different names are different shares. */
export function zeroShare(shareBytes: number, pieceLength = choosePieceLength(shareBytes), name = 'zeros'): Metainfo {
  const layout = new PieceLayout(pieceLength, [shareBytes]);
  const digests = new Uint8Array(layout.pieceCount * 32);
  const whole = digestOfZeros(pieceLength);
  for (let piece = 0; piece < layout.pieceCount; piece++) {
    const bytes = layout.bytesOf(piece);
    digests.set(bytes === pieceLength ? whole : digestOfZeros(bytes), piece * 32);
  }
  const sha256 = '0'.repeat(64) as Sha256Hex;
  const files = [{ path: [name], length: shareBytes, sha256 }];
  return createMetainfo({ announce: TRACKER, name, pieceLength, files, digests });
}

/**
 * Real SHA-256, but that the digest of zeros from `zeroBlock` is worked out once for each length.
 * @param onDigest called with what each digest is taken of
 */
export function simHasher(world: SimWorld, onDigest: AgentOptions['onDigest'] = ignore): Hasher {
  const zeros = zeroBlock(1).buffer;
  return {
    digest: (parts) => {
      world.settle();
      onDigest(parts);
      const length = parts.reduce((sum, part) => sum + part.length, 0);
      const areZeros = parts.every((part) => part.buffer === zeros);
      const digest = (areZeros ? DIGESTS_OF_ZEROS.get(length) : undefined) ?? sha256Of(parts);
      if (areZeros) DIGESTS_OF_ZEROS.set(length, digest);
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
