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
      expect(budget.hasRoom(LIMITS.maxPieceBytes, ME)).toBe(true);
      budget.take(LIMITS.maxPieceBytes);
    }
    expect(budget.hasRoom(1, ME)).toBe(false);
  });

  it('has room again when a piece is given back', () => {
    const budget = new ReceiveBudget();
    budget.take(32 * MIB);
    budget.give(MIB);
    expect(budget.hasRoom(MIB, ME)).toBe(true);
    expect(budget.hasRoom(MIB + 1, ME)).toBe(false);
  });

  it('cannot be given back what was not taken', () => {
    const budget = new ReceiveBudget();
    budget.take(10);
    expect(() => {
      budget.give(11);
    }).toThrow('invariant');
  });

  it('is given in turns: first to the swarm that found none first', () => {
    const budget = new ReceiveBudget();
    const [one, two] = [{}, {}];
    budget.take(32 * MIB);
    expect([budget.hasRoom(1, two), budget.hasRoom(1, one)]).toEqual([false, false]);
    budget.give(MIB);
    expect([budget.hasRoom(1, one), budget.hasRoom(1, two), budget.hasRoom(1, one)]).toEqual([false, true, true]);
  });
});

describe('a download limit', () => {
  it('holds requests back until their time', () => {
    const budget = new ReceiveBudget(1_000);
    expect(budget.mayRequest(0, ME)).toBe(true);
    budget.request(10_250, 0);
    expect(budget.mayRequest(9_999, ME)).toBe(false);
    expect(budget.waitMs(9_000)).toBe(1_000);
    expect(budget.mayRequest(10_001, ME)).toBe(true);
  });

  it('does not hold back a promise', () => {
    const budget = new ReceiveBudget(1_000);
    budget.request(10_250, 0);
    expect(budget.hasRoom(MIB, ME)).toBe(true);
  });

  it('is not undone by a piece that is stored', () => {
    const budget = new ReceiveBudget(1_000);
    budget.take(10_250);
    budget.request(10_250, 0);
    budget.give(10_250);
    expect(budget.mayRequest(9_999, ME)).toBe(false);
  });

  it('is used in turns: first by the swarm that had to wait first', () => {
    const budget = new ReceiveBudget(1_000);
    const [one, two] = [{}, {}];
    budget.request(10_250, 0);
    expect([budget.mayRequest(0, two), budget.mayRequest(0, one)]).toEqual([false, false]);
    expect([budget.mayRequest(20_000, one), budget.mayRequest(20_000, two)]).toEqual([false, true]);
    expect(budget.mayRequest(20_000, one)).toBe(true);
  });

  it.each(['leave', 'allRequested'] as const)('is used by the next when the first does not want it (%s)', (leave) => {
    const budget = new ReceiveBudget(1_000);
    const [one, two] = [{}, {}];
    budget.request(10_250, 0);
    expect([budget.mayRequest(0, one), budget.mayRequest(0, two)]).toEqual([false, false]);
    budget[leave](one);
    expect(budget.mayRequest(20_000, two)).toBe(true);
  });

  it('cuts requests into parts of 50 ms, between 4 KiB and a block', () => {
    expect([1, 200_000, 1e9, undefined].map((limit) => new ReceiveBudget(limit).partBytes)).toEqual([
      4_096,
      10_000,
      LIMITS.blockBytes,
      LIMITS.blockBytes,
    ]);
  });
});
