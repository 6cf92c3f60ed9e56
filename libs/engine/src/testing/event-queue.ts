/** Actions ordered by time, and by insertion within one moment: a binary heap. */
export class EventQueue {
  readonly #heap: { readonly atMs: number; readonly order: number; readonly action: () => void }[] = [];
  #inserted = 0;

  /** When the next action is due; undefined when there is none. */
  get nextMs(): number | undefined {
    return this.#heap[0]?.atMs;
  }

  add(atMs: number, action: () => void): void {
    this.#heap.push({ atMs, order: this.#inserted++, action });
    let child = this.#heap.length - 1;
    while (child > 0) {
      const parent = (child - 1) >> 1;
      if (!this.#isBefore(child, parent)) break;
      this.#swap(child, parent);
      child = parent;
    }
  }

  /** Takes out the next action. */
  take(): (() => void) | undefined {
    const first = this.#heap[0];
    const last = this.#heap.pop();
    if (first === undefined || last === undefined || first === last) return first?.action;
    this.#heap[0] = last;
    this.#sink();
    return first.action;
  }

  #sink(): void {
    for (let parent = 0; ;) {
      let child = 2 * parent + 1;
      if (child >= this.#heap.length) return;
      if (child + 1 < this.#heap.length && this.#isBefore(child + 1, child)) child++;
      if (!this.#isBefore(child, parent)) return;
      this.#swap(child, parent);
      parent = child;
    }
  }

  #isBefore(a: number, b: number): boolean {
    const left = this.#heap[a];
    const right = this.#heap[b];
    if (left === undefined || right === undefined) throw new Error('invariant: both places are in the heap');
    return left.atMs < right.atMs || (left.atMs === right.atMs && left.order < right.order);
  }

  #swap(a: number, b: number): void {
    const left = this.#heap[a];
    const right = this.#heap[b];
    if (left === undefined || right === undefined) throw new Error('invariant: both places are in the heap');
    this.#heap[a] = right;
    this.#heap[b] = left;
  }
}
