/** How long to wait between attempts, in milliseconds. */
export interface RetryBounds {
  readonly baseMs: number;
  readonly capMs: number;
}

/**
 * Exponential back-off with full jitter: after a tracker's restart a thousand agents come back spread out, not at once.
 * @param failures attempts that have failed in a row
 * @param random uniform in [0, 1)
 */
export function retryDelay(failures: number, { baseMs, capMs }: RetryBounds, random: number): number {
  return random * Math.min(capMs, baseMs * 2 ** Math.min(failures, 30));
}
