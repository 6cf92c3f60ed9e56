import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, describe, expect, it } from 'vitest';
import { claimedSlots, claimSlot } from '../src/slots.ts';
import { useFolder } from './folder.ts';

describe('slots', () => {
  const folder = useFolder();
  const children: ChildProcess[] = [];
  afterEach(() => {
    for (const child of children.splice(0)) child.kill('SIGKILL');
  });

  /** A process of its own that claims a slot, and the number that it got. */
  async function claimElsewhere(): Promise<{ child: ChildProcess; number: number }> {
    const program = resolve(import.meta.dirname, 'slot-process.ts');
    const child = spawn(process.execPath, ['--import', 'tsx', program, folder()], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    children.push(child);
    for await (const line of createInterface(child.stdout)) {
      return { child, number: Number(/^slot (\d+)$/.exec(line)?.[1]) };
    }
    throw new Error('it ended without a slot');
  }

  it('are claimed from the first on, each by one process', async () => {
    const [first, second] = [await claimElsewhere(), await claimElsewhere()];
    const third = claimSlot(folder());
    expect([first.number, second.number, third.number]).toEqual([1, 2, 3]);
    third.release();
  });

  it('are free again as soon as their owner is killed', async () => {
    const owner = await claimElsewhere();
    owner.child.kill('SIGKILL');
    await once(owner.child, 'exit');
    expect(await claimElsewhere()).toMatchObject({ number: 1 });
  });

  it('are listed while they are claimed', async () => {
    const first = claimSlot(folder());
    const second = await claimElsewhere();
    mkdirSync(join(folder(), 'something else'));
    expect(claimedSlots(folder()).map(({ number }) => number)).toEqual([1, 2]);
    first.release();
    expect(claimedSlots(folder())).toEqual([{ number: second.number, path: join(folder(), 'slot-2') }]);
  });
});
