import { open, rename, rm, truncate } from 'node:fs/promises';
import { TrackerClient } from '@shoal/client';
import { eventually, writeSampleFile, type Agent } from '@shoal/testbed';
import type { Part } from '../battery.ts';
import { bytesOf, lookOnDisk } from '../crash/on-disk.ts';
import { fact, type Figure } from '../figure.ts';
import { onStage, type Offered, type Stage } from '../stage.ts';

const MiB = 1024 * 1024;
const FILM_BYTES = 24 * MiB;
/** Slow enough that most is still to be sent when the file changes. */
const LIMIT = '6M';

/** What happens to the file of a share behind the seeder's back. */
const CHANGES: Readonly<Record<string, (path: string) => Promise<void>>> = {
  changed: async (path) => {
    const file = await open(path, 'r+');
    for (let at = 0; at < FILM_BYTES; at += MiB / 4) await file.write(Buffer.from('other bytes'), 0, undefined, at);
    await file.close();
  },
  truncated: (path) => truncate(path, FILM_BYTES / 2),
  replaced: async (path) => {
    await writeSampleFile(`${path}.other`, FILM_BYTES);
    await rename(`${path}.other`, path);
  },
  deleted: (path) => rm(path),
};

/** A seeder whose file changes while somebody downloads it. */
export const SEEDER_FILES: Part = {
  name: 'files that change under a seeder',
  run: async () => {
    const figures: Figure[] = [];
    for (const [what, change] of Object.entries(CHANGES)) {
      figures.push(...(await onStage((stage) => changeUnder(stage, what, change), ['--upload-limit', LIMIT])));
    }
    return figures;
  },
};

async function changeUnder(
  stage: Stage,
  what: string,
  change: (path: string) => Promise<void>,
): Promise<readonly Figure[]> {
  await writeSampleFile(stage.home.path('film.bin'), FILM_BYTES);
  const offered = await stage.offer('film.bin');
  const { metainfo, source } = offered;
  const machine = await stage.machine('leecher');
  const leecher = await machine.startAgent();
  await leecher.control.addDownload({ metainfo, folder: machine.folder });
  await leecher.reaches(metainfo.infoHash, ({ verifiedBytes }) => verifiedBytes >= FILM_BYTES / 4);
  await change(source);
  const said = await eventually('the seeder to say so', async () => {
    return (await stage.seeder.transfer(metainfo.infoHash))?.problem?.code;
  });
  const isWithdrawn = await untilWithdrawn(stage, offered, leecher);
  const verified = (await leecher.transfer(metainfo.infoHash))?.verifiedBytes ?? NaN;
  await leecher.program.stop();
  const right = bytesOf(metainfo, (await lookOnDisk(metainfo, machine.folder)).right);
  return [
    fact(`file ${what} under a seeder: what it says, and whether it is a peer of the swarm`, {
      demand: 'content-mismatch, withdrawn',
      seen: `${said}, ${isWithdrawn ? 'withdrawn' : 'still there'}`,
      holds: said === 'content-mismatch' && isWithdrawn,
    }),
    fact(`file ${what} under a seeder: bytes that a leecher accepted and that are wrong`, {
      demand: 'none, and not all',
      seen: `${verified - right} of ${(verified / MiB).toFixed(1)} MiB`,
      holds: verified === right && verified < FILM_BYTES,
    }),
  ];
}

/** Whether tracker and leecher soon know the seeder no more. */
async function untilWithdrawn(stage: Stage, { metainfo }: Offered, leecher: Agent): Promise<boolean> {
  const tracker = new TrackerClient(stage.tracker.url);
  return eventually('the seeder to leave', async () => {
    const { seeders } = await tracker.swarm(metainfo.infoHash);
    const transfer = await leecher.transfer(metainfo.infoHash);
    return (seeders === 0 && transfer?.connectedPeers === 0) || undefined;
  });
}
