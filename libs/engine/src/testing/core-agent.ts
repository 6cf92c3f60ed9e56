import { BLOCK_HEADER_BYTES, Bitfield, sha256Hex } from '@shoal/protocol';
import type { Block, Metainfo, PeerId, SwarmMessageBody } from '@shoal/protocol';
import type { Effect, SwarmEvent } from '../core/events.ts';
import { ReceiveBudget } from '../core/receive-budget.ts';
import { Swarm } from '../core/swarm.ts';
import { UploadWindow } from '../core/upload-window.ts';
import { zeroBlock } from './memory-piece-store.ts';
import { SimLine, wireBytes } from './sim-line.ts';
import { SimPipe, type Frame } from './sim-pipe.ts';
import { sizeOfMessage } from './swarm-message-size.ts';

/** A pipe with more than this unsent gets no further block, as in the engine: what waits here can still be cancelled. */
const QUEUE_BYTES = 1024 * 1024;

/** What goes from core to core: a message or a block, never encoded. */
interface CoreFrame extends Frame {
  readonly message?: SwarmMessageBody;
  readonly block?: Block;
}

/** One neighbour: the way to it, and the blocks that wait for room on it. */
interface Neighbour {
  readonly pipe: SimPipe<CoreFrame>;
  readonly waiting: Block[];
}

/** Frames of one kind that an agent sent. */
export interface Sent {
  count: number;
  /** With headers. */
  wireBytes: number;
}

/**
 * One agent that is all core: the swarm, window and budget of the real one, and of the rest only what moves bytes. Hashing
 * and storing take no time; messages pass as they are and count on the line with the bytes that they would have.
 */
export class CoreAgent {
  readonly name: string;
  readonly peerId: PeerId;
  readonly line: SimLine;
  readonly sent = new Map<string, Sent>();
  /** Virtual time when it had everything. */
  finishedMs: number | undefined;
  readonly #swarm: Swarm;
  readonly #neighbours = new Map<PeerId, Neighbour>();
  readonly #onFinished: () => void;

  constructor(
    line: SimLine,
    share: { readonly name: string; readonly metainfo: Metainfo; readonly isSeeder: boolean },
    onFinished: () => void,
  ) {
    const { infoHash, layout } = share.metainfo;
    this.name = share.name;
    this.peerId = sha256Hex(new TextEncoder().encode(share.name)) as string as PeerId;
    this.line = line;
    this.#onFinished = onFinished;
    this.#swarm = new Swarm({
      infoHash,
      layout,
      have: share.isSeeder ? Bitfield.full(layout.pieceCount) : new Bitfield(layout.pieceCount),
      window: new UploadWindow(),
      budget: new ReceiveBudget(),
      chance: () => line.world.random.next(),
    });
  }

  /** Makes neighbours of two agents. */
  static link(one: CoreAgent, other: CoreAgent): void {
    const end = (agent: CoreAgent, from: CoreAgent) => ({ line: agent.line, handlers: agent.#handlersFor(from) });
    const [ours, theirs] = SimPipe.pair<CoreFrame>(end(one, other), end(other, one));
    one.#neighbours.set(other.peerId, { pipe: ours, waiting: [] });
    other.#neighbours.set(one.peerId, { pipe: theirs, waiting: [] });
  }

  get neighbourCount(): number {
    return this.#neighbours.size;
  }

  /** Bytes of blocks, without headers. */
  get sentPayloadBytes(): number {
    return this.#swarm.snapshot(this.line.world.nowMs).sentBytes;
  }

  /** Says hello to its neighbours. */
  start(): void {
    this.#perform(this.#swarm.start());
    for (const peerId of this.#neighbours.keys()) this.dispatch({ kind: 'peer-joined', peerId });
  }

  /** Gives the swarm one event and performs what it wants. */
  dispatch(event: SwarmEvent): void {
    this.#perform(this.#swarm.handle(event, this.line.world.nowMs));
  }

  #perform(effects: readonly Effect[]): void {
    for (const effect of effects) this.#performOne(effect);
  }

  #performOne(effect: Effect): void {
    switch (effect.kind) {
      case 'send-message':
        this.#send(effect.peerId, { wireBytes: wireBytes(sizeOfMessage(effect.message)), message: effect.message });
        return;
      case 'send-block':
        this.#sendBlock(effect.peerId, effect.block);
        return;
      case 'unsend-piece':
        this.#unsend(effect.peerId, effect.piece);
        return;
      case 'hash-piece':
        this.dispatch({ ...effect, kind: 'piece-hashed', isGood: true });
        return;
      case 'store-piece':
        this.dispatch({ kind: 'piece-stored', piece: effect.piece });
        return;
      case 'finish':
        this.finishedMs = this.line.world.nowMs;
        this.dispatch({ kind: 'finished' });
        this.#onFinished();
        return;
      default:
        throw new Error(`invariant: nobody breaks a rule here, but there is ${JSON.stringify(effect)}`);
    }
  }

  #handlersFor(from: CoreAgent) {
    const { peerId } = from;
    return {
      onFrame: ({ message, block }: CoreFrame) => {
        this.line.world.note(`${from.name} ${this.name} ${message?.kind ?? String(block?.piece)}`);
        if (message !== undefined) this.dispatch({ kind: 'message-received', peerId, message });
        else if (block !== undefined) {
          const { piece, begin, length } = block;
          this.dispatch({ kind: 'block-received', peerId, piece, begin, bytes: zeroBlock(length) });
        }
      },
      onDrain: () => {
        this.#sendWaiting(peerId);
      },
    };
  }

  #sendBlock(peerId: PeerId, block: Block): void {
    this.#neighbours.get(peerId)?.waiting.push(block);
    this.#sendWaiting(peerId);
  }

  #sendWaiting(peerId: PeerId): void {
    const neighbour = this.#neighbours.get(peerId);
    while (neighbour !== undefined && neighbour.pipe.queuedBytes <= QUEUE_BYTES) {
      const block = neighbour.waiting.shift();
      if (block === undefined) return;
      this.#send(peerId, { wireBytes: wireBytes(BLOCK_HEADER_BYTES + block.length), block });
      this.dispatch({ kind: 'block-sent', peerId, block });
    }
  }

  #unsend(peerId: PeerId, piece: number): void {
    const waiting = this.#neighbours.get(peerId)?.waiting ?? [];
    for (let at = waiting.length - 1; at >= 0; at--) if (waiting[at]?.piece === piece) waiting.splice(at, 1);
  }

  #send(peerId: PeerId, frame: CoreFrame): void {
    this.#neighbours.get(peerId)?.pipe.send(frame);
    const kind = frame.message?.kind ?? 'block';
    const sent = this.sent.get(kind) ?? { count: 0, wireBytes: 0 };
    this.sent.set(kind, sent);
    sent.count++;
    sent.wireBytes += frame.wireBytes;
  }
}
