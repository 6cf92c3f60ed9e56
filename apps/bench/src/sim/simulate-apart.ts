import { fork } from 'node:child_process';
import { totalmem } from 'node:os';
import { join } from 'node:path';
import type { SwarmReport } from './simulation-process.ts';
import type { SwarmOrder } from './simulation.ts';

/** What is left to the rest of the machine. */
const HEAP_SHARE = 0.75;
/** For what is young in the heap of a large simulation: with V8's own 16 it takes half as much time again. */
const YOUNG_MEBIBYTES = 64;
/** With fewer leechers that memory would be most of what each seems to take. */
const LARGE_SWARM = 300;

/** Simulates a swarm in a process of its own, so that its memory and CPU time are its own. */
export function simulateApart(order: SwarmOrder): Promise<SwarmReport> {
  const heapMebibytes = Math.floor((HEAP_SHARE * totalmem()) / 1024 ** 2);
  const execArgv = [...process.execArgv, `--max-old-space-size=${String(heapMebibytes)}`];
  if (order.leechers >= LARGE_SWARM) execArgv.push(`--max-semi-space-size=${String(YOUNG_MEBIBYTES)}`);
  const child = fork(join(import.meta.dirname, 'simulation-process.ts'), { execArgv });
  child.send(order);
  return new Promise((resolve, reject) => {
    child.once('message', (report) => {
      resolve(report as SwarmReport);
    });
    child.once('error', reject);
    child.once('exit', (code) => {
      // Settled already when it told what came of it.
      reject(new Error(`the simulation of ${String(order.leechers)} leechers ended with ${String(code)}`));
    });
  });
}
