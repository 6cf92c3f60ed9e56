import { readFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { usageOf } from '@shoal/testbed';

/** The unit of `/proc/stat`, and where the stolen time stands in its first line, behind the name. */
const [TICK_MS, STOLEN] = [10, 7];

/** Tells how much of the machine's CPU others took while something ran. */
export class MachineWatch {
  readonly #pids: readonly number[];
  readonly #begin = performance.now();
  readonly #busyMs = busyMs();
  readonly #ownMs: number;

  /** @param pids of the programs that are measured and run already */
  constructor(pids: readonly number[]) {
    this.#pids = pids;
    this.#ownMs = ownMs(pids);
  }

  /** CPU time of the programs that are measured and of this one, since the watch began. */
  ownMs(startedSince: readonly number[] = []): number {
    return ownMs([...this.#pids, ...startedSince]) - this.#ownMs;
  }

  /**
   * The part of all cores that other programs took, or the host of a virtual machine, from 0 to 1: where it is large, the
   * run says little.
   */
  othersShare(startedSince: readonly number[] = []): number {
    const spentMs = cpus().length * (performance.now() - this.#begin);
    return Math.max(0, (busyMs() - this.#busyMs - this.ownMs(startedSince)) / spentMs);
  }
}

function ownMs(pids: readonly number[]): number {
  const { user, system } = process.cpuUsage();
  return pids.reduce((sum, pid) => sum + (usageOf(pid)?.cpuMilliseconds ?? 0), (user + system) / 1000);
}

/** What a virtual machine's host gave to others counts as busy. */
function busyMs(): number {
  return stolenMs() + cpus().reduce((sum, { times }) => sum + times.user + times.nice + times.sys + times.irq, 0);
}

function stolenMs(): number {
  try {
    const [, ...ticks] = (readFileSync('/proc/stat', 'utf8').split('\n')[0] ?? '').split(/\s+/).map(Number);
    return TICK_MS * (ticks[STOLEN] ?? 0);
  } catch {
    return 0; // only Linux tells
  }
}
