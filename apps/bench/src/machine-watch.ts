import { cpus } from 'node:os';
import { usageOf } from '@shoal/testbed';

/** Tells how much of the machine's CPU others took while something ran. */
export class MachineWatch {
  readonly #pids: readonly number[];
  readonly #begin = performance.now();
  readonly #busyMs = busyMs();
  readonly #ownMs: number;

  /** @param pids of the programs that are measured, which run now and until `othersShare` is asked */
  constructor(pids: readonly number[]) {
    this.#pids = pids;
    this.#ownMs = this.#own();
  }

  /** The part of all cores that programs other than those measured and this one took, from 0 to 1. */
  othersShare(): number {
    const spentMs = cpus().length * (performance.now() - this.#begin);
    return Math.max(0, (busyMs() - this.#busyMs - (this.#own() - this.#ownMs)) / spentMs);
  }

  #own(): number {
    const { user, system } = process.cpuUsage();
    return this.#pids.reduce((sum, pid) => sum + (usageOf(pid)?.cpuMilliseconds ?? 0), (user + system) / 1000);
  }
}

function busyMs(): number {
  return cpus().reduce((sum, { times }) => sum + times.user + times.nice + times.sys + times.irq, 0);
}
