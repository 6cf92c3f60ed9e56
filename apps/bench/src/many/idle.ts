import { setTimeout as pause } from 'node:timers/promises';
import { eventually, Machine, Sandbox, usageOf, writeSampleFile, type Agent } from '@shoal/testbed';
import type { Cell, Report } from '../report.ts';

/** Cost at rest is the mean over so much time. */
const REST_MS = 30_000;
/** What was begun is over by then. */
const SETTLE_MS = 5_000;
const LOOK_MS = 250;
const FILE_BYTES = 10 * 1024;
const PATIENCE_MS = 300_000;

/** Agents with so many shares each. */
interface Fleet {
  readonly owner: Agent;
  readonly mirror: Agent;
}

/**
 * One agent that shares each entry of a folder, and one that mirrors them all: how long until all are registered, and until
 * all are held, and what both cost when nothing moves any more.
 */
export async function measureIdle(counts: readonly number[], print: (text: string) => void): Promise<Report> {
  const rows: Cell[][] = [];
  for (const count of counts) {
    print(`${count} shares …`);
    rows.push(...(await measureOne(count)));
  }
  return {
    name: 'many-idle',
    title: 'Many shares, nothing moves',
    setting: [
      `Files of ${FILE_BYTES} bytes, each a share of its own: one agent watches their folder, another mirrors all of them.`,
      `CPU at rest is the mean over ${REST_MS / 1000} s, ${SETTLE_MS / 1000} s after the last share was there.`,
    ],
    columns: [
      { name: '' },
      { name: 'all held after s', digits: 1 },
      { name: 'CPU for that s', digits: 1 },
      { name: 'at rest: % of a core', digits: 2 },
      { name: 'resident MiB' },
      { name: 'of it anonymous' },
      { name: 'links' },
    ],
    rows,
    notes: ['With no share an agent has its program and its threads in memory: compare the first rows.'],
  };
}

async function measureOne(count: number): Promise<Cell[][]> {
  const sandbox = await Sandbox.create();
  try {
    const folder = await sandbox.folder('shares');
    for (let n = 0; n < count; n++) await writeSampleFile(`${folder}/share-${n}.bin`, FILE_BYTES, `share ${n}`);
    const tracker = await (await Machine.create(sandbox, 'tracker')).startTracker();
    const start = async (name: string, ...flags: string[]): Promise<Agent> =>
      (await Machine.create(sandbox, name)).startAgent('--tracker', tracker.url, '--log-level', 'warn', ...flags);
    const begun = performance.now();
    const owner = await start('owner', '--share', folder);
    const ownedMs = await untilAllHeld(owner, count, begun);
    const mirrorBegun = performance.now();
    const mirror = await start('mirror', '--mirror', '*');
    const mirroredMs = await untilAllHeld(mirror, count, mirrorBegun);
    const busy = [owner, mirror].map(cpuOf);
    await pause(SETTLE_MS);
    return await atRest({ owner, mirror }, { count, milliseconds: [ownedMs, mirroredMs], busy });
  } finally {
    await sandbox.clear();
  }
}

interface Begun {
  readonly count: number;
  readonly milliseconds: readonly number[];
  readonly busy: readonly number[];
}

async function atRest(fleet: Fleet, { count, milliseconds, busy }: Begun): Promise<Cell[][]> {
  const agents = [fleet.owner, fleet.mirror];
  const before = agents.map(cpuOf);
  await pause(REST_MS);
  const after = agents.map(cpuOf);
  const links = await Promise.all(agents.map(async ({ control }) => (await control.peers()).filter(isLinked).length));
  return agents.map((agent, at) => {
    const usage = usageOf(agent.program.pid);
    return [
      `${count} shares, ${agent === fleet.owner ? 'owner' : 'mirror'}`,
      (milliseconds[at] ?? NaN) / 1000,
      (busy[at] ?? NaN) / 1000,
      (100 * ((after[at] ?? NaN) - (before[at] ?? NaN))) / REST_MS,
      (usage?.residentBytes ?? NaN) / 1024 ** 2,
      (usage?.anonymousBytes ?? NaN) / 1024 ** 2,
      links[at],
    ];
  });
}

function isLinked({ isConnected }: { readonly isConnected: boolean }): boolean {
  return isConnected;
}

/** Milliseconds from `begun` until an agent has so many shares complete. */
async function untilAllHeld({ control, program }: Agent, count: number, begun: number): Promise<number> {
  await eventually(
    `${program.name} to hold ${count} shares`,
    async () => {
      const held = (await control.transfers()).filter(({ state }) => state === 'seeding').length;
      if (held === count) return true;
      await pause(LOOK_MS);
      return undefined;
    },
    PATIENCE_MS,
  );
  return performance.now() - begun;
}

function cpuOf({ program }: Agent): number {
  return usageOf(program.pid)?.cpuMilliseconds ?? NaN;
}
