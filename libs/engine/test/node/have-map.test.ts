import { readdirSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { asInfoHash, Bitfield } from '@shoal/protocol';
import { encodeHaveMap, parseHaveMap } from '@shoal/engine/node';

/** What its fuzzing starts from, and every input that once broke it. */
const CORPUS = new URL('../../../../apps/battery/corpus/have-map/', import.meta.url);
const INFO_HASH = asInfoHash('54fd2dd4b69c3ad88de48acf049baf17011c04efa81383d964f157270510a454')!;
const PIECES = 20;

const textOf = (file: string): string => readFileSync(new URL(file, CORPUS), 'utf8');

it.each(readdirSync(CORPUS))('the corpus: %s is taken to the letter, or not at all', (file) => {
  const map = parseHaveMap(textOf(file), INFO_HASH, PIECES);
  if (map !== undefined) expect(encodeHaveMap(INFO_HASH, map)).toBe(textOf(file));
});

it('a have-map with any bit flipped is not believed', () => {
  const pieces = new Bitfield(PIECES);
  for (const piece of [0, 3, 19]) pieces.add(piece);
  const text = encodeHaveMap(INFO_HASH, { pieces, isRestLost: false });
  expect(parseHaveMap(text, INFO_HASH, PIECES)?.pieces.count).toBe(3);
  for (let bit = 0; bit < 8 * text.length; bit++) {
    const bytes = Buffer.from(text);
    bytes[bit >> 3]! ^= 1 << (bit & 7);
    expect(parseHaveMap(bytes.toString('utf8'), INFO_HASH, PIECES)).toBeUndefined();
  }
});

it.each([
  ['another share', asInfoHash('0'.repeat(64))!, PIECES],
  ['a share of another size', INFO_HASH, 40],
])('a have-map of %s is not believed', (_what, infoHash, pieceCount) => {
  const text = encodeHaveMap(INFO_HASH, { pieces: Bitfield.full(PIECES), isRestLost: false });
  expect(parseHaveMap(text, infoHash, pieceCount)).toBeUndefined();
});
