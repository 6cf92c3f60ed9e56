import { setTimeout as pause } from 'node:timers/promises';
import { seededChance } from '@shoal/engine/testing';
import { median } from '@shoal/testbed';
import type { Part } from '../battery.ts';
import { Caller, makeCalls, type CallsMade } from '../catalogue/calls.ts';
import { prepareCatalogue } from '../catalogue/prepared-catalogue.ts';
import { atTrackerHome, type TrackerHome } from '../catalogue/tracker-home.ts';
import { atLeast, atMost, fact, type Figure } from '../figure.ts';

const CONNECTIONS = 48;
/** No caller comes to the end of its shares before it is killed. */
const SHARES_EACH_LIFE = 1_000_000;
const SIZES = {
  quick: { kills: 2, lifeMs: 700, prepared: 0 },
  full: { kills: 20, lifeMs: 8_000, prepared: 0 },
  million: { kills: 2, lifeMs: 8_000, prepared: 1_000_000 },
};
const RATE = 2_000;
const READY_S = 3;

/** What one life of the tracker came to. */
interface Life {
  readonly registered: CallsMade;
  /** Acknowledged shares that the next life did not have. */
  readonly lost: number;
  /** From the start of the next life to its first answer, in seconds. */
  readonly readyS: number;
}

/** `kill -9` of the tracker while shares are registered as fast as it takes them. */
export const KILLS: Part = {
  name: 'kill -9 while shares are registered',
  run: ({ extent, seed }) =>
    atTrackerHome((home) => killOften(home, { ...SIZES[extent === 'quick' ? 'quick' : 'full'], seed })),
};

/** The same with a large catalogue, which every start has to cope with. */
export const MILLION: Part = {
  name: 'kill -9 with a million shares',
  run: ({ extent, seed }) =>
    extent === 'quick' ? Promise.resolve([]) : atTrackerHome((home) => killOften(home, { ...SIZES.million, seed })),
};

async function killOften(
  home: TrackerHome,
  { kills, lifeMs, prepared, seed }: { kills: number; lifeMs: number; prepared: number; seed: number },
): Promise<readonly Figure[]> {
  const chance = seededChance(seed);
  let tracker = await home.start();
  if (prepared > 0) {
    await tracker.program.end();
    await prepareCatalogue(home.database, { first: 100 * SHARES_EACH_LIFE, count: prepared });
    tracker = await home.start();
  }
  const lives: Life[] = [];
  for (let kill = 0; kill < kills; kill++) {
    const shares = { first: kill * SHARES_EACH_LIFE, count: SHARES_EACH_LIFE };
    const caller = await Caller.start(home.sandbox, {
      kind: 'register',
      port: tracker.port,
      connections: CONNECTIONS,
      shares,
    });
    await pause(lifeMs * (0.5 + 0.5 * chance()));
    await tracker.program.stop('SIGKILL');
    const registered = await caller.made();
    tracker = await home.start();
    const found = await makeCalls(home.sandbox, {
      kind: 'find',
      port: tracker.port,
      connections: 8,
      shares: registered.done,
    });
    lives.push({ registered, lost: registered.done.length - found.done.length, readyS: tracker.readyS });
  }
  const unindexed = await unfindable(tracker.url, home);
  return figuresOf(lives, { integrity: home.integrity(), unindexed, prepared });
}

/** How many of the youngest shares a search by their names does not find. */
async function unfindable(url: string, home: TrackerHome): Promise<number> {
  const names = home.read((database) =>
    database.prepare<[], string>('SELECT "name" FROM "Share" ORDER BY "id" DESC LIMIT 50').pluck().all(),
  );
  let missing = 0;
  for (const name of names) {
    const answer = await fetch(`${url}/v1/shares?query=${encodeURIComponent(name)}`);
    if (!(await answer.text()).includes(JSON.stringify(name))) missing++;
  }
  return missing;
}

function figuresOf(
  lives: readonly Life[],
  { integrity, unindexed, prepared }: { integrity: string; unindexed: number; prepared: number },
): readonly Figure[] {
  const kills = `${lives.length} kills${prepared > 0 ? ` with ${prepared} shares in it` : ''}`;
  const registered = lives.reduce((sum, life) => sum + life.registered.done.length, 0);
  const lost = lives.reduce((sum, life) => sum + life.lost, 0);
  const inTotal = `${registered} acknowledged`;
  return [
    fact(`${kills}: acknowledged shares that are lost`, {
      demand: 'none',
      seen: `${lost} of ${registered}`,
      holds: lost === 0 && lives.every((life) => life.registered.done.length > 0),
    }),
    fact(`${kills}: integrity_check, indexes of text included`, {
      demand: 'ok',
      seen: integrity,
      holds: integrity === 'ok',
    }),
    fact(`${kills}: of the 50 youngest shares a search does not find`, {
      demand: 'none',
      seen: String(unindexed),
      holds: unindexed === 0,
    }),
    atLeast({
      what: `${kills}: registrations a second in the 2 s before, median (${inTotal})`,
      unit: '/s',
      limit: RATE,
      seen: median(lives.map((life) => life.registered.perSecondAtEnd)),
      isTiming: true,
    }),
    atMost({
      what: `${kills}: ready after a kill, slowest`,
      unit: 's',
      limit: READY_S,
      seen: Math.max(...lives.map(({ readyS }) => readyS)),
      isTiming: true,
    }),
  ];
}
