import { readFileSync, readlinkSync, readdirSync } from 'node:fs';
import { readFile, rm } from 'node:fs/promises';
import { setTimeout as pause } from 'node:timers/promises';
import { eventually, usageOf } from '@shoal/testbed';
import type { Troupe } from './troupe.ts';

/** One program at rest, seen from inside and from outside. */
export interface ProgramAtRest {
  readonly name: string;
  readonly kills: number;
  /** What the program itself holds after garbage was collected. */
  readonly liveBytes: number;
  /** Resident memory that is no page of a file. */
  readonly anonymousBytes: number;
  /** Timers that will run. */
  readonly timers: number;
  /** All else that keeps the event loop alive, sockets included. */
  readonly otherResources: number;
  readonly threads: number;
  readonly sockets: number;
  /** Descriptors of regular files that are no longer there. */
  readonly deletedFiles: number;
  /** Descriptors of neither sockets nor files that are shared: how many of these are open hangs on who read last. */
  readonly otherDescriptors: number;
  /** Names of all files that it keeps. */
  readonly files: readonly string[];
}

const LOOK_EVERY_MS = 500;
const PATIENCE_MS = 240_000;
/** Longer than a connection to the control API stays open after its last call. */
const QUIET_MS = 7_000;

/**
 * Waits until every agent has all that it was told to have, links everybody with everybody, lets things settle and looks.
 * @throws Error when somebody does not get there in time
 */
export async function atRest(troupe: Troupe): Promise<readonly ProgramAtRest[]> {
  await everyDownloadFinished(troupe);
  for (;;) {
    await linkAll(troupe);
    await pause(QUIET_MS);
    const seen = await lookAtAll(troupe);
    if (await areAllLinked(troupe)) return seen;
  }
}

async function everyDownloadFinished({ actors }: Troupe): Promise<void> {
  for (const { agent } of actors) {
    await eventually(
      `${agent.program.name} to finish`,
      async () => {
        const transfers = await agent.control.transfers();
        if (transfers.every(({ state }) => state === 'seeding')) return true;
        await pause(LOOK_EVERY_MS);
        return undefined;
      },
      PATIENCE_MS,
    );
  }
}

/** Equal conditions: how many links stand is otherwise a matter of who needed whom. */
async function linkAll(troupe: Troupe): Promise<void> {
  await eventually('everybody to be linked with everybody', async () => {
    if (await areAllLinked(troupe)) return true;
    for (const [index, { agent }] of troupe.actors.entries()) {
      for (const other of troupe.actors.slice(index + 1)) {
        const { port } = await other.agent.control.status();
        // Refused where the two have just found each other.
        await agent.control.connect({ host: '127.0.0.1', port }).catch(() => undefined);
      }
    }
    await pause(LOOK_EVERY_MS);
    return undefined;
  });
}

async function areAllLinked({ actors }: Troupe): Promise<boolean> {
  const lists = await Promise.all(actors.map(({ agent }) => agent.control.peers()));
  return lists.every((peers) => peers.filter(({ isConnected }) => isConnected).length === actors.length - 1);
}

async function lookAtAll(troupe: Troupe): Promise<readonly ProgramAtRest[]> {
  const { tracker, trackerMachine, actors } = troupe;
  const agents = actors.map((actor) => ({ program: actor.agent.program, kills: actor.kills, machine: actor.machine }));
  const programs = [{ program: tracker.program, kills: 0, machine: trackerMachine }, ...agents];
  const seen: ProgramAtRest[] = [];
  for (const { program, kills, machine } of programs) {
    const { pid } = program;
    // Counted first: asking from inside opens a file.
    const descriptors = descriptorsOf(pid);
    const inside = await askInside(pid, troupe.report);
    const files = await troupe.filesOf(machine);
    const anonymousBytes = usageOf(pid)?.anonymousBytes ?? NaN;
    seen.push({ name: machine.name, kills, ...inside, ...descriptors, threads: threadsOf(pid), anonymousBytes, files });
  }
  return seen;
}

type Inside = Pick<ProgramAtRest, 'liveBytes' | 'timers' | 'otherResources'>;

async function askInside(pid: number, report: string): Promise<Inside> {
  const path = `${report}.${pid}`;
  await rm(path, { force: true });
  process.kill(pid, 'SIGUSR2');
  const text = await eventually(`a report of process ${pid}`, () => readFile(path, 'utf8').catch(() => undefined));
  const { liveBytes, resources } = JSON.parse(text) as { liveBytes: number; resources: string[] };
  const timers = resources.filter((name) => name === 'Timeout').length;
  return { liveBytes, timers, otherResources: resources.length - timers };
}

type Descriptors = Pick<ProgramAtRest, 'sockets' | 'deletedFiles' | 'otherDescriptors'>;

function descriptorsOf(pid: number): Descriptors {
  const folder = `/proc/${pid}/fd`;
  const targets = readdirSync(folder).map((descriptor) => readlinkSync(`${folder}/${descriptor}`));
  const isFile = (target: string): boolean => target.startsWith('/') && !target.startsWith('/dev/');
  const sockets = targets.filter((target) => target.startsWith('socket:')).length;
  const files = targets.filter(isFile);
  const deletedFiles = files.filter((target) => target.endsWith(' (deleted)')).length;
  return { sockets, deletedFiles, otherDescriptors: targets.length - sockets - files.length };
}

function threadsOf(pid: number): number {
  return Number(/^Threads:\s+(\d+)$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]);
}
