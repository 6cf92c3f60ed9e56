import { expect, test } from 'vitest';
import { drawBytes } from '../../src/drawing/units.ts';

test.each([
  [0, '0 B'],
  [1023, '1023 B'],
  [1024, '1 KiB'],
  [1536, '1.5 KiB'],
  [1024 ** 2 - 1, '1023.9 KiB'],
  [1024 ** 2, '1 MiB'],
  [102_400_000, '97.6 MiB'],
  [5 * 1024 ** 5, '5 PiB'],
  [5 * 1024 ** 6, '5120 PiB'],
])('draws %i bytes in the largest unit of which there is one', (bytes, text) => {
  expect(drawBytes(bytes)).toBe(text);
});
