import { describe, expect, it } from 'vitest';
import { retryDelay } from '../src/retry-delay.ts';

const bounds = { baseMs: 250, capMs: 15_000 };
const ALMOST_ONE = 1 - Number.EPSILON;

describe('the delay before another attempt', () => {
  it('is short at first, grows, and has a cap', () => {
    const longest = [0, 1, 2, 6, 100, 10_000].map((failures) => Math.round(retryDelay(failures, bounds, ALMOST_ONE)));
    expect(longest).toEqual([250, 500, 1_000, 15_000, 15_000, 15_000]);
  });

  it('may be anything down to nothing, so that agents do not come back together', () => {
    expect(retryDelay(9, bounds, 0)).toBe(0);
    expect(retryDelay(9, bounds, 0.5)).toBe(7_500);
  });
});
