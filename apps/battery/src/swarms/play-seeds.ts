import { fork } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import type { Ending } from './play.ts';
import type { SeedOrder } from './seed-process.ts';

/** No story takes so long to play, however busy the machine is. */
const PATIENCE_MS = 120_000;

/** Plays `count` seeds from `first` on, on all cores; a process that dies or hangs ends the list of its seeds. */
export async function playSeeds(
  first: number,
  count: number,
  onEnding: (ending: Ending) => void = () => undefined,
): Promise<readonly Ending[]> {
  const step = Math.min(count, availableParallelism());
  const orders = Array.from({ length: step }, (_, at) => ({
    first: first + at,
    step,
    count: Math.ceil((count - at) / step),
  }));
  const lists = await Promise.all(orders.map((order) => playApart(order, onEnding)));
  return lists.flat().sort((a, b) => a.seed - b.seed);
}

function playApart(order: SeedOrder, onEnding: (ending: Ending) => void): Promise<readonly Ending[]> {
  const execArgv = ['--import', 'tsx'];
  const child = fork(join(import.meta.dirname, 'seed-process.ts'), { execArgv });
  const endings: Ending[] = [];
  return new Promise((resolve, reject) => {
    const hang = setTimeout(() => child.kill('SIGKILL'), PATIENCE_MS);
    child.on('message', (message) => {
      const ending = message as Ending;
      hang.refresh();
      endings.push(ending);
      onEnding(ending);
    });
    child.once('error', reject);
    child.once('exit', () => {
      clearTimeout(hang);
      resolve(endings);
    });
    child.send(order);
  });
}
