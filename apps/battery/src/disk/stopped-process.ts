import { setTimeout as pause } from 'node:timers/promises';
import { sha256OfFile, writeSampleFile, type Agent } from '@shoal/testbed';
import type { Extent, Part } from '../battery.ts';
import { atMost, fact, type Figure } from '../figure.ts';
import { onStage, type Stage } from '../stage.ts';

const MiB = 1024 * 1024;
const FILM_BYTES = 32 * MiB;
const LIMIT = '6M';
/** In the longer ones the links die of missed heartbeats. */
const STOPPED_S: Readonly<Record<Extent, number>> = { quick: 4, full: 100, nightly: 600 };
/** What may pass until a program that goes on has links again and moves bytes. */
const RESUMED_S = 30;

/** SIGSTOP to either side of a download, and SIGCONT much later. */
export const STOPPED_PROCESS: Part = {
  name: 'SIGSTOP',
  run: async ({ extent }) => {
    const figures: Figure[] = [];
    for (const who of ['leecher', 'seeder'] as const) {
      figures.push(...(await onStage((stage) => stopOne(stage, who, STOPPED_S[extent]), ['--upload-limit', LIMIT])));
    }
    return figures;
  },
};

async function stopOne(stage: Stage, who: 'leecher' | 'seeder', seconds: number): Promise<readonly Figure[]> {
  await writeSampleFile(stage.home.path('film.bin'), FILM_BYTES);
  const { metainfo } = await stage.offer('film.bin');
  const machine = await stage.machine('leecher');
  const leecher = await machine.startAgent();
  await leecher.control.addDownload({ metainfo, folder: machine.folder });
  const { receivedBytes } = await leecher.reaches(
    metainfo.infoHash,
    ({ verifiedBytes }) => verifiedBytes > FILM_BYTES / 4,
  );
  await stopFor(who === 'leecher' ? leecher : stage.seeder, seconds);
  const since = performance.now();
  // What was on its way when it was stopped still comes, so more than that has to.
  await leecher.reaches(metainfo.infoHash, (transfer) => transfer.receivedBytes > receivedBytes + FILM_BYTES / 8);
  const resumedS = (performance.now() - since) / 1000;
  await leecher.reaches(metainfo.infoHash, ({ state }) => state === 'seeding');
  const isRight = (await sha256OfFile(machine.path('film.bin'))) === metainfo.info.files[0]?.sha256;
  const what = `${who} stopped for ${seconds} s`;
  return [
    atMost({
      what: `${what}: 4 MiB more after it goes on`,
      unit: 's',
      limit: RESUMED_S,
      seen: resumedS,
      isTiming: true,
    }),
    fact(`${what}: SHA-256`, { demand: 'right', seen: isRight ? 'right' : 'wrong', holds: isRight }),
  ];
}

async function stopFor({ program }: Agent, seconds: number): Promise<void> {
  process.kill(program.pid, 'SIGSTOP');
  try {
    await pause(seconds * 1000);
  } finally {
    process.kill(program.pid, 'SIGCONT');
  }
}
