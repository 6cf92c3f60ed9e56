import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { parseJson, type JsonBoundary } from '../src/json.ts';
import { LIMITS } from '../src/limits.ts';
import { expectError } from './expect-error.ts';

function boundary(maxBytes = 1_000): JsonBoundary<unknown> {
  return { what: 'the document', schema: z.unknown(), maxBytes, code: 'bad-message' };
}
const nested = (depth: number): string => '['.repeat(depth) + ']'.repeat(depth);

describe('size', () => {
  it.each([
    ['characters of one byte', '"aaaa"', 6],
    ['characters of two bytes', '"éé"', 6],
    ['characters of three bytes', '"世世"', 8],
    ['characters of four bytes', '"🐟"', 6],
  ])('is counted in bytes: %s', (_, text, bytes) => {
    expect(parseJson(text, boundary(bytes))).toBe(JSON.parse(text));
    expect(parseJson(new TextEncoder().encode(text), boundary(bytes))).toBe(JSON.parse(text));
    expectError('too-large', () => parseJson(text, boundary(bytes - 1)));
    expectError('too-large', () => parseJson(new TextEncoder().encode(text), boundary(bytes - 1)));
  });

  it('comes before all else', () => {
    expectError('too-large', () => parseJson('not JSON', boundary(1)));
    expectError('too-large', () => parseJson(new Uint8Array([0xff, 0xff]), boundary(1)));
  });
});

describe('numbers', () => {
  it.each([
    ['-0', 0],
    ['{"a":[-0,-0.0,-1,"-0"]}', { a: [0, 0, -1, '-0'] }],
  ])('have one zero: %s', (text, value) => {
    expect(parseJson(text, boundary())).toStrictEqual(value);
  });
});

describe('encoding', () => {
  it('refuses bytes that are not UTF-8, and keeps the cause', () => {
    const error = expectError('bad-json', () => parseJson(new Uint8Array([0x22, 0xff, 0x22]), boundary()));
    expect(error.cause).toBeInstanceOf(TypeError);
  });

  it('refuses halves of characters and overlong forms in bytes', () => {
    expectError('bad-json', () => parseJson(new Uint8Array([0x22, 0xed, 0xa0, 0x80, 0x22]), boundary()));
    expectError('bad-json', () => parseJson(new Uint8Array([0x22, 0xc0, 0xaf, 0x22]), boundary()));
  });
});

describe('structure', () => {
  it('takes 16 levels and refuses one more', () => {
    expect(parseJson(nested(LIMITS.jsonDepth), boundary())).toBeInstanceOf(Array);
    expectError('bad-json', () => parseJson(nested(LIMITS.jsonDepth + 1), boundary()));
  });

  it('is checked before the parser sees it', () => {
    const error = expectError('bad-json', () => parseJson('['.repeat(32_000), boundary(32_000)));
    expect(error.message).toBe('reading the document: nested deeper than 16 levels');
  });
});

describe('syntax', () => {
  it.each(['', ' ', '{', '[1,]', '{"a":1,}', "{'a':1}", 'NaN', '01', '"\t"', '"\\x41"', '1 2', 'undefined', '{"a"}'])(
    'refuses %j, and keeps the cause',
    (text) => {
      expect(expectError('bad-json', () => parseJson(text, boundary())).cause).toBeInstanceOf(SyntaxError);
    },
  );
});

describe('schema', () => {
  const schema = z.strictObject({ list: z.array(z.strictObject({ n: z.number() })) });

  it('refuses with the code of the boundary, and says where', () => {
    const error = expectError('bad-metainfo', () =>
      parseJson('{"list":[{"n":1},{"n":"2"}]}', { ...boundary(), schema, code: 'bad-metainfo' }),
    );
    expect(error.message).toMatch(/^reading the document at list\.1\.n: .*number/);
  });

  it.each(['__proto__', 'constructor', 'prototype', 'toString'])('refuses %s as an unknown key', (key) => {
    const error = expectError('bad-message', () => parseJson(`{"list":[],"${key}":{}}`, { ...boundary(), schema }));
    expect(error.message).toBe(`reading the document: unknown key "${key}"`);
  });

  it('repeats little of what a stranger wrote, and no control characters', () => {
    const key = `\u001b[2J${'x'.repeat(5_000)}`;
    const text = `{"list":[],${JSON.stringify(key).replace('\\u001b', '\u007f')}:1}`;
    const error = expectError('bad-message', () => parseJson(text, { ...boundary(10_000), schema }));
    expect(error.message.length).toBeLessThan(300);
  });
});
