import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LIMITS } from '../src/limits.ts';
import { codeSchema, exceedsBytes, isUnicode, textSchema, toText, toVisible } from '../src/text.ts';

describe('exceedsBytes', () => {
  it('agrees with the encoder at n - 1, n and n + 1', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        const bytes = new TextEncoder().encode(text).length;
        expect([bytes - 1, bytes, bytes + 1].map((most) => exceedsBytes(text, most))).toEqual([true, false, false]);
      }),
    );
  });
});

describe('isUnicode', () => {
  it.each(['', 'a', '🐟', '\ud83d\udc1f', '\uffff'])('holds for %j', (text) => {
    expect(isUnicode(text)).toBe(true);
  });

  it.each(['\ud800', 'a\udc1f', '\udc1f\ud83d', '🐟\ud83d'])('does not hold for %j', (text) => {
    expect(isUnicode(text)).toBe(false);
  });
});

describe('textSchema', () => {
  it('takes 4,096 characters and refuses one more', () => {
    expect(textSchema.safeParse('x'.repeat(LIMITS.stringLength)).success).toBe(true);
    expect(textSchema.safeParse('x'.repeat(LIMITS.stringLength + 1)).success).toBe(false);
  });

  it('refuses half a character', () => {
    expect(textSchema.safeParse('\ud83d').success).toBe(false);
  });

  it('accepts whatever toText made', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: LIMITS.stringLength * 2 }), (text) => {
        expect(textSchema.safeParse(toText(text)).success).toBe(true);
      }),
    );
  });
});

describe('toText', () => {
  it('leaves alone what fits', () => {
    expect(toText('世界 🐟')).toBe('世界 🐟');
  });

  it('marks the character that it had to cut', () => {
    expect(toText(`${'x'.repeat(LIMITS.stringLength - 1)}🐟`)).toBe(`${'x'.repeat(LIMITS.stringLength - 1)}\ufffd`);
  });
});

describe('toVisible', () => {
  it('leaves nothing that a terminal obeys', () => {
    expect(toVisible('a\u001b[2J\u009b\r\n\u202eb\u2028')).toBe('a\ufffd[2J\ufffd\ufffd\ufffd\ufffdb\ufffd');
  });

  it('leaves names in every script alone', () => {
    expect(toVisible('фото 写真 📷 é')).toBe('фото 写真 📷 é');
  });
});

describe('codeSchema', () => {
  it('takes codes of 64 characters, known or not', () => {
    expect(codeSchema.safeParse('a'.repeat(64)).success).toBe(true);
    expect(codeSchema.safeParse('some-later-code-2').success).toBe(true);
  });

  it.each(['', 'a'.repeat(65), 'A', 'a b', 'a_b', 'é', '\u001b[2J'])('refuses %j', (code) => {
    expect(codeSchema.safeParse(code).success).toBe(false);
  });
});
