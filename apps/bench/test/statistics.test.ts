import { expect, it } from 'vitest';
import { formatTable, mebibytes, megabytes, median } from '../src/statistics.ts';

it('takes the middle value, whatever the order', () => {
  expect(median([9, 1, 5])).toBe(5);
  expect(median([10, 2, 4, 8])).toBe(6);
  expect(median([])).toBeNaN();
});

it('lines up the columns of a table', () => {
  const rows = [
    ['what', 'MB/s'],
    ['plain TCP', '9'],
    ['shoal', '1234'],
  ];
  expect(formatTable(rows).split('\n')).toEqual([
    'what       MB/s',
    '---------  ----',
    'plain TCP     9',
    'shoal      1234',
  ]);
});

it('counts rates in millions and memory in powers of two', () => {
  expect([megabytes(750_000_000), mebibytes(200 * 1024 ** 2), mebibytes(undefined)]).toEqual(['750', '200', '–']);
});
