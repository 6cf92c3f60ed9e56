import { LIMITS } from '@shoal/protocol';
import { RateLimiter } from './rate-limiter.ts';
import { Turns } from './turns.ts';

/** Two pieces of the largest size always fit. */
const MEMORY_BYTES = 2 * LIMITS.maxPieceBytes;
/** What all peers that have delivered nothing yet may have promised together: the rest is for those that have. */
const STRANGERS_BYTES = MEMORY_BYTES / 2;

/**
 * How much an agent lets come in, over all its swarms: pieces that are promised, in memory or on their way to the disk,
 * and bytes a second if a limit is set. A piece is accepted when there is memory for it, and requested in parts as the
 * limit allows; an offer that finds no room is held back, which its sender feels as delay.
 */
export class ReceiveBudget {
  readonly #limiter: RateLimiter;
  readonly #memoryTurns = new Turns();
  readonly #rateTurns = new Turns();
  #usedBytes = 0;
  #strangersBytes = 0;
  #requestedBytes = 0;

  /** @param bytesPerSecond the download limit; undefined for none */
  constructor(bytesPerSecond?: number) {
    this.#limiter = new RateLimiter(bytesPerSecond);
  }

  /** Whether a swarm may accept a piece now; one that may not is first when there is room again. */
  hasRoom(pieceBytes: number, swarm: object): boolean {
    return this.#memoryTurns.mayTake(swarm, this.#usedBytes + pieceBytes <= MEMORY_BYTES);
  }

  /**
   * Whether one more piece may be accepted from a peer that has delivered nothing yet. No turn is taken for that: who waits
   * for strangers keeps nobody else from their room.
   * @param promisedBytes what it has promised already: where half of the room is gone, each gets one piece
   */
  hasRoomForStranger(pieceBytes: number, promisedBytes: number): boolean {
    const mostBytes = promisedBytes === 0 ? STRANGERS_BYTES : STRANGERS_BYTES / 2;
    return this.#strangersBytes + pieceBytes <= mostBytes;
  }

  /** Counts a piece that a stranger promised, or a negative number when it is one no more or the promise is over. */
  takeForStranger(bytes: number): void {
    this.#strangersBytes += bytes;
  }

  /** Whether a swarm may request a part now; one that may not is first when the limit allows more. */
  mayRequest(nowMs: number, swarm: object): boolean {
    return this.#rateTurns.mayTake(swarm, this.#limiter.waitMs(nowMs) === 0);
  }

  /** Largest part to request at once. */
  get partBytes(): number {
    return Math.min(LIMITS.blockBytes, this.#limiter.unitBytes);
  }

  /** Milliseconds until the limit allows more: 0 means now. */
  waitMs(nowMs: number): number {
    return this.#limiter.waitMs(nowMs);
  }

  /** A swarm has nothing to request for now. */
  allRequested(swarm: object): void {
    this.#rateTurns.leave(swarm);
  }

  /** A swarm has nothing to accept or request any more. */
  leave(swarm: object): void {
    this.#memoryTurns.leave(swarm);
    this.#rateTurns.leave(swarm);
  }

  /** Memory that is taken, in bytes. */
  get usedBytes(): number {
    return this.#usedBytes;
  }

  /** Bytes that were requested since the start. */
  get requestedBytes(): number {
    return this.#requestedBytes;
  }

  /** Counts an accepted piece, until `give`. */
  take(bytes: number): void {
    this.#usedBytes += bytes;
  }

  /** Counts a requested part. */
  request(bytes: number, nowMs: number): void {
    this.#requestedBytes += bytes;
    this.#limiter.take(bytes, nowMs);
  }

  /** The piece is stored, or will not come. */
  give(bytes: number): void {
    this.#usedBytes -= bytes;
    if (this.#usedBytes < 0) throw new Error('invariant: more was given back than was taken');
  }
}
