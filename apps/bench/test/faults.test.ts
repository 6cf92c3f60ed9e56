import { expect, it } from 'vitest';
import { Faults } from '../src/faults.ts';

it('a contender that fails is left out from then on and named, and the others go on', async () => {
  const printed: string[] = [];
  const faults = new Faults((text) => printed.push(text));
  const failing = () => faults.attempt('aria2', () => Promise.reject(new Error('it ended\nwith many words')));
  expect(await failing()).toEqual([]);
  expect(await failing()).toEqual([]);
  expect(await faults.attempt('shoal', () => Promise.resolve(7))).toEqual([7]);
  expect(printed).toEqual(['  aria2 failed: Error: it ended\nwith many words']);
  expect(faults.notes).toEqual(['aria2 failed and was left out from then on: Error: it ended']);
});
