import type { Clock } from '@shoal/engine';

/** A clock whose time passes when a test says so. */
export class FakeClock implements Clock {
  #nowMs = 0;
  readonly #timers = new Set<{ readonly atMs: number; readonly action: () => void }>();

  now(): number {
    return this.#nowMs;
  }

  setTimer(delayMs: number, action: () => void): () => void {
    const timer = { atMs: this.#nowMs + delayMs, action };
    this.#timers.add(timer);
    return () => {
      this.#timers.delete(timer);
    };
  }

  get openTimers(): number {
    return this.#timers.size;
  }

  /** Lets so much time pass, and what waits for it run. */
  async pass(ms: number): Promise<void> {
    const endMs = this.#nowMs + ms;
    const next = () => [...this.#timers].filter(({ atMs }) => atMs <= endMs).sort((a, b) => a.atMs - b.atMs)[0];
    for (let timer = next(); timer !== undefined; timer = next()) {
      this.#nowMs = timer.atMs;
      this.#timers.delete(timer);
      timer.action();
      await settled();
    }
    this.#nowMs = endMs;
  }
}

/** Resolves when every promise that can go on has done so. */
export function settled(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}
