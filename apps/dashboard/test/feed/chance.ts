/** Chance that is the same every time: mulberry32. */
export class Chance {
  #state: number;

  constructor(seed: number) {
    this.#state = seed;
  }

  /** Uniform in [0, 1). */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let t = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  }

  /** One of them. */
  pick<T>(all: readonly T[]): T {
    return all[Math.floor(this.next() * all.length)]!;
  }

  /** The same list in another order. */
  shuffle<T>(all: T[]): T[] {
    for (let last = all.length - 1; last > 0; last--) {
      const other = Math.floor(this.next() * (last + 1));
      [all[last], all[other]] = [all[other]!, all[last]!];
    }
    return all;
  }
}
