import { emptyList, withItem, withoutPlace } from './short-list.ts';

/** A source of chance: uniform in [0, 1). */
export type Random = () => number;

/** What can stand in one roster at a time. */
export interface Placed {
  /** Where it stands, kept by the roster; -1 when it is in none. */
  place: number;
}

/** A set that can be sampled uniformly without looking at all of it. */
export class Roster<T extends Placed> {
  #items: T[] = emptyList();

  get size(): number {
    return this.#items.length;
  }

  /** Adds an item that is in no roster. */
  add(item: T): void {
    if (item.place >= 0) throw new Error('invariant: an item is in one roster at a time');
    item.place = this.#items.length;
    this.#items = withItem(this.#items, item);
  }

  /** Takes an item out, if it is in. */
  delete(item: T): void {
    const { place } = item;
    if (place < 0 || this.#items[place] !== item) return;
    this.#items = withoutPlace(this.#items, place);
    item.place = -1;
    const moved = this.#items[place];
    if (moved !== undefined) moved.place = place;
  }

  /** Up to `max` different items that are eligible, each set of them equally likely, in random order. */
  sample(max: number, random: Random, isEligible: (item: T) => boolean): T[] {
    const chosen: T[] = [];
    for (let place = 0; place < this.#items.length && chosen.length < max; place++) {
      this.#swap(place, place + Math.floor(random() * (this.#items.length - place)));
      const item = this.#items[place];
      if (item !== undefined && isEligible(item)) chosen.push(item);
    }
    return chosen;
  }

  #swap(one: number, other: number): void {
    const a = this.#items[one];
    const b = this.#items[other];
    if (a === undefined || b === undefined) throw new Error(`invariant: places ${String(one)} and ${String(other)}`);
    this.#items[one] = b;
    this.#items[other] = a;
    b.place = one;
    a.place = other;
  }
}
