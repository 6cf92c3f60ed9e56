/**
 * Lets gather what trickles in. Over lines of some megabits packets come one at a time, each from another of many peers, and
 * every one would wake the whole program for a few bytes. While that is so the thread sleeps a few milliseconds after each
 * turn of the event loop, and the next turn finds what would have taken many (ADR 0017).
 *
 * Re-check when changing: CPU seconds of `bench swarm --leechers 16`, and of `bench link`, which must never sleep.
 */

/** How long the flow is watched before it is judged: whatever is over sooner never sleeps. */
const WINDOW_MS = 250;
/** With less in a window there are few turns to save: 2 Mbit/s. */
const LEAST_BYTES = 64 * 1024;
/** With more in a window every turn has enough to do: 80 Mbit/s. */
const MOST_BYTES = 2_500_000;
const BREATH_MS = 3;

/** What a breath is taken with. */
export interface Lungs {
  /** Monotonic, in milliseconds. */
  readonly now: () => number;
  /** Calls back once, at the end of the current turn of the event loop. */
  readonly afterTurn: (breathe: () => void) => void;
  /** Blocks the thread. */
  readonly sleep: (ms: number) => void;
}

export class Breath {
  readonly #lungs: Lungs;
  #isDue = false;
  #isTrickle = false;
  #windowBytes = 0;
  #windowBeganMs = Number.NEGATIVE_INFINITY;

  constructor(lungs: Lungs) {
    this.#lungs = lungs;
  }

  /** Bytes came in or went out on some link. */
  moved(bytes: number): void {
    this.#windowBytes += bytes;
    if (this.#isDue) return;
    this.#isDue = true;
    this.#lungs.afterTurn(() => {
      this.#isDue = false;
      this.#judge();
      if (this.#isTrickle) this.#lungs.sleep(BREATH_MS);
    });
  }

  #judge(): void {
    if (this.#windowBytes > MOST_BYTES) this.#isTrickle = false;
    const nowMs = this.#lungs.now();
    const passedMs = nowMs - this.#windowBeganMs;
    if (passedMs < WINDOW_MS) return;
    // A longer window was a pause, or begins with one.
    this.#isTrickle = passedMs < 2 * WINDOW_MS && this.#windowBytes >= LEAST_BYTES && this.#windowBytes <= MOST_BYTES;
    this.#windowBytes = 0;
    this.#windowBeganMs = nowMs;
  }
}

const nobody = new Int32Array(new SharedArrayBuffer(4));

/** That of this thread's event loop, which all links share. */
export const breath = new Breath({
  now: () => performance.now(),
  afterTurn: (breathe) => {
    setImmediate(breathe);
  },
  sleep: (ms) => {
    Atomics.wait(nobody, 0, 0, ms);
  },
});
