import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { fromBase64 } from '../src/base64.ts';
import { Bitfield } from '../src/bitfield.ts';
import { decodeBlockFrame } from '../src/block-frame.ts';
import { ShoalError } from '../src/errors.ts';
import { parseMetainfo } from '../src/metainfo.ts';
import { refusePaths } from '../src/paths.ts';
import { parsePeerMessage } from '../src/peer-messages.ts';
import { normaliseTrackerUrl, parseShareLink } from '../src/share-link.ts';
import { parseFromAgent, parseFromTracker } from '../src/tracker-messages.ts';
import { readVectors } from './vectors.ts';

/** Runs a parser; anything but a result or a ShoalError goes on to fail the test. */
function survives(run: () => unknown): void {
  try {
    run();
  } catch (error) {
    if (!(error instanceof ShoalError)) throw error;
    expect(error.message).not.toBe('');
  }
}

const anything = z.looseObject({});
const metainfo = readVectors('metainfo', anything, anything);
const messages = readVectors('peer-messages', anything, anything);
const sessions = readVectors('tracker-messages', anything, anything);

const parsers: readonly ((text: string) => unknown)[] = [
  (text) => parseMetainfo(text),
  parsePeerMessage,
  parseFromAgent,
  parseFromTracker,
  parseShareLink,
  normaliseTrackerUrl,
  fromBase64,
  (text) => Bitfield.fromBase64(text, 20),
];

/** The bytes with some overwritten, some removed and some put in. */
function damaged(originals: readonly Uint8Array[]): fc.Arbitrary<Uint8Array> {
  const wound = fc.record({ at: fc.nat(), remove: fc.nat({ max: 8 }), insert: fc.uint8Array({ maxLength: 8 }) });
  const syntax = fc.constantFrom(...'{}[]",:\\0-.eu'.split('')).map((c) => new TextEncoder().encode(c));
  const blow = fc.oneof(wound, fc.record({ at: fc.nat(), remove: fc.nat({ max: 2 }), insert: syntax }));
  return fc
    .tuple(fc.constantFrom(...originals), fc.array(blow, { minLength: 1, maxLength: 4 }))
    .map(([bytes, blows]) => {
      let result = [...bytes];
      for (const { at, remove, insert } of blows) {
        const start = at % (result.length + 1);
        result = [...result.slice(0, start), ...insert, ...result.slice(start + remove)];
      }
      return Uint8Array.from(result);
    });
}

/** A JSON document in which one value, key included, was replaced by any other. */
function altered(originals: readonly string[]): fc.Arbitrary<string> {
  const documents = originals.map((text) => JSON.parse(text) as unknown);
  return fc
    .tuple(fc.constantFrom(...documents), fc.array(fc.nat(), { maxLength: 6 }), fc.jsonValue(), fc.option(fc.string()))
    .map(([document, steps, value, key]) => JSON.stringify(replaceAt(document, steps, value, key)));
}

function replaceAt(document: unknown, steps: readonly number[], value: unknown, key: string | null): unknown {
  const [step, ...rest] = steps;
  if (step === undefined || typeof document !== 'object' || document === null) return value;
  const entries: [string, unknown][] = Object.entries(document);
  const chosen = step % (entries.length + 1);
  const [name, child] = entries[chosen] ?? ['added', value];
  entries[chosen] = [key ?? name, replaceAt(child, rest, value, key)];
  return Array.isArray(document) ? entries.map(([, item]) => item) : Object.fromEntries(entries);
}

describe('no input makes a parser throw anything but a ShoalError', () => {
  it('not any bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        survives(() => parseMetainfo(bytes));
        survives(() => decodeBlockFrame(bytes));
      }),
    );
  });

  it('not any text, nor any JSON', () => {
    const text = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 200 }),
      fc.json(),
      fc.webUrl().map((url) => `shoal:${url}`),
    );
    fc.assert(
      fc.property(text, (input) => {
        for (const parse of parsers) survives(() => parse(input));
      }),
      { numRuns: 300 },
    );
  });

  it('not a damaged metainfo', () => {
    const originals = [...metainfo.good, ...metainfo.bad]
      .map(({ bytes }) => bytes)
      .filter(({ length }) => length < 5_000);
    fc.assert(
      fc.property(damaged(originals), (bytes) => {
        survives(() => parseMetainfo(bytes));
      }),
      { numRuns: 1_000 },
    );
  });

  it('not a metainfo in which a value is another', () => {
    fc.assert(
      fc.property(altered(metainfo.good.map(({ text }) => text)), (text) => {
        survives(() => parseMetainfo(text));
      }),
      { numRuns: 1_000 },
    );
  });

  it('not a damaged message, nor one in which a value is another', () => {
    const originals = [...messages.good, ...sessions.good].filter(({ bytes }) => bytes.length < 5_000);
    const bytes = damaged(originals.map((vector) => vector.bytes)).map((damage) => new TextDecoder().decode(damage));
    fc.assert(
      fc.property(fc.oneof(bytes, altered(originals.map(({ text }) => text))), (text) => {
        for (const parse of [parsePeerMessage, parseFromAgent, parseFromTracker]) survives(() => parse(text));
      }),
      { numRuns: 1_000 },
    );
  });

  it('not any set of paths', () => {
    const name = fc.oneof(
      fc.constantFrom('a', 'A', 'é', 'e\u0301', 'ß', 'SS', '..', ''),
      fc.string({ unit: 'binary', maxLength: 5 }),
    );
    fc.assert(
      fc.property(fc.array(fc.array(name, { maxLength: 4 }), { maxLength: 8 }), (paths) => {
        expect(refusePaths(paths)).toSatisfy((reason: unknown) => reason === undefined || typeof reason === 'string');
      }),
    );
  });
});

describe('paths', () => {
  const letters = fc.constantFrom(
    'a',
    'A',
    'é',
    'É',
    'e\u0301',
    'ß',
    'ss',
    'ẞ',
    'i',
    'ı',
    'ﬁ',
    'fi',
    'Σ',
    'ς',
    'k',
    '\u212a',
  );

  it('are refused together whatever stands between two that collide', () => {
    const paths = fc.uniqueArray(fc.array(letters, { minLength: 1, maxLength: 3 }), {
      maxLength: 10,
      selector: (path) => path.join('/'),
    });
    fc.assert(
      fc.property(paths, (list) => {
        const pairs = list.flatMap((a, at) => list.slice(at + 1).map((b) => [a, b]));
        const isPairRefused = pairs.some((pair) => refusePaths(pair) !== undefined);
        expect(refusePaths(list) !== undefined).toBe(isPairRefused);
      }),
      { numRuns: 500 },
    );
  });
});
