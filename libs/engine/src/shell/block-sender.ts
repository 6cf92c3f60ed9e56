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
  onSent(): void;
  onFailed(error: ShoalError): void;
}

interface Queue {
  readonly waiting: OutgoingBlock[];
  readonly reading: Map<OutgoingBlock, Promise<Uint8Array>>;
  wake: () => void;
}

/** Sends requested blocks: each link's in order, reading ahead, within the link's back-pressure and the upload limit. */
export class BlockSender {
  readonly #clock: Clock;
  readonly #limiter: RateLimiter;
  readonly #queues = new Map<PeerLink, Queue>();

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
    if (queue === undefined) return;
    const isCancelled = (each: OutgoingBlock): boolean => each.infoHash === infoHash && each.block.piece === piece;
    for (const each of queue.waiting.filter(isCancelled)) {
      queue.waiting.splice(queue.waiting.indexOf(each), 1);
      queue.reading.delete(each);
    }
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
      await this.#waitForRoom(link, queue);
      // A cancel or a closed link emptied the place meanwhile.
      if (queue.waiting[0] !== outgoing) return;
      queue.waiting.shift();
      this.#limiter.take(bytes.length, this.#clock.now());
      if (link.sendBlock(infoHash, block, bytes)) outgoing.onSent();
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

  async #waitForRoom(link: PeerLink, queue: Queue): Promise<void> {
    while (link.queuedBytes > QUEUE_BYTES && queue.waiting.length > 0) {
      await new Promise<void>((resolve) => {
        queue.wake = resolve;
      });
    }
    for (let waitMs = this.#limiter.waitMs(this.#clock.now()); waitMs > 0 && queue.waiting.length > 0;) {
      await new Promise<void>((resolve) => {
        const cancel = this.#clock.setTimer(waitMs, resolve);
        queue.wake = () => {
          cancel();
          resolve();
        };
      });
      waitMs = this.#limiter.waitMs(this.#clock.now());
    }
  }
}
