const BURST_MS = 250;
/** What is taken at once is worth so much time: little against any span over which somebody measures a limit. */
const UNIT_MS = 50;
/** Smaller units would be mostly headers. */
const MIN_UNIT_BYTES = 4 * 1024;

/**
 * A token bucket that may go into debt: what is taken is always granted while the balance is positive, so a unit larger
 * than the bucket passes and is paid for afterwards. Holds any rate exactly in the long run, and, when it is taken from in
 * units of `unitBytes`, to a few percent in any ten seconds.
 */
export class RateLimiter {
  readonly #bytesPerSecond: number;
  #balance: number;
  #updatedMs: number | undefined;

  /** @param bytesPerSecond the limit; undefined for none */
  constructor(bytesPerSecond: number | undefined) {
    this.#bytesPerSecond = bytesPerSecond ?? Number.POSITIVE_INFINITY;
    this.#balance = this.#burst;
  }

  /** How much to take at once, so that the rate is even; infinite without a limit. */
  get unitBytes(): number {
    return Math.max(MIN_UNIT_BYTES, Math.floor((this.#bytesPerSecond * UNIT_MS) / 1000));
  }

  /** Milliseconds until something may be taken: 0 means now. */
  waitMs(nowMs: number): number {
    if (this.#bytesPerSecond === Number.POSITIVE_INFINITY) return 0;
    this.#refill(nowMs);
    return this.#balance > 0 ? 0 : Math.max(1, Math.ceil((-this.#balance * 1000) / this.#bytesPerSecond));
  }

  /** Takes bytes; the caller has seen `waitMs` be 0. */
  take(bytes: number, nowMs: number): void {
    if (this.#bytesPerSecond === Number.POSITIVE_INFINITY) return;
    this.#refill(nowMs);
    this.#balance -= bytes;
  }

  get #burst(): number {
    return (this.#bytesPerSecond * BURST_MS) / 1000;
  }

  #refill(nowMs: number): void {
    const elapsedMs = nowMs - (this.#updatedMs ?? nowMs);
    this.#balance = Math.min(this.#burst, this.#balance + (elapsedMs * this.#bytesPerSecond) / 1000);
    this.#updatedMs = nowMs;
  }
}
