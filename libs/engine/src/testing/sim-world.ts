/**
 * Virtual time and chance: a clock that jumps from one thing to the next, and a transcript of all that is delivered. The
 * same seed gives the same run, message for message. What stands on the network is `SimNetwork`.
 */
import { createHash } from 'node:crypto';
import type { Clock, Random } from '../shell/ports.ts';
import { EventQueue } from './event-queue.ts';
import { seededChance } from './seeded-chance.ts';

const NOTED_LINES = 256;

export class SimWorld {
  readonly random: Random;
  readonly clock: Clock;
  readonly #queue = new EventQueue();
  readonly #transcript = createHash('sha256');
  /** Lines that are not in the transcript yet: many small updates would cost more than the digest itself. */
  #noted: string[] = [];
  #nowMs = 0;
  #mustSettle = false;

  constructor(seed: number) {
    this.random = { next: seededChance(seed) };
    this.clock = {
      now: () => this.#nowMs,
      setTimer: (delayMs, action) => {
        let isCancelled = false;
        this.after(delayMs, () => {
          if (isCancelled) return;
          this.settle();
          action();
        });
        return () => {
          isCancelled = true;
        };
      },
    };
  }

  get nowMs(): number {
    return this.#nowMs;
  }

  /** SHA-256 over every delivery so far: equal for equal runs. */
  get transcript(): string {
    this.#write();
    return this.#transcript.copy().digest('hex');
  }

  /** Runs an action later in virtual time. */
  after(delayMs: number, action: () => void): void {
    this.#queue.add(this.#nowMs + Math.max(0, delayMs), action);
  }

  /** A promise was made or settled: what waits for it runs before time goes on. */
  settle(): void {
    this.#mustSettle = true;
  }

  /** Adds a line to the transcript. */
  note(line: string): void {
    this.#noted.push(`${String(this.#nowMs)} ${line}\n`);
    if (this.#noted.length === NOTED_LINES) this.#write();
  }

  /**
   * Lets time pass until the condition holds or the deadline comes.
   * @returns whether the condition holds
   */
  async run(until: () => boolean, deadlineMs: number): Promise<boolean> {
    await promisesSettled();
    for (;;) {
      if (until()) return true;
      const nextMs = this.#queue.nextMs;
      if (nextMs === undefined || nextMs > deadlineMs) {
        this.#nowMs = Math.max(this.#nowMs, deadlineMs);
        return false;
      }
      this.#nowMs = nextMs;
      this.#queue.take()?.();
      if (!this.#mustSettle) continue;
      this.#mustSettle = false;
      await promisesSettled();
    }
  }

  #write(): void {
    this.#transcript.update(this.#noted.join(''));
    this.#noted = [];
  }
}

/** Lets every promise that can go on do so: microtasks are over when a macrotask runs. */
function promisesSettled(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}
