/** A source of chance: uniform in [0, 1). */
export type Random = () => number;

/** A set that can be sampled uniformly without looking at all of it. */
export class Roster<T> {
  readonly #items: T[] = [];
  readonly #places = new Map<T, number>();

  get size(): number {
    return this.#items.length;
  }

  add(item: T): void {
    if (this.#places.has(item)) return;
    this.#places.set(item, this.#items.length);
    this.#items.push(item);
  }

  delete(item: T): void {
    const place = this.#places.get(item);
    if (place === undefined) return;
    this.#swap(place, this.#items.length - 1);
    this.#items.pop();
    this.#places.delete(item);
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
    this.#places.set(b, one);
    this.#places.set(a, other);
  }
}
