import { expect, it } from 'vitest';
import { Availability } from '../../src/core/availability.ts';

it('counts those that have a piece and those that will soon', () => {
  const availability = new Availability(3);
  availability.changeHolders(1, 1);
  availability.changeHolders(1, 1);
  availability.changePromises(1, 1);
  expect([availability.holders(1), availability.rarity(1)]).toEqual([2, 3]);
  expect([availability.holders(0), availability.rarity(0)]).toEqual([0, 0]);
});

it('takes back what is lost', () => {
  const availability = new Availability(2);
  availability.changeHolders(0, 1);
  availability.changePromises(0, 1);
  availability.changePromises(0, -1);
  expect(availability.rarity(0)).toBe(1);
  availability.changeHolders(0, -1);
  expect(availability.rarity(0)).toBe(0);
});

it('knows nothing of a piece that the share has not', () => {
  const availability = new Availability(2);
  expect([availability.holders(2), availability.rarity(2)]).toEqual([0, 0]);
});
