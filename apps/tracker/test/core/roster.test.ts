import { describe, expect, it } from 'vitest';
import { Roster } from '../../src/core/roster.ts';
import { seededRandom } from './desk-world.ts';

interface Item {
  readonly id: number;
  place: number;
}

function rosterOf(size: number): { roster: Roster<Item>; items: Item[] } {
  const roster = new Roster<Item>();
  const items = Array.from({ length: size }, (_, id) => ({ id, place: -1 }));
  for (const item of items) roster.add(item);
  return { roster, items };
}

const idsOf = (items: readonly Item[]) => items.map(({ id }) => id);

describe('a roster', () => {
  it('refuses what stands in a roster already', () => {
    const { items } = rosterOf(3);
    expect(() => {
      new Roster<Item>().add(items[1]!);
    }).toThrow('invariant');
  });

  it('no longer samples what was deleted', () => {
    const { roster, items } = rosterOf(4);
    roster.delete(items[2]!);
    roster.delete(items[2]!);
    expect(idsOf(roster.sample(10, seededRandom(), () => true)).sort()).toEqual([0, 1, 3]);
    expect(roster.size).toBe(3);
  });

  it('takes back what was deleted', () => {
    const { roster, items } = rosterOf(4);
    for (const item of items) roster.delete(item);
    expect(roster.size).toBe(0);
    roster.add(items[2]!);
    expect(idsOf(roster.sample(10, seededRandom(), () => true))).toEqual([2]);
  });

  it('does not delete what stands in another', () => {
    const other = rosterOf(3);
    rosterOf(3).roster.delete(other.items[1]!);
    expect(other.roster.size).toBe(3);
  });

  it('samples different items, no more than asked for, and only eligible ones', () => {
    const sample = idsOf(rosterOf(100).roster.sample(20, seededRandom(), ({ id }) => id % 2 === 0));
    expect(new Set(sample).size).toBe(20);
    expect(sample.every((id) => id % 2 === 0)).toBe(true);
  });

  it('samples every item equally often', () => {
    const { roster } = rosterOf(10);
    const random = seededRandom();
    const times = new Array<number>(10).fill(0);
    for (let round = 0; round < 10_000; round++) {
      for (const { id } of roster.sample(3, random, () => true)) times[id]! += 1;
    }
    for (const count of times) expect(Math.abs(count - 3_000)).toBeLessThan(200);
  });

  it('looks at no more items than it must', () => {
    let looks = 0;
    rosterOf(10_000).roster.sample(5, seededRandom(), () => ++looks > 0);
    expect(looks).toBe(5);
  });
});
