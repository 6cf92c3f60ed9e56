import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { forgetAll, forgottenByAll, learnOf, learnOfAll } from '../../src/core/acquaintances.ts';

interface Person {
  readonly knows: Person[];
  readonly knownBy: Person[];
}

describe('acquaintances', () => {
  it('are the same seen from both sides, whatever happens', () => {
    const step = fc.tuple(fc.constantFrom('learn', 'learn all', 'forget', 'forgotten'), fc.nat(4), fc.nat(4));
    fc.assert(
      fc.property(fc.array(step), (steps) => {
        const people: Person[] = Array.from({ length: 5 }, () => ({ knows: [], knownBy: [] }));
        const pairs = new Set<string>();
        for (const [kind, one, other] of steps) {
          if (kind === 'learn') {
            learnOf(people[one]!, people[other]!);
            pairs.add(`${String(one)} ${String(other)}`);
          } else if (kind === 'learn all') {
            learnOfAll(people[one]!, people.slice(other));
            for (let n = other; n < 5; n++) pairs.add(`${String(one)} ${String(n)}`);
          } else if (kind === 'forget') {
            forgetAll(people[one]!);
            for (let n = 0; n < 5; n++) pairs.delete(`${String(one)} ${String(n)}`);
          } else {
            forgottenByAll(people[one]!);
            for (let n = 0; n < 5; n++) pairs.delete(`${String(n)} ${String(one)}`);
          }
        }
        const noted = people.flatMap((person, one) =>
          person.knows.map((other) => `${String(one)} ${String(people.indexOf(other))}`),
        );
        const mirrored = people.flatMap((person, one) =>
          person.knownBy.map((other) => `${String(people.indexOf(other))} ${String(one)}`),
        );
        expect(noted.sort()).toEqual([...pairs].sort());
        expect(mirrored.sort()).toEqual([...pairs].sort());
      }),
    );
  });

  it('names those who have to be told that somebody is gone', () => {
    const [gone, one, other]: Person[] = Array.from({ length: 3 }, () => ({ knows: [], knownBy: [] }));
    learnOf(one!, gone!);
    learnOf(gone!, other!);
    expect(forgottenByAll(gone!)).toEqual([one]);
  });
});
