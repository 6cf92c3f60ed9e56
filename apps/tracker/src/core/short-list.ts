/**
 * Lists that a tracker keeps by the hundred thousand, nearly all of them short. `push` makes room for seventeen items at
 * once; here a short list has just the room that it needs, and all empty ones are the same. So nobody else may change
 * one, and whoever keeps one keeps what these functions return.
 */

const SHORT = 16;
const EMPTY: never[] = [];

/** The empty list. */
export function emptyList<T>(): T[] {
  return EMPTY;
}

/** The list with one more item at its end. */
export function withItem<T>(list: T[], item: T): T[] {
  if (list.length < SHORT) return list.concat([item]);
  list.push(item);
  return list;
}

/** The list without the item at a place, which the last one takes over: the order means nothing. */
export function withoutPlace<T>(list: T[], place: number): T[] {
  const last = list.pop();
  if (last === undefined || place < 0 || place > list.length)
    throw new Error(`invariant: a list has the place ${String(place)}`);
  if (place < list.length) list[place] = last;
  return list.length === 0 ? EMPTY : list;
}
