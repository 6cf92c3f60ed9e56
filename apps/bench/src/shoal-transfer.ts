import { existsSync, watch } from 'node:fs';
import { basename, dirname, resolve } from 'node:path';
import { Machine } from '@shoal/testbed';
import { versionSaid } from './rivals/installed.ts';
import { now, type Leecher, type Seeder, type Stage, type TransferProgram } from './transfer-program.ts';

const SHOAL = resolve(import.meta.dirname, '../../peer-agent/bin/shoal.mjs');
const TRACKER_PORT = 8000;

/**
 * The built programs as a person uses them: a tracker, `shoal share`, and `shoal download --seed`, or `shoal` with its
 * prompt, which stands by until `download` is typed.
 */
export const SHOAL_TRANSFER: TransferProgram = {
  name: 'shoal',
  standsBy: true,
  version: () => versionSaid(process.execPath, [SHOAL, '--version'], /(\d+\.\d+\.\d+)/),
  async seed({ sandbox, file, meeting, seeder }: Stage): Promise<Seeder> {
    const tracker = await Machine.create(sandbox, meeting.name, meeting.network);
    const { url } = await tracker.startTracker(meeting.network ? TRACKER_PORT : 0, meeting.address);
    const home = await Machine.create(sandbox, seeder.name, seeder.network);
    const program = home.shoal('share', file.path, url);
    await program.printed(/shoal:[0-9a-f]{64}/);
    const torrent = home.path(`${basename(file.path)}.torrent`);
    return {
      program,
      fetch: async (host, begin) => fetch(await Machine.create(sandbox, host.name, host.network), torrent, begin),
    };
  },
};

async function fetch(machine: Machine, torrent: string, begin: 'at once' | 'on order'): Promise<Leecher> {
  const copy = machine.path(basename(torrent, '.torrent'));
  const complete = appearanceOf(copy);
  const startedAt = now();
  if (begin === 'at once')
    return { program: machine.shoal('download', torrent, '--seed'), startedAt, complete, copy, order: () => undefined };
  const program = machine.shoal();
  await program.printed(/listens at/);
  return { program, startedAt, complete, copy, order: () => void program.type(`download ${torrent}`) };
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
