import { describe, expect, it } from 'vitest';
import { Roster } from '../../src/core/roster.ts';
import { seededRandom } from './desk-world.ts';

function rosterOf(size: number): Roster<number> {
  const roster = new Roster<number>();
  for (let item = 0; item < size; item++) roster.add(item);
  return roster;
}

describe('a roster', () => {
  it('holds each item once', () => {
    const roster = rosterOf(3);
    roster.add(1);
    expect(roster.size).toBe(3);
  });

  it('no longer samples what was deleted', () => {
    const roster = rosterOf(4);
    roster.delete(2);
    roster.delete(2);
    expect(roster.sample(10, seededRandom(), () => true).sort()).toEqual([0, 1, 3]);
  });

  it('samples different items, no more than asked for, and only eligible ones', () => {
    const sample = rosterOf(100).sample(20, seededRandom(), (item) => item % 2 === 0);
    expect(new Set(sample).size).toBe(20);
    expect(sample.every((item) => item % 2 === 0)).toBe(true);
  });

  it('samples every item equally often', () => {
    const roster = rosterOf(10);
    const random = seededRandom();
    const times = new Array<number>(10).fill(0);
    for (let round = 0; round < 10_000; round++) {
      for (const item of roster.sample(3, random, () => true)) times[item]! += 1;
    }
    for (const count of times) expect(Math.abs(count - 3_000)).toBeLessThan(200);
  });

  it('looks at no more items than it must', () => {
    let looks = 0;
    rosterOf(10_000).sample(5, seededRandom(), () => ++looks > 0);
    expect(looks).toBe(5);
  });
});
