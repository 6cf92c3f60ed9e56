import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { countKnown, forgetAll, forgottenByAll, freeMark, knows, learnOf } from '../../src/core/acquaintances.ts';

interface Person {
  readonly mark: number;
  knownMarks: number;
  knownOthers: Person[];
}

/** So many people, of whom each has a mark as long as there are marks. */
function aCrowd(size: number): Person[] {
  const people: Person[] = [];
  let taken = 0;
  while (people.length < size) {
    const mark = freeMark(taken);
    taken |= mark;
    people.push({ mark, knownMarks: 0, knownOthers: [] });
  }
  return people;
}

describe('acquaintances', () => {
  it('are what was learnt and not forgotten, with marks and without', () => {
    const size = 33;
    const step = fc.tuple(fc.constantFrom('learn', 'forget', 'forgotten'), fc.nat(size - 1), fc.nat(size - 1));
    fc.assert(
      fc.property(fc.array(step), (steps) => {
        const people = aCrowd(size);
        const pairs = new Set<string>();
        const drop = (isMeant: (one: number, other: number) => boolean): void => {
          for (const pair of pairs) {
            const [one = 0, other = 0] = pair.split(' ').map(Number);
            if (isMeant(one, other)) pairs.delete(pair);
          }
        };
        for (const [kind, one, other] of steps) {
          if (kind === 'learn') {
            learnOf(people[one]!, people[other]!);
            pairs.add(`${String(one)} ${String(other)}`);
          } else if (kind === 'forget') {
            forgetAll(people[one]!);
            drop((who) => who === one);
          } else {
            const knowers = forgottenByAll(people[one]!, people).map(
              (person) => `${String(people.indexOf(person))} ${String(one)}`,
            );
            expect(new Set(knowers)).toEqual(new Set([...pairs].filter((pair) => pair.endsWith(` ${String(one)}`))));
            drop((_, whom) => whom === one);
          }
        }
        const noted = people.flatMap((person, one) =>
          people.flatMap((other, at) => (knows(person, other) ? [`${String(one)} ${String(at)}`] : [])),
        );
        expect(noted.sort()).toEqual([...pairs].sort());
        expect(people.reduce((sum, person) => sum + countKnown(person), 0)).toBe(pairs.size);
      }),
    );
  });

  it('have marks of which no two are the same, and then none', () => {
    const marks = aCrowd(40).map(({ mark }) => mark);
    expect(new Set(marks.slice(0, 30)).size).toBe(30);
    expect(marks.slice(30)).toEqual(Array(10).fill(0));
    expect(freeMark((2 ** 30 - 1) & ~marks[7]!)).toBe(marks[7]);
  });

  it('names those who have to be told that somebody is gone', () => {
    const people = aCrowd(3);
    const [gone, one, other] = people;
    learnOf(one!, gone!);
    learnOf(gone!, other!);
    expect(forgottenByAll(gone!, people)).toEqual([one]);
  });
});
