import { setTimeout as pause } from 'node:timers/promises';
import { Sandbox, sha256OfFile, type LineBytes } from '@shoal/testbed';
import type { SampleFile } from '../contender.ts';
import { MachineWatch } from '../machine-watch.ts';
import { now, type Leecher, type TransferProgram } from '../transfer-program.ts';
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
  /** The part of the CPU that others took: a run in which it is large says little. */
  readonly othersShare: number;
}

/** How long processes that have just started may take to come to rest. */
const SETTLE_MS = 2_000;
const PATIENCE_MS = 600_000;

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
    const othersShare = watch.othersShare();
    const after = await countersOf(hosts);
    await compareCopies(leechers, file, program.name);
    const [source = NaN, ...others] = hosts.map((_, at) => (after[at]?.sent ?? NaN) - (before[at]?.sent ?? NaN));
    const lastSeconds = (Math.max(...stamps) - begin) / 1000;
    const uploaded = others.reduce((sum, sent) => sum + sent, 0);
    return {
      lastSeconds,
      firstSeconds: (Math.min(...stamps) - begin) / 1000,
      sourceCopies: source / bytes,
      uplinkUse: (8 * uploaded) / lastSeconds / leechers.length / up,
      othersShare,
    };
  } finally {
    await sandbox.clear();
  }
}

function countersOf(hosts: readonly Placed[]): Promise<LineBytes[]> {
  return Promise.all(hosts.map((host) => host.network.lineBytes()));
}

/** When each was complete; rejects when one ends before it is, or nothing comes. */
async function allComplete(leechers: readonly Leecher[]): Promise<number[]> {
  const enough = new AbortController();
  const never = [
    pause(PATIENCE_MS, undefined, { signal: enough.signal }).then(() => {
      throw new Error(`not complete within ${PATIENCE_MS / 1000} s: ${leechers.map(lastWords).join('\n')}`);
    }),
    ...leechers.map(async (leecher) => {
      await leecher.program.exited;
      throw new Error(`ended before all were complete: ${lastWords(leecher)}`);
    }),
  ];
  for (const each of never) each.catch(() => undefined); // what comes after the end of the run is no failure
  try {
    return await Promise.race([Promise.all(leechers.map(({ complete }) => complete)), ...never]);
  } finally {
    enough.abort();
  }
}

function lastWords({ program }: Leecher): string {
  return `${program.name}: ${program.output.slice(-300)}`;
}

async function compareCopies(leechers: readonly Leecher[], file: SampleFile, name: string): Promise<void> {
  for (const { copy } of leechers) {
    if ((await sha256OfFile(copy)) !== file.sha256) throw new Error(`${name} delivered another file: ${copy}`);
  }
}
