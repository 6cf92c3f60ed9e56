import { setTimeout as pause } from 'node:timers/promises';
import { seededChance } from '@shoal/engine/testing';
import { Sandbox, sha256OfFile } from '@shoal/testbed';
import type { Battery, BatteryOrder } from '../battery.ts';
import { fact, notRun, type Figure } from '../figure.ts';
import { judge } from './judgement.ts';
import { Plot, type Cast } from './plot.ts';
import { atRest } from './rest.ts';
import { Troupe } from './troupe.ts';

interface Extent {
  readonly cast: Cast;
  /** How long things happen before the first look, and before the second. */
  readonly warmUpMs: number;
  readonly lastsMs: number;
  /** From move to move. */
  readonly paceMs: number;
}

const MINUTE_MS = 60_000;
const QUICK: Extent = {
  cast: { agents: 5, shares: 8, holders: 3 },
  warmUpMs: 8_000,
  lastsMs: 12_000,
  paceMs: 150,
};
/** Twenty minutes in all. */
const FULL: Extent = {
  cast: { agents: 20, shares: 50, holders: 6 },
  warmUpMs: 5 * MINUTE_MS,
  lastsMs: 15 * MINUTE_MS,
  paceMs: 1_000,
};
/** So that all of them together leave most of two cores to others. */
const AGENT_OPTIONS = ['--upload-limit', '2M', '--log-level', 'warn'];

/** Agents that come and go for a while, and then: is anything left of what they did? */
export const SOAK: Battery = {
  name: 'soak',
  summary: 'joins, leaves and kills among agents of many swarms, and what is left of them at rest',
  run: async (order) => {
    if (process.platform !== 'linux') return [notRun('soak', { demand: 'no leak', why: 'needs /proc' })];
    const sandbox = await Sandbox.create();
    try {
      return await soak(sandbox, order);
    } finally {
      await sandbox.clear();
    }
  },
};

async function soak(sandbox: Sandbox, { extent, seed, print }: BatteryOrder): Promise<readonly Figure[]> {
  const { cast, warmUpMs, lastsMs, paceMs } = extent === 'quick' ? QUICK : FULL;
  const plot = new Plot(cast, seededChance(seed));
  const troupe = await Troupe.gather(sandbox, cast, AGENT_OPTIONS);
  const episode = async (durationMs: number): ReturnType<typeof atRest> => {
    await happen(durationMs / paceMs, { plot, troupe, paceMs });
    for (const move of plot.toRest()) await troupe.play(move);
    const seen = await atRest(troupe);
    print(`  at rest after ${storyOf(troupe)}`);
    return seen;
  };
  const before = await episode(warmUpMs);
  const after = await episode(lastsMs);
  return [
    ...(await downloadFigures(troupe)),
    endedFigure(troupe),
    ...judge({ before, after, isShort: extent === 'quick' }),
  ];
}

/** A number of moves, not a time: equal seeds, equal plots. */
async function happen(
  moves: number,
  { plot, troupe, paceMs }: { plot: Plot; troupe: Troupe; paceMs: number },
): Promise<void> {
  for (let move = 0; move < moves; move++) {
    const startedAt = performance.now();
    await troupe.play(plot.next());
    await pause(Math.max(0, paceMs - (performance.now() - startedAt)));
  }
}

/** Nobody comes to rest before its downloads are finished; their bytes are read again here. */
async function downloadFigures(troupe: Troupe): Promise<readonly Figure[]> {
  const files = troupe.filesAtRest();
  const found = await Promise.all(files.map(({ path }) => sha256OfFile(path)));
  const right = files.filter(({ sha256 }, index) => found[index] === sha256).length;
  const [demand, holds] = ['all', right === files.length];
  return [
    fact('downloads that were not left finish', { demand, seen: `all, after ${storyOf(troupe)}`, holds: true }),
    fact('files with the right bytes', { demand, seen: `${right} of ${files.length}`, holds }),
  ];
}

function endedFigure({ tracker, actors }: Troupe): Figure {
  const programs = [tracker.program, ...actors.map(({ agent }) => agent.program)];
  const ended = programs.filter(({ isRunning }) => !isRunning).map(({ name }) => name);
  const seen = ended.length === 0 ? 'none' : ended.join(', ');
  return fact('programs that ended by themselves', { demand: 'none', seen, holds: ended.length === 0 });
}

function storyOf({ actors, joins }: Troupe): string {
  return `${joins} downloads and ${actors.reduce((total, { kills }) => total + kills, 0)} kills`;
}
