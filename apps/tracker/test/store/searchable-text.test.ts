import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { foldText, gramTokens, indexQuery, matchingPaths, searchableText } from '../../src/store/searchable-text.ts';

describe('folding', () => {
  it('is the same for every case of every character', () => {
    const differing: string[] = [];
    for (let code = 0; code < 0x20000; code++) {
      const character = String.fromCodePoint(code);
      const folded = foldText(character);
      const others = [folded, character.toUpperCase(), character.toLowerCase()];
      if (others.some((other) => foldText(other) !== folded)) differing.push(character);
    }
    expect(differing).toEqual([]);
  });
});

describe('the index', () => {
  it('holds a token for whatever short piece of a text is asked for', () => {
    const text = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 30 }).map((raw) => foldText(raw));
    fc.assert(
      fc.property(text, fc.nat(), fc.integer({ min: 1, max: 2 }), (folded, at, length) => {
        const characters = Array.from(folded);
        const start = at % characters.length;
        const query = indexQuery(characters.slice(start, start + length).join(''));
        if (query.kind === 'grams') expect(gramTokens(folded).split(' ')).toContain(query.match);
      }),
    );
  });

  it('holds each token once', () => {
    expect(gramTokens('aaaa')).toBe('s61 p61x61');
  });
});

describe('a query', () => {
  it.each([
    ['', 'everything'],
    ['a', 'grams'],
    ['😀😀', 'grams'],
    ['ß', 'grams'],
    ['abc', 'trigrams'],
    ['a\u0000b', 'nothing'],
  ])('%j is answered by %s', (query, kind) => {
    expect(indexQuery(query).kind).toBe(kind);
  });

  it('becomes one string literal', () => {
    expect(indexQuery('a" OR "b')).toEqual({ kind: 'trigrams', match: '"a"" or ""b"' });
  });
});

describe('matching paths', () => {
  it('are looked for no further than needed', () => {
    let read = 0;
    function* paths() {
      for (;;) yield `page ${String(read++)}`;
    }
    expect(matchingPaths('PAGE', paths())).toHaveLength(10);
    expect(read).toBe(10);
  });
});

describe('the searchable text of a share', () => {
  it('is its name and its paths, kept apart', () => {
    expect(searchableText('Photos', ['A.jpg', 'b/C.jpg'])).toBe('photos\na.jpg\nb/c.jpg');
  });
});
