import { setImmediate as nextTurn } from 'node:timers/promises';

/** What a group commit works with. */
export interface GroupCommitParts<Item> {
  /** Commits all of them or none, and tells those that are new. */
  readonly commit: (items: readonly Item[]) => Promise<ReadonlySet<Item>>;
  readonly weigh: (item: Item) => number;
  /** Items in one transaction, and the sum of their weights: no limit to one that is alone. */
  readonly limits: { readonly items: number; readonly weight: number };
}

interface Waiting<Item> {
  readonly item: Item;
  readonly resolve: (isNew: boolean) => void;
  readonly reject: (reason: unknown) => void;
}

/**
 * Commits what comes at the same time in one transaction: to flush the disk costs a hundred writes what it costs one. Nobody
 * is answered before the transaction that holds their item is committed, and all of a group that fails are told so.
 */
export class GroupCommit<Item> {
  readonly #parts: GroupCommitParts<Item>;
  #waiting: Waiting<Item>[] = [];
  #drained: Promise<void> | undefined;

  constructor(parts: GroupCommitParts<Item>) {
    this.#parts = parts;
  }

  /** Resolves when the item is committed, with whether it is new; rejects when it is not committed. */
  add(item: Item): Promise<boolean> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ item, resolve, reject });
      this.#drained ??= this.#drain();
    });
  }

  /** Resolves when nothing waits any more. */
  async idle(): Promise<void> {
    await this.#drained;
  }

  async #drain(): Promise<void> {
    while (this.#waiting.length > 0) {
      // Whatever else has arrived is read before the turn of the event loop ends.
      await nextTurn();
      await this.#commit(this.#takeGroup());
    }
    this.#drained = undefined;
  }

  #takeGroup(): readonly Waiting<Item>[] {
    const { limits, weigh } = this.#parts;
    let [count, weight] = [0, 0];
    for (const { item } of this.#waiting) {
      weight += weigh(item);
      if (count === limits.items || (count > 0 && weight > limits.weight)) break;
      count++;
    }
    return this.#waiting.splice(0, count);
  }

  async #commit(group: readonly Waiting<Item>[]): Promise<void> {
    try {
      const fresh = await this.#parts.commit(group.map(({ item }) => item));
      for (const { item, resolve } of group) resolve(fresh.has(item));
    } catch (error) {
      for (const { reject } of group) reject(error);
    }
  }
}
