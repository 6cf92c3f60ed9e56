import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { asInfoHash, infoHashSchema, peerIdOf, peerIdSchema, sha256Hex, sha256HexSchema } from '../src/ids.ts';

const DIGITS = '0123456789abcdef'.repeat(4);

describe('ids', () => {
  it.each([infoHashSchema, peerIdSchema, sha256HexSchema])('are 64 lower-case hex digits', (schema) => {
    expect(schema.parse(DIGITS)).toBe(DIGITS);
    const others = [DIGITS.toUpperCase(), DIGITS.slice(1), `${DIGITS}0`, `${DIGITS}\n`, 'g'.repeat(64), '', 1, null];
    expect(others.filter((other) => schema.safeParse(other).success)).toEqual([]);
  });
});

describe('asInfoHash', () => {
  it('takes capitals, as people write them', () => {
    expect(asInfoHash(DIGITS.toUpperCase())).toBe(DIGITS);
  });

  it.each(['', DIGITS.slice(1), `${DIGITS}0`, ` ${DIGITS}`, 'x'.repeat(64)])('is not found in %j', (text) => {
    expect(asInfoHash(text)).toBeUndefined();
  });
});

describe('sha256Hex', () => {
  it('prints what sha256sum prints', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        expect(sha256Hex(bytes)).toBe(createHash('sha256').update(bytes).digest('hex'));
      }),
    );
  });

  it('takes a text for its UTF-8', () => {
    expect(sha256Hex('Ünï')).toBe(sha256Hex(new TextEncoder().encode('Ünï')));
  });
});

describe('peerIdOf', () => {
  it('is the SHA-256 of the public key', () => {
    expect(peerIdOf(new Uint8Array(32))).toBe('66687aadf862bd776c8fc18b8e9f8e20089714856ee233b3902a591d0d5f2925');
  });
});
