/** Rates over the last minutes, one a second, as the page saw them. */
const SPACING_MS = 1_000;
const LENGTH = 300;

/** A rate, and when it was seen, in milliseconds since 1970. */
interface RateSample {
  readonly atMs: number;
  readonly bytesPerSecond: number;
}

/** Oldest first. */
export type RateHistory = readonly RateSample[];

/** The history with one more rate, if its last second is over, and without what is too old. */
export function withRate(history: RateHistory, bytesPerSecond: number, atMs: number): RateHistory {
  const last = history.at(-1);
  if (last !== undefined && atMs - last.atMs < SPACING_MS) return history;
  return [...history.slice(-(LENGTH - 1)), { atMs, bytesPerSecond }];
}

/** A history that was told as one rate for each of the last seconds, the present one last. */
export function historyOf(bytesPerSecond: readonly number[], nowMs: number): RateHistory {
  return bytesPerSecond.map((rate, at) => ({
    atMs: nowMs - (bytesPerSecond.length - 1 - at) * SPACING_MS,
    bytesPerSecond: rate,
  }));
}
