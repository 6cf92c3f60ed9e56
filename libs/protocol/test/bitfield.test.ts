import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { toBase64 } from '../src/base64.ts';
import { Bitfield } from '../src/bitfield.ts';
import { LIMITS } from '../src/limits.ts';
import { expectError } from './expect-error.ts';

const sizeAndSteps = fc.integer({ min: 1, max: 70 }).chain((size) =>
  fc.record({
    size: fc.constant(size),
    steps: fc.array(fc.record({ isAdd: fc.boolean(), piece: fc.integer({ min: 0, max: size - 1 }) })),
  }),
);

describe('Bitfield', () => {
  it('behaves like a set of numbers', () => {
    fc.assert(
      fc.property(sizeAndSteps, ({ size, steps }) => {
        const field = new Bitfield(size);
        const model = new Set<number>();
        for (const { isAdd, piece } of steps) {
          const isNews = model.has(piece) !== isAdd;
          expect(isAdd ? field.add(piece) : field.delete(piece)).toBe(isNews);
          if (isAdd) model.add(piece);
          else model.delete(piece);
          expect(field.count).toBe(model.size);
          expect(field.has(piece)).toBe(isAdd);
        }
        expect([...field]).toEqual([...model].sort((a, b) => a - b));
        expect(field.isFull).toBe(model.size === size);
        const read = Bitfield.fromBase64(field.toBase64(), size);
        expect([...read]).toEqual([...field]);
        expect(read.count).toBe(field.count);
      }),
    );
  });

  it('puts the first piece into the highest bit of the first byte', () => {
    const field = new Bitfield(10);
    field.add(0);
    field.add(9);
    expect(field.toBase64()).toBe(toBase64(new Uint8Array([0b1000_0000, 0b0100_0000])));
  });

  it.each([1, 7, 8, 9, 64])('is full when it has all of %i pieces', (size) => {
    const field = Bitfield.full(size);
    expect([field.isFull, field.count, [...field].length]).toEqual([true, size, size]);
    expect(Bitfield.fromBase64(field.toBase64(), size).isFull).toBe(true);
  });

  it('gives away a copy that goes its own way', () => {
    const field = Bitfield.full(9);
    const copy = field.clone();
    copy.delete(8);
    expect([field.count, copy.count, field.has(8), copy.has(8)]).toEqual([9, 8, true, false]);
  });

  it('has no piece outside its size', () => {
    const field = Bitfield.full(9);
    expect([-1, 9, 15, 16, 1e9].map((piece) => field.has(piece))).toEqual([false, false, false, false, false]);
    expect(field.delete(9)).toBe(false);
    for (const piece of [-1, 9, 0.5, NaN]) expect(() => field.add(piece)).toThrow(/^invariant: piece/);
  });
});

describe('fromBase64', () => {
  it('refuses a length that does not fit the share, one byte or many', () => {
    const of = (bytes: number): string => toBase64(new Uint8Array(bytes));
    expect(Bitfield.fromBase64(of(2), 16).size).toBe(16);
    for (const bytes of [0, 1, 3, 4, 1_000_000]) expectError('bad-message', () => Bitfield.fromBase64(of(bytes), 16));
  });

  it('refuses a spare bit that is set', () => {
    for (let size = 9; size < 16; size++) {
      const bits = toBase64(new Uint8Array([0, 0x80 >> (size & 7)]));
      expect(expectError('bad-message', () => Bitfield.fromBase64(bits, size)).message).toContain('spare bit');
    }
  });

  it('refuses what is not base64', () => {
    expectError('bad-message', () => Bitfield.fromBase64('!!==', 8));
  });

  it('reads the largest share', () => {
    const field = Bitfield.full(LIMITS.pieces);
    expect(Bitfield.fromBase64(field.toBase64(), LIMITS.pieces).count).toBe(LIMITS.pieces);
  });
});
