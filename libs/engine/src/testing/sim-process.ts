/**
 * What an operating system does to a program: it runs, it stands still for a while, or it is dead. While it stands still
 * nothing of it runs; what comes for it meanwhile comes all at once when it goes on, timers that are due as well. A clock
 * that never goes back can jump in no other way: forward, when the program was stopped and its machine went on.
 */
import type { Clock } from '../shell/ports.ts';
import type { SimWorld } from './sim-world.ts';

/** Timers this close to their time are due: sums of fractions of a millisecond are not exact. */
const EXACT_MS = 0.001;

/** Who stands still: the program, while its machine's clock goes on; or the whole machine, and its clock with it. */
export type Standstill = 'stopped' | 'suspended';

export class SimProcess {
  /** The clock as this program sees it. */
  readonly clock: Clock;
  readonly #world: SimWorld;
  readonly #waiting: (() => void)[] = [];
  #isDead = false;
  #goesOnMs = 0;
  /** What the clock is behind the world's. */
  #behindMs = 0;

  constructor(world: SimWorld) {
    this.#world = world;
    this.clock = {
      now: () => this.#now,
      setTimer: (delayMs, action) => this.#setTimer(delayMs, action),
    };
  }

  /** Whether it runs at this moment. */
  get isRunning(): boolean {
    return !this.#isDead && this.#world.nowMs >= this.#goesOnMs;
  }

  /** Does something in the program: at once, when it goes on, or never. */
  run(action: () => void): void {
    if (this.#isDead) return;
    if (this.#waiting.length > 0 || !this.isRunning) this.#waiting.push(action);
    else action();
  }

  /** It stands still from now on for so long. */
  standStill(kind: Standstill, forMs: number): void {
    const fromMs = Math.max(this.#world.nowMs, this.#goesOnMs);
    this.#goesOnMs = Math.max(this.#goesOnMs, this.#world.nowMs + forMs);
    if (kind === 'suspended') this.#behindMs += this.#goesOnMs - fromMs;
    this.#world.after(forMs, () => {
      this.#goOn();
    });
  }

  /** Nothing of it ever runs again. */
  die(): void {
    this.#isDead = true;
  }

  /** Everything that waited happens now, in the order in which it came. */
  #goOn(): void {
    if (this.#isDead || !this.isRunning) return;
    this.#world.settle();
    for (let action = this.#waiting[0]; action !== undefined; action = this.#waiting[0]) {
      this.#waiting.shift();
      action();
    }
  }

  get #now(): number {
    return Math.max(this.#world.nowMs, this.#goesOnMs) - this.#behindMs;
  }

  #setTimer(delayMs: number, action: () => void): () => void {
    const dueMs = this.#now + delayMs;
    let isCancelled = false;
    const ring = (): void => {
      if (isCancelled || this.#isDead) return;
      const earlyMs = dueMs - this.#now;
      if (earlyMs > EXACT_MS) this.#world.after(earlyMs, ring);
      else
        this.run(() => {
          if (isCancelled) return;
          this.#world.settle();
          action();
        });
    };
    this.#world.after(delayMs, ring);
    return () => {
      isCancelled = true;
    };
  }
}
