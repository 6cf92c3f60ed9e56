import { describe, expect, it } from 'vitest';
import { ratesOf } from '../src/rate-record.ts';

/** Readings every second of what a counter said. */
const everySecond = (...bytes: number[]) => bytes.map((count, at) => ({ atMs: 1000 * at, bytes: count }));

describe('ratesOf', () => {
  it('gives the mean from the first reading on, and the extremes over all spans', () => {
    expect(ratesOf(everySecond(0, 10, 30, 70, 80), 2_000)).toEqual({ first: 15, lowest: 15, highest: 30 });
  });

  it('divides by the time that really lies between two readings', () => {
    const readings = [
      { atMs: 0, bytes: 0 },
      { atMs: 900, bytes: 5 },
      { atMs: 1250, bytes: 10 },
    ];
    expect(ratesOf(readings, 1_000)).toEqual({ first: 8, lowest: 8, highest: 8 });
  });
});
