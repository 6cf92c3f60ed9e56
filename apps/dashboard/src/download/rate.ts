/** Bytes a second over the last few seconds. */
const SPAN_MS = 5_000;

export class Rate {
  readonly #arrived: { readonly atMs: number; readonly bytes: number }[] = [];
  #sinceMs: number | undefined;

  add(bytes: number, nowMs: number): void {
    this.#sinceMs ??= nowMs;
    this.#arrived.push({ atMs: nowMs, bytes });
  }

  bytesPerSecond(nowMs: number): number {
    if (this.#sinceMs === undefined) return 0;
    while ((this.#arrived[0]?.atMs ?? nowMs) < nowMs - SPAN_MS) this.#arrived.shift();
    const bytes = this.#arrived.reduce((sum, each) => sum + each.bytes, 0);
    return (bytes * 1_000) / Math.max(1_000, Math.min(SPAN_MS, nowMs - this.#sinceMs));
  }
}
