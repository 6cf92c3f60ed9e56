import { setTimeout as pause } from 'node:timers/promises';
import { Sandbox, type LineBytes } from '@shoal/testbed';
import { allComplete, compareCopies } from '../completion.ts';
import { MachineWatch } from '../machine-watch.ts';
import { now, type Leecher, type SampleFile, type TransferProgram } from '../transfer-program.ts';
import type { SwarmSetting } from './bound.ts';
import type { Placed, Town } from './town.ts';

/** What one swarm did. */
export interface SwarmRun {
  /** From the order, which all leechers got in the same instant, until the last and the first were complete. */
  readonly lastSeconds: number;
  readonly firstSeconds: number;
  /** What the seeder's line carried, in copies of the file, headers included. */
  readonly sourceCopies: number;
  /** The mean share of the leechers' uplinks that was used until the last was complete. */
  readonly uplinkUse: number;
  /** CPU time of all its peers. */
  readonly cpuSeconds: number;
  /** The part of the CPU that others took: a run in which it is large says little. */
  readonly othersShare: number;
}

/** How long processes that have just started may take to come to rest. */
const SETTLE_MS = 2_000;

/** Lets one program move the file to all leechers of a town once, and compares every copy with the original. */
export async function swarmOnce(
  program: TransferProgram,
  town: Town,
  file: SampleFile,
  { up, bytes }: SwarmSetting,
): Promise<SwarmRun> {
  const sandbox = await Sandbox.create();
  try {
    const seeder = await program.seed({ sandbox, file, meeting: town.meeting, seeder: town.seeder });
    const leechers: Leecher[] = [];
    for (const host of town.leechers) leechers.push(await seeder.fetch(host, 'on order'));
    await pause(SETTLE_MS);
    const hosts = [town.seeder, ...town.leechers];
    const before = await countersOf(hosts);
    const watch = new MachineWatch([seeder, ...leechers].map((each) => each.program.pid));
    const begin = now();
    for (const leecher of leechers) leecher.order();
    const stamps = await allComplete(leechers);
    const [othersShare, cpuSeconds] = [watch.othersShare(), watch.ownMs() / 1000];
    const after = await countersOf(hosts);
    await compareCopies(leechers, file);
    const [source = NaN, ...others] = hosts.map((_, at) => (after[at]?.sent ?? NaN) - (before[at]?.sent ?? NaN));
    const lastSeconds = (Math.max(...stamps) - begin) / 1000;
    const uploaded = others.reduce((sum, sent) => sum + sent, 0);
    return {
      lastSeconds,
      firstSeconds: (Math.min(...stamps) - begin) / 1000,
      sourceCopies: source / bytes,
      uplinkUse: (8 * uploaded) / lastSeconds / leechers.length / up,
      cpuSeconds,
      othersShare,
    };
  } finally {
    await sandbox.clear();
  }
}

function countersOf(hosts: readonly Placed[]): Promise<LineBytes[]> {
  return Promise.all(hosts.map((host) => host.network.lineBytes()));
}
