/** What stays only as long as somebody confirms it. The list of leases runs through the entries themselves. */
export interface Leased<T> {
  /** When it ends, in whole milliseconds. */
  leaseEnd: number;
  /** Its neighbours among the leases. */
  earlier: T | undefined;
  later: T | undefined;
}

/** Leases, all equally long: so the one given or renewed last is the last to end. */
export class Leases<T extends Leased<T>> {
  readonly #lengthMs: number;
  #first: T | undefined;
  #last: T | undefined;

  constructor(lengthMs: number) {
    this.#lengthMs = lengthMs;
  }

  /** Gives an entry a lease from now on, or renews it. */
  renew(entry: T, now: number): void {
    this.end(entry);
    entry.leaseEnd = Math.ceil(now) + this.#lengthMs;
    entry.earlier = this.#last;
    if (this.#last === undefined) this.#first = entry;
    else this.#last.later = entry;
    this.#last = entry;
  }

  /** From now on the entry has none. */
  end(entry: T): void {
    const { earlier, later } = entry;
    if (this.#first === entry) this.#first = later;
    else if (earlier === undefined) return;
    else earlier.later = later;
    if (later === undefined) this.#last = earlier;
    else later.earlier = earlier;
    entry.earlier = undefined;
    entry.later = undefined;
  }

  /** The entry whose lease has ended first, if one has. */
  ended(now: number): T | undefined {
    return this.#first !== undefined && this.#first.leaseEnd <= now ? this.#first : undefined;
  }
}
