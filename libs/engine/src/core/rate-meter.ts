const SPAN_MS = 4_000;
const BUCKETS = 8;

/** Bytes per second over the last while, and in all. */
export class RateMeter {
  readonly #bucketMs: number;
  /** Made with the first byte: of most peers and links there comes none. */
  #buckets: Float64Array | undefined;
  #lastBucket = 0;
  #startedMs: number | undefined;
  #totalBytes = 0;

  /** @param spanMs over how long it measures */
  constructor(spanMs = SPAN_MS) {
    this.#bucketMs = spanMs / BUCKETS;
  }

  /** Bytes since the meter was made. */
  get totalBytes(): number {
    return this.#totalBytes;
  }

  add(bytes: number, nowMs: number): void {
    const buckets = (this.#buckets ??= new Float64Array(BUCKETS));
    this.#advance(buckets, nowMs);
    this.#startedMs ??= nowMs;
    buckets[this.#lastBucket % BUCKETS] = (buckets[this.#lastBucket % BUCKETS] ?? 0) + bytes;
    this.#totalBytes += bytes;
  }

  /** The mean over the buckets, the last of which is not over yet, or since the first byte if that is less. */
  bytesPerSecond(nowMs: number): number {
    if (this.#startedMs === undefined || this.#buckets === undefined) return 0;
    this.#advance(this.#buckets, nowMs);
    const sum = this.#buckets.reduce((total, bytes) => total + bytes, 0);
    const coveredMs = this.#bucketMs * (BUCKETS - 1) + (nowMs % this.#bucketMs);
    const spanMs = Math.min(coveredMs, Math.max(this.#bucketMs, nowMs - this.#startedMs));
    return (sum * 1000) / spanMs;
  }

  #advance(buckets: Float64Array, nowMs: number): void {
    const bucket = Math.floor(nowMs / this.#bucketMs);
    const steps = Math.min(BUCKETS, bucket - this.#lastBucket);
    for (let step = 0; step < steps; step++) buckets[(bucket - step) % BUCKETS] = 0;
    this.#lastBucket = Math.max(bucket, this.#lastBucket);
  }
}
