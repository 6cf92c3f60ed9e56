import { ShoalError, type Block, type InfoHash } from '@shoal/protocol';
import type { RateLimiter } from '../core/rate-limiter.ts';
import type { PeerLink } from './peer-link.ts';
import type { Clock } from './ports.ts';

/** Blocks that are read ahead of the one being sent, so that disk and network work at once. */
const READ_AHEAD = 4;
/** A link with more than this unsent gets no further block: what waits here can still be cancelled. */
const QUEUE_BYTES = 1024 * 1024;

/** One requested block on its way out. */
export interface OutgoingBlock {
  readonly link: PeerLink;
  readonly infoHash: InfoHash;
  readonly block: Block;
  read(): Promise<Uint8Array>;
  /** A part of it was sent: under an upload limit several, else the whole. */
  onSent(part: Block): void;
  onFailed(error: ShoalError): void;
}

interface Queue {
  readonly waiting: OutgoingBlock[];
  readonly reading: Map<OutgoingBlock, Promise<Uint8Array>>;
  wake: () => void;
}

/**
 * Sends requested blocks: each link's in order, reading ahead, within the link's back-pressure and the upload limit. Under
 * a limit a block goes out in parts, for which the links take turns, so that the rate is even and messages come between.
 */
export class BlockSender {
  readonly #clock: Clock;
  readonly #limiter: RateLimiter;
  readonly #queues = new Map<PeerLink, Queue>();
  /** Settled when all links that asked before had their turn. */
  #lastTurn: Promise<void> = Promise.resolve();

  constructor(clock: Clock, limiter: RateLimiter) {
    this.#clock = clock;
    this.#limiter = limiter;
  }

  add(outgoing: OutgoingBlock): void {
    const queue = this.#queues.get(outgoing.link);
    if (queue !== undefined) {
      queue.waiting.push(outgoing);
      this.#readAhead(queue);
      return;
    }
    const fresh: Queue = { waiting: [outgoing], reading: new Map(), wake: () => undefined };
    this.#queues.set(outgoing.link, fresh);
    void this.#run(outgoing.link, fresh);
  }

  /** Forgets what is queued of a piece. */
  cancel(link: PeerLink, infoHash: InfoHash, piece: number): void {
    const queue = this.#queues.get(link);
    if (queue !== undefined) drop(queue, (each) => each.infoHash === infoHash && each.block.piece === piece);
  }

  /** We left a swarm: what was requested then is not sent when we are in it again. */
  forgetSwarm(infoHash: InfoHash): void {
    for (const queue of this.#queues.values()) drop(queue, (each) => each.infoHash === infoHash);
  }

  /** The link has sent what it had. */
  drained(link: PeerLink): void {
    this.#queues.get(link)?.wake();
  }

  /** The link is closed. */
  forget(link: PeerLink): void {
    const queue = this.#queues.get(link);
    if (queue === undefined) return;
    queue.waiting.length = 0;
    queue.wake();
  }

  async #run(link: PeerLink, queue: Queue): Promise<void> {
    for (let next = queue.waiting[0]; next !== undefined; next = queue.waiting[0]) {
      await this.#sendOne(next, queue);
    }
    this.#queues.delete(link);
  }

  async #sendOne(outgoing: OutgoingBlock, queue: Queue): Promise<void> {
    const { link, infoHash, block } = outgoing;
    try {
      const bytes = await this.#read(outgoing, queue);
      const partBytes = Math.min(bytes.length, this.#limiter.unitBytes);
      for (let at = 0; at < bytes.length; at += partBytes) {
        const part = { ...block, begin: block.begin + at, length: Math.min(partBytes, bytes.length - at) };
        await this.#waitForRoom(part, outgoing, queue);
        // A cancel or a closed link emptied the place meanwhile.
        if (queue.waiting[0] !== outgoing) return;
        if (at + part.length === bytes.length) queue.waiting.shift();
        if (link.sendBlock(infoHash, part, bytes.subarray(at, at + part.length))) outgoing.onSent(part);
      }
    } catch (error) {
      if (!(error instanceof ShoalError)) throw error;
      this.cancel(link, infoHash, block.piece);
      outgoing.onFailed(error);
    } finally {
      queue.reading.delete(outgoing);
    }
  }

  #readAhead(queue: Queue): void {
    for (const ahead of queue.waiting.slice(0, READ_AHEAD)) {
      if (queue.reading.has(ahead)) continue;
      const reading = ahead.read();
      // Awaited in its turn, or never, when it is cancelled: then its failure is nobody's business.
      reading.catch(() => undefined);
      queue.reading.set(ahead, reading);
    }
  }

  #read(outgoing: OutgoingBlock, queue: Queue): Promise<Uint8Array> {
    this.#readAhead(queue);
    const reading = queue.reading.get(outgoing);
    if (reading === undefined) throw new Error('invariant: the first block is being read');
    return reading;
  }

  /** Waits until the link has room for the first block's next part, and the limit, from which it is then taken. */
  async #waitForRoom(part: Block, outgoing: OutgoingBlock, queue: Queue): Promise<void> {
    const isWanted = (): boolean => queue.waiting[0] === outgoing;
    while (outgoing.link.queuedBytes > QUEUE_BYTES && isWanted()) {
      await new Promise<void>((resolve) => {
        queue.wake = resolve;
      });
    }
    if (this.#limiter.unitBytes === Number.POSITIVE_INFINITY) return;
    this.#lastTurn = this.#lastTurn.then(() => this.#takeTurn(part.length, queue, isWanted));
    await this.#lastTurn;
  }

  async #takeTurn(bytes: number, queue: Queue, isWanted: () => boolean): Promise<void> {
    for (let waitMs = this.#waitMs; waitMs > 0 && isWanted(); waitMs = this.#waitMs) {
      await new Promise<void>((resolve) => {
        const cancel = this.#clock.setTimer(waitMs, resolve);
        queue.wake = () => {
          cancel();
          resolve();
        };
      });
    }
    if (isWanted()) this.#limiter.take(bytes, this.#clock.now());
  }

  get #waitMs(): number {
    return this.#limiter.waitMs(this.#clock.now());
  }
}

function drop({ waiting, reading }: Queue, isDropped: (each: OutgoingBlock) => boolean): void {
  for (const each of waiting.filter(isDropped)) {
    waiting.splice(waiting.indexOf(each), 1);
    reading.delete(each);
  }
}
