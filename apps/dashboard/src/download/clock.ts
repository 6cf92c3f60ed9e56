/** Monotonic time and timers, as arguments, so that tests can tell them. */
export interface Clock {
  /** Milliseconds since any fixed moment. */
  now(): number;
  /** Runs `action` once after `delayMs`; the returned function cancels it. */
  setTimer(delayMs: number, action: () => void): () => void;
}

export const browserClock: Clock = {
  now: () => performance.now(),
  setTimer: (delayMs, action) => {
    const timer = setTimeout(action, delayMs);
    return () => {
      clearTimeout(timer);
    };
  },
};
