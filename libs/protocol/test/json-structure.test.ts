import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { refuseStructure } from '../src/json-structure.ts';
import { LIMITS } from '../src/limits.ts';

const objectOf = (keys: number): string =>
  `{${Array.from({ length: keys }, (_, at) => `"k${String(at)}":0`).join(',')}}`;

describe('depth', () => {
  it('counts lists and objects together, and those that are open at once', () => {
    const pair = '{"a":['.repeat(LIMITS.jsonDepth / 2);
    expect(refuseStructure(pair)).toBeUndefined();
    expect(refuseStructure(`${pair}[`)).toBe('nested deeper than 16 levels');
    expect(refuseStructure('[],'.repeat(100))).toBeUndefined();
  });

  it('does not count brackets in strings, however the strings end', () => {
    const brackets = '['.repeat(17);
    expect(refuseStructure(`["${brackets}"]`)).toBeUndefined();
    expect(refuseStructure(`["\\"${brackets}"]`)).toBeUndefined();
    expect(refuseStructure(`["\\\\\\"${brackets}"]`)).toBeUndefined();
    expect(refuseStructure(`["\\\\",${brackets}]`)).toBe('nested deeper than 16 levels');
  });

  it('bears more closing brackets than opening ones', () => {
    expect(refuseStructure(']]]}}}[')).toBeUndefined();
  });
});

describe('keys', () => {
  it.each([
    '{"a":1,"a":2}',
    '{"a":1,"b":{},"a":2}',
    '{"a" :1, "a"\n:2}',
    '[{"a":1},{"b":1,"b":1}]',
    '{"x":{"a":1,"a":1}}',
    '{"":1,"":2}',
    '{"__proto__":1,"__proto__":2}',
    '{"a:":1,"a:":2}',
  ])('refuses a key that stands twice: %s', (text) => {
    expect(refuseStructure(text)).toMatch(/^the key ".*" stands twice in one object$/);
  });

  it.each([
    '{"a":1,"b":{"a":1},"c":[{"a":1},{"a":1}]}',
    '["a","a",{"a":"a"}]',
    '{"a":"b","b":"a"}',
    '{"a":"\\"a\\":1"}',
    '{"a":1,"A":2}',
  ])('takes one key in different objects, and as a value: %s', (text) => {
    expect(refuseStructure(text)).toBeUndefined();
  });

  it('refuses a key with an escape, which could be another one in disguise', () => {
    expect(refuseStructure('{"\\u0061":1}')).toBe('a key is written with an escape');
    expect(refuseStructure('{"a":"\\u0061"}')).toBeUndefined();
  });

  it('takes 64 keys in an object and refuses one more', () => {
    expect(refuseStructure(objectOf(LIMITS.jsonKeys))).toBeUndefined();
    expect(refuseStructure(objectOf(LIMITS.jsonKeys + 1))).toBe('an object has more than 64 keys');
    expect(refuseStructure(`[${objectOf(LIMITS.jsonKeys)},${objectOf(LIMITS.jsonKeys)}]`)).toBeUndefined();
  });
});

describe('any text', () => {
  it('is read to its end without an exception', () => {
    const pieces = fc.constantFrom('{', '}', '[', ']', ':', ',', '"', '\\', ' ', 'a', '\ud800');
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 60 }), (parts) => {
        expect(refuseStructure(parts.join(''))).toSatisfy((r: unknown) => r === undefined || typeof r === 'string');
      }),
    );
  });

  it('is refused if and only if a key of its objects stands twice', () => {
    const key = fc.constantFrom('a', 'b', 'c', 'ä', ' ');
    const object = fc.array(fc.tuple(key, fc.constantFrom('1', '"a"', '"\\\\"', '{"a":[]}', '[{"b":1}]')), {
      maxLength: 5,
    });
    fc.assert(
      fc.property(object, (entries) => {
        const text = `{${entries.map(([name, value]) => `${JSON.stringify(name)}:${value}`).join(',')}}`;
        const isDoubled = new Set(entries.map(([name]) => name)).size < entries.length;
        expect(refuseStructure(text) !== undefined).toBe(isDoubled);
      }),
    );
  });
});
