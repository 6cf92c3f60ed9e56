import { LIMITS } from '@shoal/protocol';
import { RateLimiter } from './rate-limiter.ts';
import { Turns } from './turns.ts';

/** Two pieces of the largest size always fit. */
const MEMORY_BYTES = 2 * LIMITS.maxPieceBytes;

/**
 * How much an agent lets come in, over all its swarms: bytes that are promised, in memory or on their way to the disk,
 * and bytes a second if a limit is set. An offer that finds no room is held back, which its sender feels as delay.
 */
export class ReceiveBudget {
  readonly #limiter: RateLimiter;
  readonly #turns = new Turns();
  #usedBytes = 0;

  /** @param bytesPerSecond the download limit; undefined for none */
  constructor(bytesPerSecond?: number) {
    this.#limiter = new RateLimiter(bytesPerSecond);
  }

  /** Whether a swarm may accept a piece now; one that may not is first when there is room again. */
  hasRoom(pieceBytes: number, nowMs: number, swarm: object): boolean {
    const isRoom = this.#usedBytes + pieceBytes <= MEMORY_BYTES && this.#limiter.waitMs(nowMs) === 0;
    return this.#turns.mayTake(swarm, isRoom);
  }

  /** A swarm has nothing to accept any more. */
  leave(swarm: object): void {
    this.#turns.leave(swarm);
  }

  /** Bytes that are taken. */
  get usedBytes(): number {
    return this.#usedBytes;
  }

  /** Counts an accepted piece, until `give`. */
  take(bytes: number, nowMs: number): void {
    this.#usedBytes += bytes;
    this.#limiter.take(bytes, nowMs);
  }

  /** The piece is stored, or will not come. */
  give(bytes: number): void {
    this.#usedBytes -= bytes;
    if (this.#usedBytes < 0) throw new Error('invariant: more was given back than was taken');
  }
}
