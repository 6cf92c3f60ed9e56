interface Entry {
  readonly atMs: number;
  readonly order: number;
  readonly action: () => void;
}

/** Actions ordered by time, and by insertion within one moment: a binary heap. */
export class EventQueue {
  readonly #heap: Entry[] = [];
  #inserted = 0;

  /** When the next action is due; undefined when there is none. */
  get nextMs(): number | undefined {
    return this.#heap[0]?.atMs;
  }

  add(atMs: number, action: () => void): void {
    const entry = { atMs, order: this.#inserted++, action };
    let hole = this.#heap.length;
    while (hole > 0) {
      const above = (hole - 1) >> 1;
      const parent = this.#heap[above];
      if (parent === undefined || !isBefore(entry, parent)) break;
      this.#heap[hole] = parent;
      hole = above;
    }
    this.#heap[hole] = entry;
  }

  /** Takes out the next action. */
  take(): (() => void) | undefined {
    const first = this.#heap[0];
    const last = this.#heap.pop();
    if (last !== undefined && this.#heap.length > 0) this.#sink(last);
    return first?.action;
  }

  /** Fills the hole at the top. */
  #sink(entry: Entry): void {
    let hole = 0;
    for (let child = this.#smallerChild(hole); child !== undefined; child = this.#smallerChild(hole)) {
      const below = this.#heap[child];
      if (below === undefined || !isBefore(below, entry)) break;
      this.#heap[hole] = below;
      hole = child;
    }
    this.#heap[hole] = entry;
  }

  #smallerChild(parent: number): number | undefined {
    const at = 2 * parent + 1;
    const left = this.#heap[at];
    const right = this.#heap[at + 1];
    if (left === undefined) return undefined;
    return right !== undefined && isBefore(right, left) ? at + 1 : at;
  }
}

function isBefore(one: Entry, other: Entry): boolean {
  return one.atMs < other.atMs || (one.atMs === other.atMs && one.order < other.order);
}
