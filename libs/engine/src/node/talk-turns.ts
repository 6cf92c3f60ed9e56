/**
 * Who may talk. Messages are handled as they arrive, and a link whose other side says no more than its payload needs never
 * waits. One that takes the thread for longer waits for its turn, and all that wait get a few milliseconds in each turn of the
 * event loop, a message at a time: however many talk at once, and however much, blocks flow in between.
 *
 * Re-check when changing: `battery peers --only flood`, and `bench link` and `bench many`, which must not wait.
 */

/** What a link may take of the thread's time at once, each second, and for each byte of payload that it carries. */
const MOST_ALLOWANCE_MS = 10;
const ALLOWANCE_MS_PER_MS = 0.01;
const ALLOWANCE_MS_PER_BYTE = 4 / (1024 * 1024);
/** What all links that wait get in one turn of the event loop. */
const TURN_MS = 5;

/** What turns are taken with. */
export interface TurnClock {
  /** Monotonic, in milliseconds. */
  readonly now: () => number;
  /** Calls back once, in the next turn of the event loop. */
  readonly nextTurn: (action: () => void) => void;
}

/** A link that waits for its turn. */
export interface Waiting {
  /** Handles one message, or whatever comes next; returns whether there is more. */
  goOn(): boolean;
}

/** All links of one thread. */
export class TalkTurns {
  readonly clock: TurnClock;
  readonly #waiting = new Set<Waiting>();
  #isDue = false;

  constructor(clock: TurnClock) {
    this.clock = clock;
  }

  /** From now on it is told when to go on, until it has nothing more. */
  wait(link: Waiting): void {
    this.#waiting.add(link);
    this.#await();
  }

  forget(link: Waiting): void {
    this.#waiting.delete(link);
  }

  #await(): void {
    if (this.#isDue) return;
    this.#isDue = true;
    this.clock.nextTurn(() => {
      this.#isDue = false;
      this.#turn();
      if (this.#waiting.size > 0) this.#await();
    });
  }

  #turn(): void {
    const endMs = this.clock.now() + TURN_MS;
    while (this.clock.now() < endMs) {
      const [next] = this.#waiting;
      if (next === undefined) return;
      this.#waiting.delete(next);
      if (next.goOn()) this.#waiting.add(next);
    }
  }
}

/** What one link may still take of the thread's time. */
export class TalkAllowance {
  readonly #now: () => number;
  #leftMs = MOST_ALLOWANCE_MS;
  #countedMs: number;

  /** @param now as in `TurnClock` */
  constructor(now: () => number) {
    this.#now = now;
    this.#countedMs = now();
  }

  get isLeft(): boolean {
    return this.#leftMs > 0;
  }

  /** Handles a message, and counts how long that took. */
  spend(handle: () => void): void {
    const beganMs = this.#now();
    this.#add((beganMs - this.#countedMs) * ALLOWANCE_MS_PER_MS);
    handle();
    this.#countedMs = this.#now();
    this.#add(beganMs - this.#countedMs);
  }

  /** Payload came or went. */
  moved(bytes: number): void {
    this.#add(bytes * ALLOWANCE_MS_PER_BYTE);
  }

  #add(ms: number): void {
    this.#leftMs = Math.min(MOST_ALLOWANCE_MS, Math.max(-MOST_ALLOWANCE_MS, this.#leftMs + ms));
  }
}

/** Those of this thread, which all links share. */
export const talkTurns = new TalkTurns({
  now: () => performance.now(),
  nextTurn: (action) => {
    setImmediate(action);
  },
});
