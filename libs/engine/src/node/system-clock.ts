import type { Clock, Random } from '../shell/ports.ts';

/** The machine's monotonic clock. A running timer keeps the process alive: whoever set it cancels it. */
export const systemClock: Clock = {
  now: () => performance.now(),
  setTimer: (delayMs, action) => {
    const timer = setTimeout(action, delayMs);
    return () => {
      clearTimeout(timer);
    };
  },
};

/** Chance for jitter and tie-breaks; not for secrets. */
export const systemRandom: Random = { next: () => Math.random() };
