const BUCKET_MS = 500;
const BUCKETS = 8;

/** Bytes per second over the last few seconds, and in all. */
export class RateMeter {
  /** Made with the first byte: of most peers and links there comes none. */
  #buckets: Float64Array | undefined;
  #lastBucket = 0;
  #startedMs: number | undefined;
  #totalBytes = 0;

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
    const coveredMs = BUCKET_MS * (BUCKETS - 1) + (nowMs % BUCKET_MS);
    const spanMs = Math.min(coveredMs, Math.max(BUCKET_MS, nowMs - this.#startedMs));
    return (sum * 1000) / spanMs;
  }

  #advance(buckets: Float64Array, nowMs: number): void {
    const bucket = Math.floor(nowMs / BUCKET_MS);
    const steps = Math.min(BUCKETS, bucket - this.#lastBucket);
    for (let step = 0; step < steps; step++) buckets[(bucket - step) % BUCKETS] = 0;
    this.#lastBucket = Math.max(bucket, this.#lastBucket);
  }
}
