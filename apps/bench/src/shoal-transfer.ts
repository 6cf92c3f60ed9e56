import { existsSync, watch } from 'node:fs';
import { basename, dirname, resolve } from 'node:path';
import { Machine, type Program } from '@shoal/testbed';
import { versionSaid } from './rivals/installed.ts';
import { now, type Leecher, type Seeder, type Stage, type TransferProgram } from './transfer-program.ts';

const SHOAL = resolve(import.meta.dirname, '../../peer-agent/bin/shoal.cjs');
const TRACKER_PORT = 8000;
/** Said once the tracker has registered the share. */
const LINK = /shoal:[0-9a-f]{64}\S*/;

/**
 * The built programs as a person uses them: a tracker, `shoal share`, and `shoal download --seed`, or `shoal` with its
 * prompt, which stands by until `download` is typed.
 */
export const SHOAL_TRANSFER = shoalTransfer('shoal', ({ torrent }) => torrent);

/** As `SHOAL_TRANSFER`, but the leecher has only the link, and gets the rest from the tracker. */
export const SHOAL_BY_LINK = shoalTransfer('shoal, by its link', ({ link }) => link);

/** By what a share can be named. */
interface Names {
  readonly torrent: string;
  readonly link: string;
}

function shoalTransfer(name: string, nameIn: (names: Names) => string): TransferProgram {
  return {
    name,
    standsBy: true,
    version: () => versionSaid(process.execPath, [SHOAL, '--version'], /(\d+\.\d+\.\d+)/),
    async seed({ sandbox, file, meeting, seeder }: Stage): Promise<Seeder> {
      const tracker = await Machine.create(sandbox, meeting.name, meeting.network);
      const { url } = await tracker.startTracker(meeting.network ? TRACKER_PORT : 0, meeting.address);
      const home = await Machine.create(sandbox, seeder.name, seeder.network);
      const share = (): Program => home.shoal('share', file.path, url);
      const program = share();
      const [link] = await program.printed(LINK);
      const named = nameIn({ torrent: home.path(`${basename(file.path)}.torrent`), link });
      return {
        program,
        again: async () => {
          const next = share();
          await next.printed(LINK);
          return next;
        },
        fetch: async (host, begin) => {
          const machine = await Machine.create(sandbox, host.name, host.network);
          return fetch(machine, { named, copy: machine.path(basename(file.path)), begin });
        },
      };
    },
  };
}

interface Order {
  readonly named: string;
  readonly copy: string;
  readonly begin: 'at once' | 'on order';
}

async function fetch(machine: Machine, { named, copy, begin }: Order): Promise<Leecher> {
  const complete = appearanceOf(copy);
  const startedAt = now();
  if (begin === 'at once')
    return { program: machine.shoal('download', named, '--seed'), startedAt, complete, copy, order: () => undefined };
  const program = machine.shoal();
  await program.printed(/listens at/);
  return { program, startedAt, complete, copy, order: () => void program.type(`download ${named}`) };
}

/** A share gets its final name when all of it is verified, and not before. */
function appearanceOf(path: string): Promise<number> {
  return new Promise((settle) => {
    const watcher = watch(dirname(path), () => {
      if (!existsSync(path)) return;
      watcher.close();
      settle(now());
    });
  });
}
