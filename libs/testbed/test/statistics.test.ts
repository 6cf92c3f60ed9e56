import { expect, it } from 'vitest';
import { median, quantile } from '../src/statistics.ts';

it('takes the middle value, whatever the order', () => {
  expect(median([9, 1, 5])).toBe(5);
  expect(median([10, 2, 4, 8])).toBe(6);
  expect(median([])).toBeNaN();
});

it('takes a value between its neighbours, in proportion', () => {
  expect(quantile([4, 2, 1, 3, 5], 0.75)).toBe(4);
  expect(quantile([0, 10], 0.99)).toBeCloseTo(9.9);
});
