import { ShoalError } from '@shoal/protocol';
import { say } from './story.ts';

/** How long a process lives, and how it ends: asked to, or without notice. */
export interface Lifespan {
  readonly seconds: number;
  readonly signal: 'SIGTERM' | 'SIGKILL';
}

/**
 * Draws a life of random length between two numbers of seconds, as in `20-60`.
 * @param chance uniform in [0, 1)
 * @throws ShoalError `bad-config`
 */
export function lifespanOf(range: string, chance: () => number): Lifespan {
  const [, shortest = '', longest = ''] = /^(\d{1,5})-(\d{1,5})$/.exec(range) ?? [];
  const [from, to] = [Number(shortest), Number(longest)];
  if (shortest === '' || from > to) {
    throw new ShoalError('bad-config', `reading the life "${range}": write seconds from and to, as in 20-60`);
  }
  return { seconds: Math.round(from + chance() * (to - from)), signal: chance() < 0.5 ? 'SIGTERM' : 'SIGKILL' };
}

/** Ends this process when its time has come. */
export function endAfter({ seconds, signal }: Lifespan): void {
  say(`it lives ${seconds} s and ends by ${signal}`);
  setTimeout(() => {
    say(`its ${seconds} s are over: ${signal}`);
    process.kill(process.pid, signal);
  }, seconds * 1_000).unref();
}
