import {
  encodeMetainfo,
  ShoalError,
  type InfoHash,
  type Metainfo,
  type PeerAddress,
  type PeerId,
} from '@shoal/protocol';
import type { Effect, SwarmEvent } from '../core/events.ts';
import type { Swarm } from '../core/swarm.ts';
import type { BlockSender } from './block-sender.ts';
import type { PeerLink } from './peer-link.ts';
import type { Clock, Digested, Hasher, PieceStore } from './ports.ts';

/** What a runner needs of the engine around it. */
export interface RunnerContext {
  readonly clock: Clock;
  readonly hasher: Hasher;
  readonly sender: BlockSender;
  linkOf(peerId: PeerId): PeerLink | undefined;
  /** After every event: other swarms may have room now, the tracker may have to know. */
  onEventHandled(runner: SwarmRunner): void;
  onPeersLearned(infoHash: InfoHash, peers: readonly PeerAddress[]): void;
  /** The peer broke the rules; its link may be gone already. */
  onMisdeed(peerId: PeerId, error: ShoalError): void;
  onWithdrawn(runner: SwarmRunner, error: ShoalError): void;
}

type PeerEffect = Exclude<Extract<Effect, { peerId: PeerId }>, { kind: 'hash-piece' | 'ban-peer' }>;
type ShareEffect = Exclude<Effect, { peerId: PeerId }>;

/** Runs one swarm: gives it events, performs its effects on the ports, and turns what comes of them into events again. */
export class SwarmRunner {
  readonly metainfo: Metainfo;
  readonly trackers: readonly string[];
  readonly swarm: Swarm;
  /** Settled when the share is complete, checked and has its final name, or cannot be. */
  readonly finished: Promise<void>;
  readonly #store: PieceStore;
  readonly #context: RunnerContext;
  #settle: { resolve(): void; reject(error: ShoalError): void } = { resolve: () => undefined, reject: () => undefined };
  #isStopped = false;

  constructor(
    swarm: Swarm,
    share: { metainfo: Metainfo; store: PieceStore; trackers: readonly string[] },
    context: RunnerContext,
  ) {
    this.swarm = swarm;
    this.metainfo = share.metainfo;
    this.trackers = share.trackers;
    this.#store = share.store;
    this.#context = context;
    this.finished = new Promise((resolve, reject) => {
      this.#settle = { resolve, reject };
    });
    // Whoever wants to know awaits it; a failure that nobody awaits stands in the snapshot.
    this.finished.catch(() => undefined);
  }

  get infoHash(): InfoHash {
    return this.metainfo.infoHash;
  }

  /** Whether the swarm was left, by us or because it failed. */
  get isStopped(): boolean {
    return this.#isStopped;
  }

  start(): void {
    this.#perform(this.swarm.start());
  }

  /** Gives the swarm one event and performs what it wants. */
  dispatch(event: SwarmEvent): void {
    if (this.#isStopped) return;
    this.#perform(this.swarm.handle(event, this.#context.clock.now()));
    this.#context.onEventHandled(this);
  }

  /** Handles nothing any more, and lets go of the files. */
  async stop(): Promise<void> {
    if (this.#isStopped) return;
    this.#isStopped = true;
    this.swarm.stop();
    this.#settle.reject(new ShoalError('shutting-down', `the transfer of ${this.metainfo.info.name} was stopped`));
    await this.#store.close();
  }

  #perform(effects: readonly Effect[]): void {
    for (const effect of effects) this.#performOne(effect);
  }

  #performOne(effect: Effect): void {
    if (effect.kind === 'hash-piece') void this.#hash(effect);
    else if (effect.kind === 'ban-peer')
      this.#context.onMisdeed(effect.peerId, new ShoalError(effect.code, effect.message));
    else if ('peerId' in effect) this.#performForPeer(effect);
    else this.#performForShare(effect);
  }

  #performForPeer(effect: PeerEffect): void {
    const link = this.#context.linkOf(effect.peerId);
    if (link === undefined) return;
    switch (effect.kind) {
      case 'send-message':
        link.send(this.infoHash, effect.message);
        return;
      case 'send-metainfo':
        link.send(this.infoHash, { kind: 'metainfo', document: encodeMetainfo(this.metainfo) });
        return;
      case 'send-block':
        this.#sendBlock(link, effect);
        return;
      case 'unsend-piece':
        this.#context.sender.cancel(link, this.infoHash, effect.piece);
    }
  }

  #performForShare(effect: ShareEffect): void {
    switch (effect.kind) {
      case 'store-piece':
        void this.#write(effect);
        return;
      case 'finish':
        void this.#finish();
        return;
      case 'learn-peers':
        this.#context.onPeersLearned(this.infoHash, effect.peers);
        return;
      case 'withdraw':
        this.#settle.reject(effect.error);
        this.#context.onWithdrawn(this, effect.error);
    }
  }

  #sendBlock(link: PeerLink, { peerId, block }: Extract<Effect, { kind: 'send-block' }>): void {
    this.#context.sender.add({
      link,
      infoHash: this.infoHash,
      block,
      read: () => this.#store.readBlock(block),
      onSent: (part) => {
        this.dispatch({ kind: 'block-sent', peerId, block: part });
      },
      onFailed: (error) => {
        this.dispatch({ kind: 'store-failed', error });
      },
    });
  }

  async #hash({ peerId, piece, parts }: Extract<Effect, { kind: 'hash-piece' }>): Promise<void> {
    let digested: Digested;
    try {
      digested = await this.#context.hasher.digest(parts);
    } catch (error) {
      this.dispatch({ kind: 'store-failed', error: asStoreError(error) });
      return;
    }
    const isGood = isEqual(digested.digest, this.metainfo.digestOf(piece));
    this.dispatch({ kind: 'piece-hashed', peerId, piece, isGood, parts: digested.parts });
  }

  async #write({ piece, parts }: Extract<Effect, { kind: 'store-piece' }>): Promise<void> {
    try {
      await this.#store.writePiece(piece, parts);
    } catch (error) {
      this.dispatch({ kind: 'piece-not-stored', piece, error: asStoreError(error) });
      return;
    }
    this.dispatch({ kind: 'piece-stored', piece });
  }

  async #finish(): Promise<void> {
    try {
      await this.#store.finish();
    } catch (error) {
      this.dispatch({ kind: 'store-failed', error: asStoreError(error) });
      return;
    }
    this.dispatch({ kind: 'finished' });
    this.#settle.resolve();
  }
}

function asStoreError(error: unknown): ShoalError {
  if (error instanceof ShoalError) return error;
  return new ShoalError('storage-failed', 'the store failed', { cause: error });
}

function isEqual(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, at) => byte === b[at]);
}
