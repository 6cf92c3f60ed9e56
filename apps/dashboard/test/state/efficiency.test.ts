import { describe, expect, it } from 'vitest';
import { efficiencyOf } from '../../src/state/efficiency.ts';
import { member, NOW_MS } from './pictures.ts';

const F = 1_000;
const source = (peakSent: number) => member('source', { state: 'seeding', left: 0, peakSent });
const leecher = (name: string, peakReceived: number, peakSent: number) =>
  member(name, { left: 500, seconds: 10, secondsLeft: 10, peakReceived, peakSent });

describe('the lower bound', () => {
  it('is bound by the source when it is slower than all else', () => {
    const found = efficiencyOf(F, [source(50), leecher('a', 500, 500), leecher('b', 400, 500)], NOW_MS);
    expect(found?.bound).toEqual({ source: 20, 'slowest machine': 2.5, 'total upload': 2_000 / 1_050 });
    expect(found?.binding).toEqual({ term: 'source', seconds: 20 });
  });

  it('is bound by the slowest machine when that receives slower than all else', () => {
    const found = efficiencyOf(F, [source(500), leecher('a', 500, 500), leecher('b', 10, 500)], NOW_MS);
    expect(found?.binding).toEqual({ term: 'slowest machine', seconds: 100 });
  });

  it('is bound by the total upload when the downloaders send little', () => {
    const found = efficiencyOf(
      F,
      [source(100), leecher('a', 500, 0), leecher('b', 500, 0), leecher('c', 500, 0)],
      NOW_MS,
    );
    expect(found?.binding).toEqual({ term: 'total upload', seconds: 30 });
  });

  it('counts several sources together', () => {
    const found = efficiencyOf(F, [source(25), source(25), leecher('a', 500, 0)], NOW_MS);
    expect(found?.bound.source).toBe(20);
  });

  it('leaves out what was not seen', () => {
    const found = efficiencyOf(F, [source(0), leecher('a', 0, 0), leecher('b', 20, 0)], NOW_MS);
    expect(found?.bound).toEqual({ source: undefined, 'slowest machine': 50, 'total upload': undefined });
    const nothing = efficiencyOf(F, [source(0), leecher('a', 0, 0)], NOW_MS);
    expect(nothing?.binding).toBeUndefined();
    expect(nothing?.ratio).toBeUndefined();
  });
});

describe('the time', () => {
  it('is the longest that a machine has taken, and what the slowest still needs', () => {
    const slow = member('b', { left: 9, seconds: 30, secondsLeft: 20, peakReceived: 40 });
    const found = efficiencyOf(F, [source(50), leecher('a', 100, 0), slow], NOW_MS);
    expect(found).toMatchObject({ elapsedSeconds: 30, expectedSeconds: 50, isComplete: false });
    expect(found?.ratio).toBeCloseTo(40 / 50);
  });

  it('is the elapsed time when everyone has everything', () => {
    const done = member('a', { state: 'seeding', left: 0, seconds: 25, peakReceived: 100 });
    expect(efficiencyOf(F, [source(50), done], NOW_MS)).toMatchObject({
      expectedSeconds: 25,
      isComplete: true,
      ratio: 0.8,
    });
  });

  it('is not known while a machine cannot say when it will be done', () => {
    const stuck = member('b', { state: 'waiting', left: 9, seconds: 30 });
    const found = efficiencyOf(F, [source(50), leecher('a', 100, 0), stuck], NOW_MS);
    expect(found?.expectedSeconds).toBeUndefined();
    expect(found?.ratio).toBeUndefined();
  });

  it('goes on for a machine that stands still, and not for one that is done', () => {
    const stuck = member('a', { state: 'waiting', left: 9, seconds: 30 });
    const done = member('b', { state: 'seeding', left: 0, seconds: 32 });
    expect(efficiencyOf(F, [source(50), stuck, done], NOW_MS + 60_000)?.elapsedSeconds).toBe(90);
    expect(efficiencyOf(F, [source(50), done], NOW_MS + 60_000)?.elapsedSeconds).toBe(32);
  });

  it('is never said to beat the bound', () => {
    const quick = member('a', { state: 'seeding', left: 0, seconds: 1, peakReceived: 10 });
    expect(efficiencyOf(F, [source(50), quick], NOW_MS)?.ratio).toBe(1);
  });
});

it('has nothing to say where nobody downloads', () => {
  expect(efficiencyOf(F, [source(50)], NOW_MS)).toBeUndefined();
});
