import { expect, test } from 'vitest';
import { placeAfter } from '../../src/drawing/layout.ts';

test.each([
  ['', 0, 0],
  ['abc', 0, 3],
  ['x'.repeat(10), 1, 0],
  ['x'.repeat(25), 2, 5],
  ['\u001b[1mabc\u001b[22m', 0, 3],
  ['写真', 0, 4],
  ['a\tb', 0, 9],
])('finds the place after %j', (text, rows, columns) => {
  expect(placeAfter(text, 10)).toEqual({ rows, columns });
});

test('does not cut a wide character at the edge', () => {
  expect(placeAfter(`${'x'.repeat(9)}写`, 10)).toEqual({ rows: 1, columns: 2 });
});
