import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { FleetStore } from '../../src/state/fleet-store.ts';
import { factsOf, INFO_HASH, membersMessage, told } from './pictures.ts';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

it('tells every change at once, and at the pace of readers what has come since', () => {
  const store = new FleetStore({ at: 'share', infoHash: INFO_HASH });
  const heard = { each: 0, paced: 0 };
  store.subscribe(() => heard.each++);
  const end = store.subscribePaced(() => heard.paced++);
  store.hear({ kind: 'share', ...factsOf(4) });
  for (let n = 1; n <= 20; n++) store.hear(membersMessage([told(`web-${n}`)]));
  expect(heard).toEqual({ each: 21, paced: 1 });
  expect(store.picture().share?.members.size).toBe(20);
  expect(store.paced().share?.members.size).toBe(0);
  vi.advanceTimersByTime(250);
  expect(heard.paced).toBe(2);
  expect(store.paced()).toBe(store.picture());
  end();
  store.hear(membersMessage([told('web-99')]));
  vi.advanceTimersByTime(250);
  expect(heard.paced).toBe(2);
});

it('turns to another view at once', () => {
  const store = new FleetStore({ at: 'overview', query: '' });
  store.turnTo({ at: 'share', infoHash: INFO_HASH });
  expect(store.paced().view).toEqual({ at: 'share', infoHash: INFO_HASH });
});
