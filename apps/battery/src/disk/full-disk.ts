import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { rm, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { eventually, sha256OfFile, writeSampleFile, type Agent } from '@shoal/testbed';
import type { Part } from '../battery.ts';
import { atMost, fact, notRun, type Figure } from '../figure.ts';
import { LoopDisk } from '../loop-disk.ts';
import { onStage, type Offered, type Stage } from '../stage.ts';

const MiB = 1024 * 1024;
const FILM_BYTES = 64 * MiB;
const OTHER_BYTES = 16 * MiB;
const DISK_BYTES = 160 * MiB;
/** Parts of the share that there is room for. */
const LEVELS = { quick: [0.5], full: [0.1, 0.5, 0.99] };
/** Longer than the agent takes to flush what it has, and to try again. */
const FULL_MS = 17_000;
const PAUSED_S = 2;
const RESUMED_S = 60;

/** A file system that is full in the middle of a download, and has room again later. */
export const FULL_DISK: Part = {
  name: 'full disk',
  run: async ({ extent }) => {
    const why = await LoopDisk.whyNot();
    if (why !== undefined) return [notRun('full disks', { demand: 'paused, and resumed', why })];
    const figures: Figure[] = [];
    for (const level of LEVELS[extent === 'quick' ? 'quick' : 'full']) {
      figures.push(...(await onStage((stage) => fillDisk(stage, level))));
    }
    return figures;
  },
};

async function fillDisk(stage: Stage, level: number): Promise<readonly Figure[]> {
  await writeSampleFile(stage.home.path('film.bin'), FILM_BYTES);
  await writeSampleFile(stage.home.path('other.bin'), OTHER_BYTES);
  const [film, other] = [await stage.offer('film.bin'), await stage.offer('other.bin')];
  const machine = await stage.machine('downloader');
  const disk = await LoopDisk.create(machine.path('disk'), DISK_BYTES);
  const filler = join(disk.folder, 'filler');
  const agent = await machine.startAgent();
  try {
    await leaveRoom(disk.folder, filler, level * FILM_BYTES);
    await agent.control.addDownload({ metainfo: film.metainfo, folder: disk.folder });
    const pausedS = await untilPaused(agent, film);
    await agent.control.addDownload({ metainfo: other.metainfo, folder: machine.folder });
    await agent.reaches(other.metainfo.infoHash, ({ state }) => state === 'seeding');
    await pause(FULL_MS);
    const isPaused = (await agent.transfer(film.metainfo.infoHash))?.problem?.code === 'disk-full';
    await rm(filler);
    const resumedS = await untilStored(agent, film);
    await agent.reaches(
      film.metainfo.infoHash,
      ({ verifiedBytes, state }) => verifiedBytes === FILM_BYTES && state === 'seeding',
    );
    const isRight = (await sha256OfFile(join(disk.folder, 'film.bin'))) === film.metainfo.info.files[0]?.sha256;
    return figuresOf(`disk full at ${level * 100} %`, { pausedS, resumedS, isPaused, isRight });
  } finally {
    await agent.program.stop('SIGKILL');
    await disk.remove();
  }
}

/** Fills a disk until so many bytes are free. */
async function leaveRoom(folder: string, filler: string, bytes: number): Promise<void> {
  const { bavail, bsize } = await statfs(folder);
  const file = createWriteStream(filler);
  const chunk = Buffer.alloc(MiB);
  for (let left = bavail * bsize - bytes; left > 0; left -= chunk.length) {
    if (!file.write(chunk.subarray(0, left))) await once(file, 'drain');
  }
  file.end();
  await once(file, 'close');
}

/** From the last piece that was stored until the agent says that the disk is full, in seconds. */
async function untilPaused(agent: Agent, { metainfo }: Offered): Promise<number> {
  let [bytes, since] = [-1, performance.now()];
  return eventually('the agent to say that the disk is full', async () => {
    const transfer = await agent.transfer(metainfo.infoHash);
    if (transfer?.problem?.code === 'disk-full') return (performance.now() - since) / 1000;
    if (transfer !== undefined && transfer.verifiedBytes > bytes)
      [bytes, since] = [transfer.verifiedBytes, performance.now()];
    return undefined;
  });
}

/** From now until another piece is stored, in seconds. */
async function untilStored(agent: Agent, { metainfo }: Offered): Promise<number> {
  const since = performance.now();
  const before = (await agent.transfer(metainfo.infoHash))?.verifiedBytes ?? NaN;
  return eventually('the download to go on', async () => {
    const transfer = await agent.transfer(metainfo.infoHash);
    return transfer !== undefined && transfer.verifiedBytes > before ? (performance.now() - since) / 1000 : undefined;
  });
}

function figuresOf(
  when: string,
  { pausedS, resumedS, isPaused, isRight }: { pausedS: number; resumedS: number; isPaused: boolean; isRight: boolean },
): readonly Figure[] {
  const timing = { unit: 's', isTiming: true };
  return [
    atMost({ ...timing, what: `${when}: paused with the reason`, limit: PAUSED_S, seen: pausedS }),
    fact(`${when}: the reason while it is full, and another download meanwhile`, {
      demand: 'disk-full; complete',
      seen: isPaused ? 'disk-full; complete' : 'another reason; complete',
      holds: isPaused,
    }),
    atMost({ ...timing, what: `${when}: resumed by itself after there is room`, limit: RESUMED_S, seen: resumedS }),
    fact(`${when}: SHA-256 in the end`, { demand: 'right', seen: isRight ? 'right' : 'wrong', holds: isRight }),
  ];
}
