/** A database that is damaged, or has no room left: what the tracker answers is right or says 503, and the log says why. */
import { randomBytes } from 'node:crypto';
import { open, rm, stat, truncate, writeFile } from 'node:fs/promises';
import type { Part } from '../battery.ts';
import { makeCalls, type CallsMade } from '../catalogue/calls.ts';
import { smallShare } from '../catalogue/small-share.ts';
import { atTrackerHome, type RunningTracker, type TrackerHome } from '../catalogue/tracker-home.ts';
import { fact, notRun, type Figure } from '../figure.ts';
import { SmallDisk } from './small-disk.ts';

const SHARES = 400;
const PAGE_BYTES = 4_096;
const CONNECTIONS = 8;
const ANSWER_MS = 20_000;
const DISK_MEBIBYTES = 4;
const BALLAST_BYTES = 2 * 1024 * 1024;
/** More than there is room for. */
const TOO_MANY = 3_000;

/** Pages are overwritten, the shared memory is noise, the file is cut short under the tracker that has it open. */
export const DAMAGE: Part = {
  name: 'a damaged database',
  run: () => atTrackerHome(damageOften),
};

/** The disk becomes full while shares are registered. */
export const FULL_DISK: Part = {
  name: 'a disk that becomes full',
  run: () => atTrackerHome(fillDisk),
};

async function damageOften(home: TrackerHome): Promise<readonly Figure[]> {
  let tracker = await home.start();
  await register(home, tracker, { first: 0, count: SHARES });
  await tracker.program.stop('SIGKILL');
  await writeFile(`${home.database}-shm`, randomBytes(32 * 1024));
  tracker = await home.start();
  const { done } = await find(home, tracker);
  const memory = fact('noise as shared memory after a kill: acknowledged shares that are lost', {
    demand: 'none',
    seen: `${SHARES - done.length} of ${SHARES}`,
    holds: done.length === SHARES,
  });
  await tracker.program.end();
  await overwriteEveryOtherPage(home.database);
  const overwritten = await answersOf(home, 'every other page overwritten');
  const cut = await cutUnderTracker(home);
  return [memory, overwritten, cut];
}

async function overwriteEveryOtherPage(file: string): Promise<void> {
  const handle = await open(file, 'r+');
  const { size } = await handle.stat();
  // The first pages are the schema: without them no tracker would start.
  for (let page = 20; page < size / PAGE_BYTES; page += 2) {
    await handle.write(randomBytes(PAGE_BYTES), 0, PAGE_BYTES, page * PAGE_BYTES);
  }
  await handle.close();
}

async function cutUnderTracker(home: TrackerHome): Promise<Figure> {
  for (const end of ['', '-wal', '-shm']) await rm(home.database + end, { force: true });
  const tracker = await home.start();
  await register(home, tracker, { first: 0, count: SHARES });
  await truncate(home.database, Math.floor((await stat(home.database)).size / 2));
  const figure = await judge(tracker, 'cut in half under the tracker');
  await tracker.program.stop('SIGKILL');
  return figure;
}

/** A tracker that starts on it answers rightly or not at all; one that ends says why. */
async function answersOf(home: TrackerHome, what: string): Promise<Figure> {
  const program = home.machine.tracker(['--port', '0', '--host', '127.0.0.1']);
  const url = await program.printed(/running at (http:\S+)/).then(
    ([, found = '']) => found,
    () => undefined,
  );
  if (url === undefined) {
    const isExplained = /\((database-unavailable)\)/.test(program.stderr);
    return fact(what, { demand: DEMAND, seen: program.stderr.slice(0, 80), holds: isExplained });
  }
  const figure = await judge({ url, program }, what);
  await program.stop('SIGKILL');
  return figure;
}

const DEMAND = 'a clear exit, or every answer right or 503, and the log says so';

async function judge({ url, program }: Pick<RunningTracker, 'url' | 'program'>, what: string): Promise<Figure> {
  const counts = { right: 0, refused: 0, wrong: 0 };
  for (let number = 0; number < SHARES; number++) {
    const { infoHash, name } = smallShare(number);
    const signal = AbortSignal.timeout(ANSWER_MS);
    const metainfo = await fetch(`${url}/v1/shares/${infoHash}`, { signal });
    counts[verdict(metainfo.status, await metainfo.text(), name)]++;
    if (number % 10 !== 0) continue;
    const search = await fetch(`${url}/v1/shares?query=${encodeURIComponent(name)}`, { signal });
    counts[verdict(search.status, await search.text(), infoHash)]++;
  }
  const isLogged = counts.refused === 0 || program.stderr.includes('database-unavailable');
  return fact(`${what}: answers about ${SHARES} shares`, {
    demand: DEMAND,
    seen: `${counts.right} right, ${counts.refused} refused, ${counts.wrong} wrong${program.isRunning ? '' : ', and it ended'}`,
    holds: counts.wrong === 0 && program.isRunning && isLogged && counts.right + counts.refused > 0,
  });
}

/** An answer is right when it has what it must; anything but that and 503 is wrong. */
function verdict(status: number, text: string, mustHave: string): 'right' | 'refused' | 'wrong' {
  if (status === 503) return 'refused';
  return status === 200 && text.includes(mustHave) ? 'right' : 'wrong';
}

async function fillDisk(home: TrackerHome): Promise<readonly Figure[]> {
  const disk = SmallDisk.mount(home.machine.home, DISK_MEBIBYTES);
  const demand = 'none is lost, others get 503';
  if (typeof disk === 'string') return [notRun('a disk that becomes full', { demand, why: disk })];
  try {
    await disk.load(BALLAST_BYTES);
    const tracker = await home.start();
    const { done, refused } = await register(home, tracker, { first: 0, count: TOO_MANY });
    const found = await find(home, tracker, done);
    await disk.unload();
    const after = await register(home, tracker, { first: TOO_MANY, count: 10 });
    await tracker.program.stop('SIGKILL');
    const again = await home.start();
    const kept = await find(home, again, [...done, ...after.done]);
    await again.program.end();
    const onlyFull = Object.keys(refused).join() === '503';
    const integrity = home.integrity();
    return [
      fact(`a disk that becomes full: acknowledged shares that are lost, after a kill as well`, {
        demand,
        seen: `${done.length - found.done.length} and ${done.length + after.done.length - kept.done.length} of ${done.length}, refused ${JSON.stringify(refused)}`,
        holds: found.done.length === done.length && kept.done.length === done.length + after.done.length && onlyFull,
      }),
      fact('a disk that has room again: registrations that are refused', {
        demand: 'none',
        seen: `${10 - after.done.length} of 10`,
        holds: after.done.length === 10,
      }),
      fact('a disk that was full: integrity_check', { demand: 'ok', seen: integrity, holds: integrity === 'ok' }),
    ];
  } finally {
    await home.sandbox.endPrograms();
    disk.unmount();
  }
}

function register(
  home: TrackerHome,
  { port }: Pick<RunningTracker, 'port'>,
  shares: { first: number; count: number },
): Promise<CallsMade> {
  return makeCalls(home.sandbox, { kind: 'register', port, connections: CONNECTIONS, shares });
}

function find(
  home: TrackerHome,
  { port }: Pick<RunningTracker, 'port'>,
  shares: readonly number[] = Array.from({ length: SHARES }, (_, number) => number),
): Promise<CallsMade> {
  return makeCalls(home.sandbox, { kind: 'find', port, connections: CONNECTIONS, shares });
}
