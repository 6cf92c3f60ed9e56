/** Databases that no tracker can work with: it ends, and says in one line why. */
import { cp, mkdir, open, rm, stat, truncate, writeFile } from 'node:fs/promises';
import Database from 'better-sqlite3';
import type { Part } from '../battery.ts';
import { makeCalls } from '../catalogue/calls.ts';
import { atTrackerHome, type TrackerHome } from '../catalogue/tracker-home.ts';
import { fact, notRun, type Figure } from '../figure.ts';
import { SmallDisk } from './small-disk.ts';

const SHARES = 50;
const LINE = /^shoal-tracker: .+ \((database-[a-z]+)\)\. .+\n$/;

/** What is done to a sound database while no tracker runs. */
interface Spoiling {
  readonly name: string;
  readonly code: 'database-unavailable' | 'database-newer';
  readonly spoil: (file: string) => Promise<void>;
}

const SPOILINGS: readonly Spoiling[] = [
  {
    name: 'text in its place',
    code: 'database-unavailable',
    spoil: (file) => writeFile(file, 'these are my notes\n'.repeat(900)),
  },
  { name: 'its header overwritten', code: 'database-unavailable', spoil: (file) => overwrite(file, 0, 100) },
  { name: 'its first page overwritten', code: 'database-unavailable', spoil: (file) => overwrite(file, 100, 4_000) },
  {
    name: 'its second half missing',
    code: 'database-unavailable',
    spoil: async (file) => truncate(file, Math.floor((await stat(file)).size / 2)),
  },
  { name: 'all but its header missing', code: 'database-unavailable', spoil: (file) => truncate(file, 100) },
  {
    name: 'a folder in its place',
    code: 'database-unavailable',
    spoil: (file) =>
      rm(file)
        .then(() => mkdir(file))
        .then(() => undefined),
  },
  {
    name: "another program's tables",
    code: 'database-unavailable',
    spoil: (file) => rm(file).then(() => execute(file, 'CREATE TABLE "Theirs" ("id" INTEGER)')),
  },
  {
    name: 'a newer schema',
    code: 'database-newer',
    spoil: (file) =>
      execute(
        file,
        `INSERT INTO "_prisma_migrations" ("id", "checksum", "migration_name", "finished_at")
         VALUES ('newer', 'newer', '29990101000000_newer', 1)`,
      ),
  },
];

/** A tracker is started on databases that are of no use. */
export const REFUSALS: Part = {
  name: 'a database that is of no use',
  run: () => atTrackerHome(startOnEach),
};

async function startOnEach(home: TrackerHome): Promise<readonly Figure[]> {
  await fillAndStop(home);
  const sound = `${home.database}.sound`;
  await cp(home.database, sound);
  const figures: Figure[] = [];
  for (const { name, code, spoil } of SPOILINGS) {
    await rm(home.database, { recursive: true, force: true });
    await cp(sound, home.database);
    await spoil(home.database);
    figures.push(await refusalOf(home, `a database with ${name}`, code));
  }
  await rm(home.database, { recursive: true });
  await rm(sound);
  return [...figures, ...(await startWithoutWriting(home))];
}

/** On disks that take nothing: at a start the tracker must be able to write. */
async function startWithoutWriting(home: TrackerHome): Promise<readonly Figure[]> {
  const disk = SmallDisk.mount(home.machine.home, 16);
  const names = ['a database on a read-only disk', 'a new database on a full disk'] as const;
  const demand = 'it ends with database-unavailable';
  if (typeof disk === 'string') return names.map((name) => notRun(name, { demand, why: disk }));
  try {
    await disk.fill();
    const full = await refusalOf(home, names[1], 'database-unavailable');
    await disk.unload();
    await rm(home.database, { force: true });
    await fillAndStop(home);
    disk.setAccess('ro');
    const readOnly = await refusalOf(home, names[0], 'database-unavailable');
    return [readOnly, full];
  } finally {
    disk.unmount();
  }
}

async function fillAndStop(home: TrackerHome): Promise<void> {
  const tracker = await home.start();
  const shares = { first: 0, count: SHARES };
  await makeCalls(home.sandbox, { kind: 'register', port: tracker.port, connections: 4, shares });
  await tracker.program.end();
}

/** Starts the tracker, which must end by itself. */
async function refusalOf(home: TrackerHome, what: string, code: Spoiling['code']): Promise<Figure> {
  const program = home.machine.tracker(['--port', '0']);
  const outcome = await Promise.race([
    program.exited.then((exit) => `exit ${String(exit.code ?? exit.signal)}`),
    program.printed(/running at/).then(
      () => 'it runs',
      () => 'it ends',
    ),
  ]);
  if (program.isRunning && outcome === 'it runs') await program.end();
  await program.ended();
  const said = LINE.exec(program.stderr)?.[1] ?? program.stderr.slice(0, 200);
  return fact(what, {
    demand: `it ends with ${code}`,
    seen: outcome === 'it runs' ? outcome : said,
    holds: outcome !== 'it runs' && said === code && (await program.exited).code === 1,
  });
}

async function overwrite(file: string, from: number, bytes: number): Promise<void> {
  const handle = await open(file, 'r+');
  await handle.write(Buffer.alloc(bytes, 0xa5), 0, bytes, from);
  await handle.close();
}

function execute(file: string, sql: string): Promise<void> {
  const database = new Database(file);
  database.exec(sql);
  database.close();
  return Promise.resolve();
}
