import { LIMITS } from '@shoal/protocol';
import { RateLimiter } from './rate-limiter.ts';

const MEMORY_BYTES = 32 * 1024 * 1024;

/**
 * How much an agent lets come in, over all its swarms: bytes that are promised, in memory or on their way to the disk,
 * and bytes a second if a limit is set. An offer that finds no room is held back, which its sender feels as delay.
 */
export class ReceiveBudget {
  readonly #limiter: RateLimiter;
  #usedBytes = 0;

  /** @param bytesPerSecond the download limit; undefined for none */
  constructor(bytesPerSecond?: number) {
    this.#limiter = new RateLimiter(bytesPerSecond);
  }

  /** Whether a piece may be accepted now; two pieces of the largest size always fit. */
  hasRoom(pieceBytes: number, nowMs: number): boolean {
    const capacity = Math.max(MEMORY_BYTES, 2 * LIMITS.maxPieceBytes);
    return this.#usedBytes + pieceBytes <= capacity && this.#limiter.waitMs(nowMs) === 0;
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
