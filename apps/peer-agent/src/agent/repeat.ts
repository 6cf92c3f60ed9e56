import type { Clock } from '@shoal/engine';

/** What to do again and again. */
export interface Repetition {
  readonly clock: Pick<Clock, 'setTimer'>;
  /** From the end of one time to the begin of the next. */
  readonly delayMs: () => number;
  readonly work: (signal: AbortSignal) => Promise<void>;
  /** Told why `work` rejected; the next time comes nevertheless. */
  readonly onError: (error: unknown) => void;
}

/** Work that goes on until somebody stops it; never twice at once. */
export interface Repeated {
  /** Does it at once instead of after the delay; while it is being done, once more after that. */
  wake(): void;
  /** Aborts what is being done and waits for its end. */
  stop(): Promise<void>;
}

/** Begins at once. */
export function repeat({ clock, delayMs, work, onError }: Repetition): Repeated {
  const end = new AbortController();
  const { signal } = end;
  let cancelTimer: () => void = () => undefined;
  let running: Promise<void> | undefined;
  let isWorking = false;
  let wakes = 0;

  const run = async (): Promise<void> => {
    isWorking = true;
    const wakesBefore = wakes;
    try {
      await work(signal);
    } catch (error) {
      if (!signal.aborted) onError(error);
    }
    isWorking = false;
    if (!signal.aborted) cancelTimer = clock.setTimer(wakes === wakesBefore ? delayMs() : 0, begin);
  };
  const begin = (): void => {
    running = run();
  };
  begin();
  return {
    wake() {
      wakes++;
      if (isWorking || signal.aborted) return;
      cancelTimer();
      begin();
    },
    async stop() {
      end.abort();
      cancelTimer();
      await running;
    },
  };
}
