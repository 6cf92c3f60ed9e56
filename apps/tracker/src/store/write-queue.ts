import { setTimeout as delay } from 'node:timers/promises';

const RETRY_MS = 50;

/** Whether a failed write may be tried again: nothing of it was committed, and the reason passes. */
export type IsPassing = (error: unknown) => boolean;

/**
 * Runs writes one after the other. The Prisma adapter has one connection: a write that began while another write's
 * transaction was open would join it, and be rolled back with it after it had been acknowledged.
 */
export class WriteQueue {
  readonly #isPassing: IsPassing;
  readonly #patienceMs: number;
  #last: Promise<unknown> = Promise.resolve();

  /** @param patienceMs how long a write is tried again while the reason of its failure passes */
  constructor(isPassing: IsPassing, patienceMs: number) {
    this.#isPassing = isPassing;
    this.#patienceMs = patienceMs;
  }

  /** Runs a write when all earlier ones have ended; it must be safe to run again after a failure. */
  run<T>(write: () => Promise<T>): Promise<T> {
    const result = this.#last.then(() => this.#attempt(write));
    this.#last = result.catch(() => undefined);
    return result;
  }

  /** Resolves when every write so far has ended. */
  async idle(): Promise<void> {
    await this.#last;
  }

  async #attempt<T>(write: () => Promise<T>): Promise<T> {
    const giveUpAt = performance.now() + this.#patienceMs;
    for (;;) {
      try {
        return await write();
      } catch (error) {
        if (!this.#isPassing(error) || performance.now() > giveUpAt) throw error;
      }
      await delay(RETRY_MS);
    }
  }
}
