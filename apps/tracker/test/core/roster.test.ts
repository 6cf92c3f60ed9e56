import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Roster, type Section } from '../../src/core/roster.ts';
import { seededRandom } from './desk-world.ts';

interface Item {
  readonly id: number;
  place: number;
}

const SECTIONS: readonly Section[] = ['seeders', 'leechers', 'hidden'];
const anyone = () => ({ random: seededRandom(), isEligible: () => true });

function rosterOf(size: number, section: Section = 'leechers'): { roster: Roster<Item>; items: Item[] } {
  const roster = new Roster<Item>();
  const items = Array.from({ length: size }, (_, id) => ({ id, place: -1 }));
  for (const item of items) roster.add(item, section);
  return { roster, items };
}

const idsOf = (items: readonly Item[]) => items.map(({ id }) => id);

describe('a roster', () => {
  it('refuses what stands in a roster already, and what stands in another', () => {
    const { items } = rosterOf(3);
    expect(() => {
      new Roster<Item>().add(items[1]!, 'seeders');
    }).toThrow('invariant');
    expect(() => {
      rosterOf(3).roster.delete(items[1]!);
    }).toThrow('invariant');
  });

  it('has each item in the section where it was put last, whatever happens', () => {
    const step = fc.record({ id: fc.nat(11), section: fc.constantFrom(...SECTIONS, undefined) });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 80 }), (steps) => {
        const { roster, items } = rosterOf(12, 'hidden');
        const sections = new Map<number, Section>(items.map(({ id }) => [id, 'hidden']));
        for (const { id, section } of steps) {
          const item = items[id]!;
          if (section === undefined) {
            if (sections.delete(id)) roster.delete(item);
          } else if (sections.has(id)) roster.move(item, section);
          else roster.add(item, section);
          if (section !== undefined) sections.set(id, section);
        }
        for (const section of ['seeders', 'leechers'] as const) {
          const expected = [...sections].filter(([, its]) => its === section).map(([id]) => id);
          expect(new Set(idsOf(roster.sample(section, 99, anyone())))).toEqual(new Set(expected));
        }
        expect(new Set(idsOf(roster.items))).toEqual(new Set(sections.keys()));
        for (const [place, item] of roster.items.entries()) expect(item.place).toBe(place);
      }),
    );
  });

  it('samples different items, no more than asked for, and only eligible ones', () => {
    const isEligible = ({ id }: Item): boolean => id % 2 === 0;
    const sample = idsOf(rosterOf(100).roster.sample('leechers', 20, { ...anyone(), isEligible }));
    expect(new Set(sample).size).toBe(20);
    expect(sample.every((id) => id % 2 === 0)).toBe(true);
  });

  it('samples every item of a section equally often', () => {
    const { roster, items } = rosterOf(14);
    for (const item of items.slice(10, 12)) roster.move(item, 'seeders');
    for (const item of items.slice(12)) roster.move(item, 'hidden');
    const times = new Array<number>(14).fill(0);
    const chance = anyone();
    for (let round = 0; round < 10_000; round++) {
      for (const { id } of roster.sample('leechers', 3, chance)) times[id]! += 1;
    }
    for (const count of times.slice(0, 10)) expect(Math.abs(count - 3_000)).toBeLessThan(200);
    expect(times.slice(10)).toEqual([0, 0, 0, 0]);
  });

  it('looks at no more items than it must', () => {
    let looks = 0;
    rosterOf(10_000).roster.sample('leechers', 5, { ...anyone(), isEligible: () => ++looks > 0 });
    expect(looks).toBe(5);
  });
});
