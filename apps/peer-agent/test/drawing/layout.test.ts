import pc from 'picocolors';
import stringWidth from 'string-width';
import { expect, test } from 'vitest';
import { cutEnd, cutMiddle, placeAfter } from '../../src/drawing/layout.ts';

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

test('cuts the end of a text, and leaves no colour behind', () => {
  const colours = pc.createColors(true);
  const cut = cutEnd(colours.red('写真写真写真'), 6, colours);
  expect(stringWidth(cut)).toBe(5);
  expect(cut).toMatch(/写真….*\[0m$/);
  expect(cutEnd('photos', 6, colours)).toBe('photos');
});

test.each([
  ['abcdefghij', 'abc…hij'],
  ['写真写真写真', '写…真'],
  ['abcdefg', 'abcdefg'],
  ['abcdef👨‍👩‍👧‍👦', 'abc…f👨‍👩‍👧‍👦'],
])('cuts the middle of %s', (text, expected) => {
  expect(cutMiddle(text, 7)).toBe(expected);
});
