import { describe, expect, it } from 'vitest';
import type { Clock } from '../shell/ports.ts';

/** A clock and what makes its time pass. */
export interface ClockUnderTest {
  readonly clock: Clock;
  /** Lets time pass until the promise settles. */
  readonly run: <T>(pending: Promise<T>) => Promise<T>;
}

/** Timers of a machine may fire so much before their time by its clock: they round to whole milliseconds. */
const ROUNDING_MS = 1;

/** The rules of every `Clock`. */
export function describeClock(name: string, create: () => ClockUnderTest): void {
  const delay = (clock: Clock, delayMs: number): Promise<number> =>
    new Promise((resolve) => {
      clock.setTimer(delayMs, () => {
        resolve(clock.now());
      });
    });

  describe(`${name} as a clock`, () => {
    it('runs an action after its delay, not before', async () => {
      const { clock, run } = create();
      const start = clock.now();
      expect(await run(delay(clock, 20))).toBeGreaterThanOrEqual(start + 20 - ROUNDING_MS);
    });

    it('runs actions in the order of their times', async () => {
      const { clock, run } = create();
      const order: string[] = [];
      const note = (delayMs: number, what: string) => delay(clock, delayMs).then(() => order.push(what));
      await run(Promise.all([note(30, 'late'), note(1, 'early'), note(15, 'between')]));
      expect(order).toEqual(['early', 'between', 'late']);
    });

    it('never runs an action that was cancelled', async () => {
      const { clock, run } = create();
      let hasRun = false;
      const cancel = clock.setTimer(5, () => (hasRun = true));
      cancel();
      await run(delay(clock, 20));
      expect(hasRun).toBe(false);
    });

    it('runs an action once', async () => {
      const { clock, run } = create();
      let runs = 0;
      clock.setTimer(1, () => runs++);
      await run(delay(clock, 20));
      expect(runs).toBe(1);
    });

    it('never goes back', async () => {
      const { clock, run } = create();
      const times = [clock.now()];
      for (const delayMs of [0, 1, 2]) times.push(await run(delay(clock, delayMs)));
      expect(times).toEqual(times.toSorted((a, b) => a - b));
    });
  });
}
