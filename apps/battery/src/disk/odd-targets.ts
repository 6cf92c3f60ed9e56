import { execFile } from 'node:child_process';
import { mkdir, readdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { writeSampleFile, writeSmallFiles, type Machine } from '@shoal/testbed';
import type { Part } from '../battery.ts';
import { fact, type Figure } from '../figure.ts';
import { LoopDisk } from '../loop-disk.ts';
import { onStage, type Offered, type Stage } from '../stage.ts';
import { toldCode } from '../told-code.ts';

const run = promisify(execFile);
const MiB = 1024 * 1024;

/** What stands where a download is to go, or in what is to be shared. */
interface OddCase {
  readonly what: string;
  /** Code that the command must end with. */
  readonly code: string;
  /** Prepares it, and says what to give to `shoal`. */
  readonly prepare: (machine: Machine, shares: Shares) => Promise<readonly string[]>;
}

interface Shares {
  readonly film: Offered;
  readonly photos: Offered;
}

const CASES: readonly OddCase[] = [
  {
    what: 'a link at the temporary name of a file',
    code: 'storage-failed',
    prepare: async (machine, { film }) => {
      await symlink(machine.path('outside/victim'), machine.path('in/film.bin.part'));
      return download(machine, film);
    },
  },
  {
    what: 'a link to a folder at the temporary name of a folder',
    code: 'storage-failed',
    prepare: async (machine, { photos }) => {
      await symlink(machine.path('outside'), machine.path('in/photos.part'));
      return download(machine, photos);
    },
  },
  {
    what: 'a link to a folder inside a folder',
    code: 'storage-failed',
    prepare: async (machine, { photos }) => {
      await mkdir(machine.path('in/photos.part'));
      await symlink(machine.path('outside'), machine.path('in/photos.part/batch-000'));
      return download(machine, photos);
    },
  },
  {
    what: 'a FIFO at the temporary name of a file',
    code: 'storage-failed',
    prepare: async (machine, { film }) => {
      await run('mkfifo', [machine.path('in/film.bin.part')]);
      return download(machine, film);
    },
  },
  {
    what: 'another file at the final name',
    code: 'target-exists',
    prepare: async (machine, { film }) => {
      await writeFile(machine.path('in/film.bin'), 'mine');
      return download(machine, film);
    },
  },
  {
    what: 'a link at the final name',
    code: 'target-exists',
    prepare: async (machine, { film }) => {
      await symlink(machine.path('outside/victim'), machine.path('in/film.bin'));
      return download(machine, film);
    },
  },
  {
    what: 'a file where the folder should be',
    code: 'not-found',
    prepare: async (machine, { film }) => {
      await writeFile(machine.path('in/file'), 'mine');
      return ['download', film.torrent, machine.path('in/file'), '--json'];
    },
  },
  {
    what: 'a FIFO in what is shared',
    code: 'unshareable-file',
    prepare: async (machine) => {
      await mkdir(machine.path('mine'));
      await run('mkfifo', [machine.path('mine/pipe')]);
      return create(machine);
    },
  },
  {
    what: 'a link in what is shared',
    code: 'unshareable-file',
    prepare: async (machine) => {
      await mkdir(machine.path('mine'));
      await symlink(machine.path('outside/victim'), machine.path('mine/link'));
      return create(machine);
    },
  },
];

/** Links, pipes, files of others and disks that take nothing, where a download is to go. */
export const ODD_TARGETS: Part = {
  name: 'links, FIFOs, existing files, read-only targets',
  run: () => onStage(tryAll),
};

async function tryAll(stage: Stage): Promise<readonly Figure[]> {
  await writeSampleFile(stage.home.path('film.bin'), MiB);
  await writeSmallFiles(stage.home.path('photos'), 100, 5_000);
  const shares = { film: await stage.offer('film.bin'), photos: await stage.offer('photos') };
  const wrong: string[] = [];
  for (const [at, odd] of CASES.entries()) {
    const machine = await stage.machine(`odd-${at}`);
    const flaw = await tryOne(machine, odd, shares);
    if (flaw !== undefined) wrong.push(`${odd.what}: ${flaw}`);
  }
  const flaw = await tryReadOnly(stage, shares.film);
  if (flaw !== undefined) wrong.push(`a folder that takes nothing: ${flaw}`);
  return [
    fact(`${CASES.length + 1} odd targets: written through, replaced, waited for, or told wrongly`, {
      demand: 'none',
      seen: wrong.join(', ') || 'none',
      holds: wrong.length === 0,
    }),
  ];
}

async function tryOne(machine: Machine, { code, prepare }: OddCase, shares: Shares): Promise<string | undefined> {
  await mkdir(machine.path('in'));
  await mkdir(machine.path('outside'));
  await writeFile(machine.path('outside/victim'), 'untouched');
  const args = await prepare(machine, shares);
  const told = await toldCode(machine.shoal(...args));
  const outside = await readdir(machine.path('outside'));
  const isUntouched = (await readFile(machine.path('outside/victim'), 'utf8')) === 'untouched' && outside.length === 1;
  if (!isUntouched) return `it wrote outside: ${outside.join(' ')}`;
  const mine = await readFile(machine.path('in/film.bin'), 'utf8').catch(() => 'mine');
  if (!['mine', 'untouched'].includes(mine)) return 'it replaced a file';
  return told === code ? undefined : `${told}, not ${code}`;
}

/** Root may write anywhere, but not to a file system that is mounted for reading. */
async function tryReadOnly(stage: Stage, film: Offered): Promise<string | undefined> {
  const machine = await stage.machine('read-only');
  const folder = machine.path('in');
  if ((await LoopDisk.whyNot()) !== undefined) {
    await mkdir(folder, { mode: 0o555 });
    const told = await toldCode(machine.shoal(...download(machine, film)));
    return told === 'unreadable' ? undefined : told;
  }
  const disk = await LoopDisk.create(folder, 16 * MiB);
  try {
    await run('mount', ['-o', 'remount,ro', folder]);
    const told = await toldCode(machine.shoal(...download(machine, film)));
    return told === 'unreadable' ? undefined : told;
  } finally {
    await disk.remove();
  }
}

function download(machine: Machine, { torrent }: Offered): readonly string[] {
  return ['download', torrent, machine.path('in'), '--json'];
}

function create(machine: Machine): readonly string[] {
  return ['create', join(machine.folder, 'mine'), 'localhost:1', '--json'];
}
