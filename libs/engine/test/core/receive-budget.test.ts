import { LIMITS } from '@shoal/protocol';
import { describe, expect, it } from 'vitest';
import { ReceiveBudget } from '../../src/core/receive-budget.ts';

const MIB = 1024 * 1024;

describe('memory', () => {
  it('always holds two pieces of the largest size, and not a third', () => {
    const budget = new ReceiveBudget();
    for (let piece = 0; piece < 2; piece++) {
      expect(budget.hasRoom(LIMITS.maxPieceBytes, 0)).toBe(true);
      budget.take(LIMITS.maxPieceBytes, 0);
    }
    expect(budget.hasRoom(1, 0)).toBe(false);
  });

  it('has room again when a piece is given back', () => {
    const budget = new ReceiveBudget();
    budget.take(32 * MIB, 0);
    budget.give(MIB);
    expect(budget.hasRoom(MIB, 0)).toBe(true);
    expect(budget.hasRoom(MIB + 1, 0)).toBe(false);
  });

  it('cannot be given back what was not taken', () => {
    const budget = new ReceiveBudget();
    budget.take(10, 0);
    expect(() => {
      budget.give(11);
    }).toThrow('invariant');
  });
});

describe('a download limit', () => {
  it('holds pieces back until their time', () => {
    const budget = new ReceiveBudget(1_000);
    expect(budget.hasRoom(10_000, 0)).toBe(true);
    budget.take(10_250, 0);
    expect(budget.hasRoom(1, 9_999)).toBe(false);
    expect(budget.hasRoom(1, 10_001)).toBe(true);
  });

  it('is not undone by a piece that is stored', () => {
    const budget = new ReceiveBudget(1_000);
    budget.take(10_250, 0);
    budget.give(10_250);
    expect(budget.hasRoom(1, 9_999)).toBe(false);
  });
});
