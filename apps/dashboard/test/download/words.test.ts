import { expect, test } from 'vitest';
import type { DownloadState } from '../../src/download/file-download.ts';
import { percentOf, progressText, sizeText } from '../../src/download/words.ts';
import { Rate } from '../../src/download/rate.ts';

const state: DownloadState = {
  ...{ phase: 'fetching', length: 1000, verifiedBytes: 999, checkedBytes: 10, bytesPerSecond: 0 },
  sources: [],
  troubles: [],
};

test.each([
  [0, '0 bytes'],
  [1, '1 byte'],
  [1023, '1023 bytes'],
  [1024, '1.0 KiB'],
  [10 * 1024, '10 KiB'],
  [1024 ** 2, '1.0 MiB'],
  [1.5 * 1024 ** 3, '1.5 GiB'],
  [3 * 1024 ** 5, '3072 TiB'],
])('%i bytes are %s', (bytes, text) => {
  expect(sizeText(bytes)).toBe(text);
});

test('a download is at a hundred percent when it is done, and not before', () => {
  expect(percentOf(state)).toBe(99);
  expect(percentOf({ ...state, phase: 'checking' })).toBe(1);
  expect(percentOf({ ...state, phase: 'done' })).toBe(100);
  expect(percentOf({ ...state, length: 0, verifiedBytes: 0 })).toBe(0);
});

test('names three sources and counts the others', () => {
  const sources = ['a', 'b', 'c', 'd', 'e'].map((name) => ({ name, bytes: 1 }));
  expect(progressText({ ...state, sources })).toBe('999 bytes of 1000 bytes, from a, b, c, 2 more');
});

test('a rate is that of the last seconds', () => {
  const rate = new Rate();
  expect(rate.bytesPerSecond(0)).toBe(0);
  for (let second = 0; second < 10; second++) rate.add(1000, second * 1000);
  expect(rate.bytesPerSecond(9_500)).toBeCloseTo(1000, -2);
  expect(rate.bytesPerSecond(20_000)).toBe(0);
});
