import { emptyList, withItem, withoutPlace } from './short-list.ts';

/** A source of chance: uniform in [0, 1). */
export type Random = () => number;

/** What can stand in one roster at a time. */
export interface Placed {
  /** Where it stands, kept by the roster; -1 when it is in none. */
  place: number;
}

/** The parts of a roster: seeders and leechers that can be handed out, and whoever cannot. */
export type Section = 'seeders' | 'leechers' | 'hidden';

/**
 * All members of a swarm in one list, in which each section stands together: any of them can be sampled uniformly without
 * looking at all of it, and an item changes its section by changing places with others.
 */
export class Roster<T extends Placed> {
  #items: T[] = emptyList();
  /** Where the leechers begin, and where the hidden ones do. */
  #leechersFrom = 0;
  #hiddenFrom = 0;

  /** All of them, in no order; not to be kept. */
  get items(): readonly T[] {
    return this.#items;
  }

  /** Adds an item that is in no roster. */
  add(item: T, section: Section): void {
    if (item.place >= 0) throw new Error('invariant: an item is in one roster at a time');
    item.place = this.#items.length;
    this.#items = withItem(this.#items, item);
    this.move(item, section);
  }

  /** Takes an item out. */
  delete(item: T): void {
    this.move(item, 'hidden');
    const { place } = item;
    this.#items = withoutPlace(this.#items, place);
    item.place = -1;
    const moved = this.#items[place];
    if (moved !== undefined) moved.place = place;
  }

  /** From now on the item stands in that section. Between two sections lies only the border that it crosses. */
  move(item: T, section: Section): void {
    if (this.#items[item.place] !== item) throw new Error('invariant: an item that moves is in the roster');
    if (section !== 'hidden' && item.place >= this.#hiddenFrom) this.#swap(item.place, this.#hiddenFrom++);
    if (section === 'seeders' && item.place >= this.#leechersFrom) this.#swap(item.place, this.#leechersFrom++);
    if (section !== 'seeders' && item.place < this.#leechersFrom) this.#swap(item.place, --this.#leechersFrom);
    if (section === 'hidden' && item.place < this.#hiddenFrom) this.#swap(item.place, --this.#hiddenFrom);
  }

  /** Up to `max` different items of a section that are eligible, each set of them equally likely, in random order. */
  sample(
    section: 'seeders' | 'leechers',
    max: number,
    { random, isEligible }: { readonly random: Random; readonly isEligible: (item: T) => boolean },
  ): T[] {
    const [start, end] = section === 'seeders' ? [0, this.#leechersFrom] : [this.#leechersFrom, this.#hiddenFrom];
    const chosen: T[] = [];
    for (let place = start; place < end && chosen.length < max; place++) {
      this.#swap(place, place + Math.floor(random() * (end - place)));
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
