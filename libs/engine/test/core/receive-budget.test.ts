import { LIMITS } from '@shoal/protocol';
import { describe, expect, it } from 'vitest';
import { ReceiveBudget } from '../../src/core/receive-budget.ts';

const MIB = 1024 * 1024;
/** The one swarm that asks. */
const ME = {};

describe('memory', () => {
  it('always holds two pieces of the largest size, and not a third', () => {
    const budget = new ReceiveBudget();
    for (let piece = 0; piece < 2; piece++) {
      expect(budget.hasRoom(LIMITS.maxPieceBytes, 0, ME)).toBe(true);
      budget.take(LIMITS.maxPieceBytes, 0);
    }
    expect(budget.hasRoom(1, 0, ME)).toBe(false);
  });

  it('has room again when a piece is given back', () => {
    const budget = new ReceiveBudget();
    budget.take(32 * MIB, 0);
    budget.give(MIB);
    expect(budget.hasRoom(MIB, 0, ME)).toBe(true);
    expect(budget.hasRoom(MIB + 1, 0, ME)).toBe(false);
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
    expect(budget.hasRoom(10_000, 0, ME)).toBe(true);
    budget.take(10_250, 0);
    expect(budget.hasRoom(1, 9_999, ME)).toBe(false);
    expect(budget.hasRoom(1, 10_001, ME)).toBe(true);
  });

  it('is not undone by a piece that is stored', () => {
    const budget = new ReceiveBudget(1_000);
    budget.take(10_250, 0);
    budget.give(10_250);
    expect(budget.hasRoom(1, 9_999, ME)).toBe(false);
  });
});

it('gives room in turns: first to the swarm that found none first', () => {
  const budget = new ReceiveBudget(1_000);
  const [one, two] = [{}, {}];
  budget.take(10_250, 0);
  expect([budget.hasRoom(1, 0, two), budget.hasRoom(1, 0, one)]).toEqual([false, false]);
  expect([budget.hasRoom(1, 20_000, one), budget.hasRoom(1, 20_000, two)]).toEqual([false, true]);
  expect(budget.hasRoom(1, 20_000, one)).toBe(true);
  budget.take(1_000_000, 20_000);
  expect(budget.hasRoom(1, 20_000, one)).toBe(false);
  budget.leave(one);
  expect(budget.hasRoom(1, 2_000_000, two)).toBe(true);
});
