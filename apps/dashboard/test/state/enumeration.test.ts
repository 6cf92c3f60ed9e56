import { expect, it } from 'vitest';
import { tellNames, tellPieces } from '../../src/state/enumeration.ts';
import { range } from './pictures.ts';

it.each([
  [['web-7'], 'web-7'],
  [['web-7', 'web-8'], 'web-7 and web-8'],
  [['web-7', 'web-8', 'web-9'], 'web-7, web-8 and 1 other'],
  [range(1, 1_500).map((n) => `web-${n}`), 'web-1, web-2 and 1,498 others'],
])('tells names', (names, text) => {
  expect(tellNames(names)).toBe(text);
});

it.each([
  [[811], '811'],
  [[811, 812], '811 and 812'],
  [[811, 812, 813], '811–813'],
  [[1, 5, 6, 9], '1, 5, 6 and 9'],
  [[...range(3, 9), 20], '3–9 and 20'],
  [[1, 3, 5, 7, 9, ...range(20, 1_222)], '1, 3, 5, 7, 9 and 1,203 more'],
])('tells pieces', (pieces, text) => {
  expect(tellPieces(pieces)).toBe(text);
});
