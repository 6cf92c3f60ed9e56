import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import type { Happening } from './chronicle.ts';

/** What a program is kept with. */
export interface Keeping {
  readonly start: () => ChildProcess;
  /** How far the leechers are when it is killed, from 0 to 1. */
  readonly killAt: number;
  /** How far they are now; undefined when that cannot be said. */
  readonly progress: () => Promise<number | undefined>;
  readonly lookEveryMs: number;
  readonly backAfterMs: number;
  readonly note: (happening: Happening) => void;
  readonly say: (text: string) => void;
  /** Asks the program to end, and then ends the keeping. */
  readonly signal: AbortSignal;
}

/**
 * Runs a program, kills it once without notice, starts it again after a while and waits for its end.
 * @returns the exit code of the program; 1 when a signal ended it
 */
export async function keep(keeping: Keeping): Promise<number> {
  const { start, note, say, signal } = keeping;
  const first = run(start(), signal);
  const progress = await farEnough(keeping, first.gone);
  if (progress === undefined) return first.code;
  first.kill();
  await first.code;
  note({ kind: 'killed', progress });
  say(`killed without notice, with the leechers at ${Math.round(progress * 100)} %`);
  if (await isAborted(keeping.backAfterMs, signal)) return 0;
  say('started again');
  const second = run(start(), signal);
  note({ kind: 'back' });
  return second.code;
}

interface Run {
  readonly code: Promise<number>;
  /** Aborted when the program has ended. */
  readonly gone: AbortSignal;
  readonly kill: () => void;
}

function run(child: ChildProcess, signal: AbortSignal): Run {
  const gone = new AbortController();
  const askToEnd = (): void => void child.kill('SIGTERM');
  signal.addEventListener('abort', askToEnd);
  const code = once(child, 'exit').then(() => {
    signal.removeEventListener('abort', askToEnd);
    gone.abort();
    return child.exitCode ?? 1;
  });
  return { code, gone: gone.signal, kill: () => void child.kill('SIGKILL') };
}

/** How far the leechers are as soon as that is far enough; undefined when the program ended before. */
async function farEnough({ killAt, progress, lookEveryMs }: Keeping, gone: AbortSignal): Promise<number | undefined> {
  for (;;) {
    const now = await progress();
    if (gone.aborted) return undefined;
    if (now !== undefined && now >= killAt) return now;
    if (await isAborted(lookEveryMs, gone)) return undefined;
  }
}

/** Waits, and tells whether the wait was cut short. */
async function isAborted(ms: number, signal: AbortSignal): Promise<boolean> {
  try {
    await pause(ms, undefined, { signal });
    return false;
  } catch (error) {
    if (signal.aborted) return true;
    throw error;
  }
}
