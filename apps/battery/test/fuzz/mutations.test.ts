import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readCorpus } from '../../src/fuzz/corpus.ts';
import { mutated } from '../../src/fuzz/mutations.ts';
import { PARSERS, type ParserName } from '../../src/fuzz/parsers.ts';

const NAMES = Object.keys(PARSERS) as ParserName[];
const corpus = [new TextEncoder().encode('{"kind":"have","pieces":[1,2]}')];

/** The smallest input that a parser with a mistake does not bear, found within so many attempts. */
function smallestThatBreaks(parse: (text: string) => void): string | undefined {
  const run = fc.property(mutated(corpus), (bytes) => {
    parse(Buffer.from(bytes).toString('utf8'));
  });
  const [input] = fc.check(run, { seed: 1, numRuns: 5_000 }).counterexample ?? [];
  return input === undefined ? undefined : Buffer.from(input).toString('utf8');
}

describe('what chance makes of a corpus finds a parser that', () => {
  it.each<[what: string, isMistaken: (text: string) => boolean]>([
    ['trips over the prototype', (text) => text.includes('__proto__')],
    ['trips over bad UTF-8', (text) => text.includes('\ufffd')],
    ['trips over a cut', (text) => text === '{"kind":"have","pieces":['],
    ['trips over a number that cannot be counted', (text) => text.includes('9007199254740993')],
    ['trips over a key that stands twice', (text) => text.split('"kind"').length > 2],
  ])('%s', (_what, isMistaken) => {
    const input = smallestThatBreaks((text) => {
      if (isMistaken(text)) throw new TypeError('a crash');
    });
    expect(input === undefined ? false : isMistaken(input)).toBe(true);
  });

  it('bears everything only if it does', () => {
    expect(smallestThatBreaks(() => undefined)).toBeUndefined();
  });
});

describe('the corpus', () => {
  it.each(NAMES)('of %s has what is accepted and what is refused, and nothing that breaks it', async (name) => {
    const accepted = (await readCorpus(name)).map((bytes) => PARSERS[name](bytes) > 0);
    expect(new Set(accepted)).toEqual(new Set([true, false]));
  });
});
