import { expect, it } from 'vitest';
import { RateMeter } from '../../src/core/rate-meter.ts';

/** Feeds a meter at a steady rate, from one moment to another. */
function feed(meter: RateMeter, bytesPerSecond: number, fromMs: number, toMs: number): void {
  for (let nowMs = fromMs; nowMs < toMs; nowMs += 10) meter.add(bytesPerSecond / 100, nowMs);
}

it('shows no rate before the first byte', () => {
  expect(new RateMeter().bytesPerSecond(12_345)).toBe(0);
});

it.each([8_000, 8_010, 8_250, 8_490, 8_499])('shows a steady rate as it is, at %i ms', (nowMs) => {
  const meter = new RateMeter();
  feed(meter, 100_000, 0, nowMs);
  expect(meter.bytesPerSecond(nowMs) / 100_000).toBeCloseTo(1, 1.5);
});

it('shows the rate since the first byte while that is recent, wherever the clock stands', () => {
  const meter = new RateMeter();
  feed(meter, 100_000, 1_000_200, 1_001_200);
  expect(meter.bytesPerSecond(1_001_200) / 100_000).toBeCloseTo(1, 1.5);
});

it('does not take one early packet for a rate', () => {
  const meter = new RateMeter();
  meter.add(1_000, 5_000);
  expect(meter.bytesPerSecond(5_000)).toBe(2_000);
});

it('follows a change within four seconds', () => {
  const meter = new RateMeter();
  feed(meter, 100_000, 0, 10_000);
  feed(meter, 300_000, 10_000, 14_500);
  expect(meter.bytesPerSecond(14_500) / 300_000).toBeCloseTo(1, 1.5);
});

it('falls to nothing when no more bytes come', () => {
  const meter = new RateMeter();
  feed(meter, 100_000, 0, 6_000);
  expect(meter.bytesPerSecond(8_000)).toBeLessThan(60_000);
  expect(meter.bytesPerSecond(10_000)).toBe(0);
  expect(meter.bytesPerSecond(1_000_000)).toBe(0);
});

it('counts a pause as a pause', () => {
  const meter = new RateMeter();
  feed(meter, 100_000, 0, 6_000);
  feed(meter, 100_000, 7_000, 7_500);
  expect(meter.bytesPerSecond(7_500) / (100_000 * (2.5 / 3.5))).toBeCloseTo(1, 1.5);
});

it('never forgets the total', () => {
  const meter = new RateMeter();
  feed(meter, 100_000, 0, 6_000);
  meter.bytesPerSecond(1_000_000);
  meter.add(5, 1_000_000);
  expect(meter.totalBytes).toBe(600_005);
});
