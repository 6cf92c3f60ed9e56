import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import type { Happening } from '../src/chronicle.ts';
import { keep, type Keeping } from '../src/keep.ts';

const LIVES_ON = 'process.stdout.write("up"); setInterval(() => {}, 1000)';
const ENDS_WELL_WHEN_ASKED = `process.on("SIGTERM", () => process.exit(0)); ${LIVES_ON}`;

describe('a program that is kept', () => {
  it('is killed when the leechers are far enough, and started again', async () => {
    const { children, happenings, keeping } = arrange([LIVES_ON, 'process.exit(7)']);
    const states = [undefined, 0.2, 0.6];
    expect(await keep({ ...keeping, progress: () => Promise.resolve(states.shift()) })).toBe(7);
    expect(children.map(({ signalCode }) => signalCode)).toEqual(['SIGKILL', null]);
    expect(happenings).toEqual([{ kind: 'killed', progress: 0.6 }, { kind: 'back' }]);
  });

  it('ends with its own exit code when it ends by itself', async () => {
    const { children, happenings, keeping } = arrange(['process.exit(3)']);
    expect(await keep(keeping)).toBe(3);
    expect([children.length, happenings.length]).toEqual([1, 0]);
  });

  it('is asked to end when the keeper is', async () => {
    const { children, happenings, keeping, stop } = arrange([ENDS_WELL_WHEN_ASKED]);
    const kept = keep(keeping);
    await once(children[0]!.stdout!, 'data');
    stop();
    expect(await kept).toBe(0);
    expect(happenings).toEqual([]);
  });

  it('is not started again when the keeper ends meanwhile', async () => {
    const { children, keeping, stop } = arrange([LIVES_ON]);
    const progress = (): Promise<number> => Promise.resolve(1);
    expect(await keep({ ...keeping, progress, backAfterMs: 3_600_000, say: stop })).toBe(0);
    expect(children).toHaveLength(1);
  });

  function arrange(scripts: string[]): {
    children: ChildProcess[];
    happenings: Happening[];
    keeping: Keeping;
    stop: () => void;
  } {
    const children: ChildProcess[] = [];
    const happenings: Happening[] = [];
    const stopping = new AbortController();
    const keeping: Keeping = {
      start: () => {
        const child = spawn(process.execPath, ['-e', scripts[children.length] ?? ''], {
          stdio: ['ignore', 'pipe', 'inherit'],
        });
        children.push(child);
        return child;
      },
      killAt: 0.5,
      progress: () => Promise.resolve(undefined),
      lookEveryMs: 1,
      backAfterMs: 1,
      note: (happening) => happenings.push(happening),
      say: () => undefined,
      signal: stopping.signal,
    };
    return {
      children,
      happenings,
      keeping,
      stop: () => {
        stopping.abort();
      },
    };
  }
});
