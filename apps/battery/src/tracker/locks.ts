import { setTimeout as pause } from 'node:timers/promises';
import Database from 'better-sqlite3';
import { seededChance } from '@shoal/engine/testing';
import type { BatteryOrder, Part } from '../battery.ts';
import { Caller, type CallsMade } from '../catalogue/calls.ts';
import { smallShare } from '../catalogue/small-share.ts';
import { atTrackerHome, type TrackerHome } from '../catalogue/tracker-home.ts';
import { fact, type Figure } from '../figure.ts';

const CONNECTIONS = 8;
/** The tracker tries a write again for 5 s; a lock that is held longer has it refuse. */
const LONG_MS = 6_500;
const SIZES = {
  quick: { shortMs: 500, longMs: LONG_MS, toggles: 20, shares: 200 },
  full: { shortMs: 3_000, longMs: 12_000, toggles: 200, shares: 4_000 },
};

/** Another program locks the database across commits: for a while, for too long, and again and again. */
export const LOCKS: Part = {
  name: 'another program locks the database',
  run: (order) => atTrackerHome((home) => lockOften(home, order)),
};

async function lockOften(home: TrackerHome, { extent, seed }: BatteryOrder): Promise<readonly Figure[]> {
  const { shortMs, longMs, toggles, shares } = SIZES[extent === 'quick' ? 'quick' : 'full'];
  const tracker = await home.start();
  const other = new Database(home.database, { timeout: 0 });
  const chance = seededChance(seed);
  let first = 0;
  const under = async (lock: () => Promise<void>): Promise<CallsMade> => {
    const order = { kind: 'register', connections: CONNECTIONS, isPatient: true } as const;
    const caller = await Caller.start(home.sandbox, { ...order, port: tracker.port, shares: { first, count: shares } });
    first += shares;
    await lock();
    return caller.made();
  };
  try {
    const short = await under(() => hold(other, shortMs));
    const long = await under(() => hold(other, longMs));
    const often = await under(async () => {
      for (let toggle = 0; toggle < toggles; toggle++)
        await hold(other, 40 * chance()).then(() => pause(20 * chance()));
    });
    return [
      figureOf(`a lock of ${shortMs / 1_000} s across commits`, short, other, 'no call is refused'),
      figureOf(`a lock of ${longMs / 1_000} s across commits`, long, other, 'refused with 503 meanwhile'),
      figureOf(`${toggles} locks across commits`, often, other, 'no call is refused'),
      wholeness(home),
    ];
  } finally {
    other.close();
  }
}

/** Takes the lock of whoever writes, as soon as it is free, and holds it. */
async function hold(other: Database.Database, ms: number): Promise<void> {
  for (;;) {
    try {
      other.exec('BEGIN IMMEDIATE');
      break;
    } catch {
      await pause(1);
    }
  }
  await pause(ms);
  other.exec('COMMIT');
}

/** Another connection sees only what was committed. */
function figureOf(
  what: string,
  { done, refused }: CallsMade,
  other: Database.Database,
  demand: 'no call is refused' | 'refused with 503 meanwhile',
): Figure {
  const isThere = other.prepare('SELECT 1 FROM "Share" WHERE "infoHash" = ?').pluck();
  const missing = done.filter((number) => isThere.get(smallShare(number).infoHash) === undefined).length;
  const refusals = Object.entries(refused).map(([status, count]) => `${count} with ${status}`);
  const isAsDemanded = demand === 'no call is refused' ? refusals.length === 0 : Object.keys(refused).join() === '503';
  return fact(`${what}: acknowledged shares that are not committed`, {
    demand: `none, ${demand}`,
    seen: `${missing} of ${done.length}, refused ${refusals.join(', ') || 'none'}`,
    holds: missing === 0 && done.length > 0 && isAsDemanded,
  });
}

function wholeness(home: TrackerHome): Figure {
  const integrity = home.integrity();
  return fact('after the locks: integrity_check', { demand: 'ok', seen: integrity, holds: integrity === 'ok' });
}
