import fc from 'fast-check';
import { expect, it } from 'vitest';
import { Availability } from '../../src/core/availability.ts';

it('counts those that have a piece or will soon, and takes back who goes', () => {
  const availability = new Availability(3);
  availability.add(1);
  availability.add(1);
  expect([0, 1, 2].map((piece) => availability.rarity(piece))).toEqual([0, 2, 0]);
  availability.remove(1);
  expect(availability.rarity(1)).toBe(1);
});

it('knows nothing of a piece that the share has not', () => {
  expect(new Availability(2).rarity(2)).toBe(0);
});

it('goes through what we can send in order while all is equally rare', () => {
  const availability = new Availability(4);
  for (const piece of [0, 1, 2, 3]) availability.own(piece);
  expect([...availability.rarestFirst(0)]).toEqual([0, 1, 2, 3]);
  availability.add(0);
  expect([...availability.rarestFirst(0)]).toEqual([1, 2, 3, 0]);
});

it('begins among equals where chance points', () => {
  const availability = new Availability(4);
  for (const piece of [0, 1, 2, 3]) availability.own(piece);
  expect([...availability.rarestFirst(0.5)]).toEqual([2, 3, 0, 1]);
  expect([...availability.rarestFirst(0.999)]).toEqual([3, 0, 1, 2]);
});

it('says when somebody may lack something of ours that nobody lacked before', () => {
  const availability = new Availability(2);
  const openings = [availability.openings];
  const note = (): void => void openings.push(availability.openings);
  availability.own(0);
  note();
  availability.add(0);
  note();
  availability.remove(0);
  note();
  availability.add(1);
  availability.remove(1);
  note();
  const [first, owned, added, removed, ofOthers] = openings;
  expect(owned).not.toBe(first);
  expect(added).toBe(owned);
  expect(removed).not.toBe(added);
  expect(ofOthers).toBe(removed);
});

it('keeps all that we can send in the order of rarity, whatever happens', () => {
  const PIECES = 6;
  const step = fc.record({ what: fc.constantFrom('own', 'add', 'remove'), piece: fc.nat(PIECES - 1) });
  const property = fc.property(fc.array(step, { maxLength: 60 }), fc.double({ min: 0, max: 0.99 }), (steps, chance) => {
    const availability = new Availability(PIECES);
    const owned = new Set<number>();
    for (const { what, piece } of steps) {
      if (what === 'own') owned.add(piece);
      if (what === 'own') availability.own(piece);
      else if (what === 'add') availability.add(piece);
      else if (availability.rarity(piece) > 0) availability.remove(piece);
    }
    const order = [...availability.rarestFirst(chance)];
    expect([...order].sort()).toEqual([...owned].sort());
    const rarities = order.map((piece) => availability.rarity(piece));
    expect(rarities).toEqual([...rarities].sort((a, b) => a - b));
  });
  fc.assert(property, { seed: 1 });
});
