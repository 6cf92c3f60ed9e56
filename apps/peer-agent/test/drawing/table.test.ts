import { expect, test } from 'vitest';
import { drawTable } from '../../src/drawing/table.ts';

test('makes columns as wide as they look, not as long as they are', () => {
  expect(
    drawTable([
      ['写真', '1'],
      ['photos', '22'],
    ]),
  ).toBe('写真    1\nphotos  22');
});

test('does not pad the last column', () => {
  expect(
    drawTable([
      ['a', 'long'],
      ['b', ''],
    ]),
  ).toBe('a  long\nb');
});
