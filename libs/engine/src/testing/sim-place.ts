/** Where something stands on the network: with all others, or beyond a partition with those that were parted with it. */
export class SimPlace {
  #isParted = false;
  #held: (() => void)[] = [];

  /** Whether it is with those that were parted from the rest. */
  get isParted(): boolean {
    return this.#isParted;
  }

  /** Whether a partition lies between two places. */
  isApartFrom(other: SimPlace): boolean {
    return this.#isParted !== other.#isParted;
  }

  /** Sends something off to another place: now, or when no partition lies between them any more, in the same order. */
  reach(other: SimPlace, send: () => void): void {
    if (!this.isApartFrom(other)) send();
    else
      this.#held.push(() => {
        this.reach(other, send);
      });
  }

  /** A partition begins or ends here; what waits for its end goes when all places were moved and `release` is called. */
  move(isParted: boolean): void {
    this.#isParted = isParted;
  }

  release(): void {
    for (const send of this.#held.splice(0)) send();
  }
}
