import { expect, it } from 'vitest';
import { Turns } from '../../src/core/turns.ts';

const [one, two, three] = [{}, {}, {}];

it('lets anybody take while nobody waits', () => {
  const turns = new Turns();
  expect([turns.mayTake(one, true), turns.mayTake(one, true), turns.mayTake(two, true)]).toEqual([true, true, true]);
});

it('lets those take first that found nothing first', () => {
  const turns = new Turns();
  for (const who of [two, one]) expect(turns.mayTake(who, false)).toBe(false);
  expect(turns.mayTake(three, true)).toBe(false);
  expect(turns.mayTake(one, true)).toBe(false);
  expect(turns.mayTake(two, true)).toBe(true);
  expect(turns.mayTake(two, true)).toBe(false);
  expect([turns.mayTake(one, true), turns.mayTake(three, true), turns.mayTake(two, true)]).toEqual([true, true, true]);
});

it('does not wait for one that wants nothing any more', () => {
  const turns = new Turns();
  turns.mayTake(one, false);
  turns.leave(one);
  expect(turns.mayTake(two, true)).toBe(true);
});
