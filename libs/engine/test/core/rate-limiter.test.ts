import { describe, expect, it } from 'vitest';
import { RateLimiter } from '../../src/core/rate-limiter.ts';

/** Takes units as early as the limiter allows, until a time; returns the bytes taken. */
function takeUntil(limiter: RateLimiter, unitBytes: number, endMs: number): number {
  let taken = 0;
  for (let nowMs = 0; nowMs < endMs;) {
    const waitMs = limiter.waitMs(nowMs);
    if (waitMs > 0) {
      nowMs += waitMs;
      continue;
    }
    limiter.take(unitBytes, nowMs);
    taken += unitBytes;
  }
  return taken;
}

describe('without a limit', () => {
  it('never waits', () => {
    const limiter = new RateLimiter(undefined);
    limiter.take(1e12, 0);
    expect(limiter.waitMs(0)).toBe(0);
  });
});

describe('with a limit', () => {
  it.each([
    [1_000, 256 * 1024],
    [50_000, 256 * 1024],
    [1_000_000, 256 * 1024],
    [1_000_000, 7],
    [123_456_789, 256 * 1024],
    [999, 1_000_000],
  ])('holds %i bytes a second in the long run, in units of %i', (bytesPerSecond, unitBytes) => {
    const seconds = Math.max(1_000, (200 * unitBytes) / bytesPerSecond);
    const taken = takeUntil(new RateLimiter(bytesPerSecond), unitBytes, unitBytes < 10 ? 20_000 : seconds * 1000);
    const expected = bytesPerSecond * (unitBytes < 10 ? 20 : seconds);
    expect(taken / expected).toBeGreaterThan(0.985);
    expect(taken).toBeLessThanOrEqual(expected + bytesPerSecond / 4 + unitBytes);
  });

  it.each([20_000, 200_000, 5_000_000, 1e9])('holds %i bytes a second within 5 % in the first ten seconds', (rate) => {
    const limiter = new RateLimiter(rate);
    const taken = takeUntil(limiter, limiter.unitBytes, 10_000);
    expect(Math.abs(taken / (10 * rate) - 1)).toBeLessThan(0.05);
  });

  it('lets a unit pass that is larger than a second of the rate, and has it paid for afterwards', () => {
    const limiter = new RateLimiter(1_000);
    expect(limiter.waitMs(0)).toBe(0);
    limiter.take(10_250, 0);
    expect(limiter.waitMs(0)).toBe(10_000);
    expect(limiter.waitMs(9_000)).toBe(1_000);
    expect(limiter.waitMs(10_000)).toBe(1);
    expect(limiter.waitMs(10_001)).toBe(0);
  });

  it('saves up no more than a quarter of a second while nothing is taken', () => {
    const limiter = new RateLimiter(1_000);
    limiter.take(250, 0);
    expect(limiter.waitMs(3_600_000)).toBe(0);
    limiter.take(250, 3_600_000);
    expect(limiter.waitMs(3_600_000)).toBeGreaterThan(0);
  });

  it('does not mind at what time of the clock it starts', () => {
    const limiter = new RateLimiter(1_000);
    limiter.take(1_250, 86_400_000);
    expect(limiter.waitMs(86_400_000)).toBe(1_000);
  });
});
