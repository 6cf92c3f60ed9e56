import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { base64Length, fromBase64, toBase64 } from '../src/base64.ts';
import { expectError } from './expect-error.ts';

describe('base64', () => {
  it('is what everybody else writes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        const text = toBase64(bytes);
        expect(text).toBe(Buffer.from(bytes).toString('base64'));
        expect(text).toHaveLength(base64Length(bytes.length));
        expect(fromBase64(text)).toEqual(bytes);
      }),
    );
  });

  it('holds for many bytes', () => {
    const bytes = Uint8Array.from({ length: 4 * 1024 * 1024 + 1 }, (_, at) => at * 31);
    expect(Buffer.compare(fromBase64(toBase64(bytes)), bytes)).toBe(0);
  });

  it.each([
    'A',
    'AA',
    'AAA',
    'AA=',
    'AAAA=',
    'AB==',
    'AAB=',
    'A===',
    '====',
    ' AAAA',
    'AA\nAA',
    'AA-_',
    'AAAé',
    '!AAA',
  ])('has one spelling, which %j is not', (text) => {
    expectError('bad-message', () => fromBase64(text));
  });
});
