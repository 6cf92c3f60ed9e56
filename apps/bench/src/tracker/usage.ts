import { readFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { usageOf, type Program } from '@shoal/testbed';

/** The pages that a collection frees go back to the system a moment later. */
const COLLECTIONS = 3;
const LOOK_MS = 1_000;
/** A program that uses less of a core, so often in a row, is at rest: it may wait for the disk in between. */
const IDLE_SHARE = 0.02;
const IDLE_LOOKS = 3;
const IDLE_PATIENCE_MS = 60_000;

/** Processor seconds that a running program has used, user and system, all threads; NaN where the kernel does not tell. */
export function cpuSecondsOf({ pid }: Program): number {
  return (usageOf(pid)?.cpuMilliseconds ?? NaN) / 1_000;
}

/** Processor seconds that this program has used: the load of sessions comes from here. */
export function ownCpuSeconds(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
}

/** What a running program has in memory now, in MiB, pages of mapped files included; Linux only. */
function residentMebibytes({ pid }: Program): number {
  const kibibytes = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
  return Number(kibibytes) / 1024;
}

/**
 * What a program keeps in memory when it has come to rest: resident MiB.
 * @param kind a Node program that was started with `collect-garbage` is told to collect it first
 */
export async function settledMebibytes(program: Program, kind: 'node' | 'native' = 'node'): Promise<number> {
  // A native one has neither garbage nor a database, and threads of its own that never rest.
  if (kind === 'native') return residentMebibytes(program);
  await untilIdle(program);
  for (let round = 0; round < COLLECTIONS; round++) {
    const from = program.output.length;
    process.kill(program.pid, 'SIGUSR2');
    await program.printed(/garbage collected/, from);
    await pause(LOOK_MS);
  }
  return residentMebibytes(program);
}

/** What was written behind is written, and nobody is told anything any more. */
async function untilIdle(program: Program): Promise<void> {
  const giveUpAt = performance.now() + IDLE_PATIENCE_MS;
  for (let idleLooks = 0; idleLooks < IDLE_LOOKS;) {
    const before = cpuSecondsOf(program);
    await pause(LOOK_MS);
    const isIdle = cpuSecondsOf(program) - before < (IDLE_SHARE * LOOK_MS) / 1_000;
    idleLooks = isIdle ? idleLooks + 1 : 0;
    if (performance.now() > giveUpAt) throw new Error(`${program.name} does not come to rest`);
  }
}
