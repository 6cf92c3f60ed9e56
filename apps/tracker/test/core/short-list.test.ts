import { describe, expect, it } from 'vitest';
import { emptyList, withItem, withoutPlace } from '../../src/core/short-list.ts';

/** The numbers from 0. */
function listOf(length: number): number[] {
  let list = emptyList<number>();
  for (let item = 0; item < length; item++) list = withItem(list, item);
  return list;
}

describe('a short list', () => {
  it.each([0, 1, 16, 17, 100])('of %i has what was put into it, in order', (length) => {
    expect(listOf(length)).toEqual(Array.from({ length }, (_, item) => item));
  });

  it.each([1, 16, 17, 100])('of %i loses what is taken out, and nothing else', (length) => {
    for (let place = 0; place < length; place++) {
      const rest = withoutPlace(listOf(length), place);
      expect([...rest, place].sort((a, b) => a - b)).toEqual(listOf(length));
    }
  });

  it('that is empty stays empty, whatever others put into theirs', () => {
    withoutPlace(withItem(emptyList<number>(), 1), 0);
    expect(emptyList()).toEqual([]);
  });

  it('refuses a place that it does not have', () => {
    expect(() => withoutPlace(listOf(2), 2)).toThrow('invariant');
    expect(() => withoutPlace(emptyList(), 0)).toThrow('invariant');
    expect(emptyList()).toEqual([]);
  });
});
