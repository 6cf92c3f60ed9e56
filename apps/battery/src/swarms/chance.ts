/** Draws from one seeded source: equal seeds, equal draws. */
export class Chance {
  readonly #next: () => number;

  /** @param next uniform in [0, 1) */
  constructor(next: () => number) {
    this.#next = next;
  }

  /** Uniform between two numbers. */
  between(least: number, most: number): number {
    return least + (most - least) * this.#next();
  }

  /** A whole number, at most `most`. */
  whole(least: number, most: number): number {
    return Math.floor(this.between(least, most + 1));
  }

  /** Of two numbers of different size, one in between: as often near the one as near the other. */
  scale(least: number, most: number): number {
    return least * (most / least) ** this.#next();
  }

  /** Whether something happens that does so this often. */
  happens(probability: number): boolean {
    return this.#next() < probability;
  }

  oneOf<T>(choices: readonly [T, ...T[]]): T {
    return choices[this.whole(0, choices.length - 1)] ?? choices[0];
  }

  /** Each of these or not, with the given probability. */
  some<T>(all: readonly T[], probability: number): T[] {
    return all.filter(() => this.happens(probability));
  }
}
