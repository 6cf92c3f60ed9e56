import { mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { seededChance } from '@shoal/engine/testing';
import { eventually, sha256OfTree, writeSampleFile, writeSmallFiles, type Agent } from '@shoal/testbed';
import type { BatteryOrder, Part } from '../battery.ts';
import { fact, notRun, type Figure } from '../figure.ts';
import { LoopDisk } from '../loop-disk.ts';
import { onStage, type Offered, type Stage } from '../stage.ts';
import { falseClaims, lookOnDisk } from './on-disk.ts';

const MiB = 1024 * 1024;
const DISK_BYTES = 768 * MiB;
/** So fast the seeder sends: a download lasts for some flushes. */
const LIMIT = '30M';

/** What is downloaded while the power is cut, and how often that is. */
interface Load {
  readonly name: string;
  readonly cuts: number;
  make(path: string): Promise<void>;
}

const FILM = (bytes: number, cuts: number): Load => ({
  name: 'film.bin',
  cuts,
  make: (path) => writeSampleFile(path, bytes),
});
const PHOTOS: Load = {
  name: 'photos',
  cuts: 10,
  make: async (path) => {
    await mkdir(path);
    await writeSmallFiles(path, 8_000, 30_000);
  },
};
const LOADS = { quick: [FILM(192 * MiB, 2)], full: [FILM(400 * MiB, 10), PHOTOS] };

/** The power of a downloader's disk is cut while it works, again and again, and each time what is left is looked at. */
export const POWER_CUT: Part = {
  name: 'power cut',
  run: async ({ extent, seed }: BatteryOrder) => {
    const why = await LoopDisk.whyNot();
    if (why !== undefined) return [notRun('power cuts', { demand: 'nothing claimed that is lost', why })];
    const chance = seededChance(seed);
    const figures: Figure[] = [];
    for (const load of LOADS[extent === 'quick' ? 'quick' : 'full']) {
      figures.push(...(await onStage((stage) => cutWhile(stage, load, chance), ['--upload-limit', LIMIT])));
    }
    return figures;
  },
};

/** A download on a disk of its own. */
interface Victim {
  readonly agent: Agent;
  readonly disk: LoopDisk;
  readonly offered: Offered;
}

async function cutWhile(stage: Stage, load: Load, chance: () => number): Promise<readonly Figure[]> {
  await load.make(stage.home.path(load.name));
  const offered = await stage.offer(load.name);
  const machine = await stage.machine('downloader');
  const disk = await LoopDisk.create(machine.path('disk'), DISK_BYTES);
  const agent = await machine.startAgent();
  try {
    return await cutAgain(stage, { agent, disk, offered }, { cuts: load.cuts, chance });
  } finally {
    await agent.program.stop('SIGKILL');
    await disk.remove();
  }
}

async function cutAgain(
  stage: Stage,
  { agent, disk, offered }: Victim,
  { cuts, chance }: { cuts: number; chance: () => number },
): Promise<readonly Figure[]> {
  const { metainfo } = offered;
  const { info, infoHash } = metainfo;
  let [claims, lost, withClaims, isRight] = [0, 0, 0, true];
  await agent.control.addDownload({ metainfo, folder: disk.folder });
  for (let cut = 1; cut <= cuts; cut++) {
    const point = (info.length * (cut - 0.5 + chance() / 2)) / (cuts + 1);
    await until(agent, offered, point);
    const folder = join(stage.sandbox.root, `copy-${cut}`);
    // It stands still for the look as well, or the download would be over before the last cut.
    const { copy, left } = await whileStopped(agent, async () => {
      const copy = await disk.afterPowerCut(folder);
      return { copy, left: await lookOnDisk(metainfo, copy.folder) };
    });
    try {
      claims += left.claimed?.size ?? 0;
      lost += falseClaims(left).length;
      if (left.claimed !== undefined) withClaims++;
      if (cut === cuts) isRight = await goesOn(stage, offered, copy.folder);
    } finally {
      await copy.remove();
      await rm(`${folder}.image`);
    }
  }
  await agent.reaches(infoHash, ({ state }) => state === 'seeding');
  const what = `${cuts} power cuts during ${info.name}`;
  return [
    fact(`${what}: pieces claimed by a have-map and lost, of ${claims} claimed in ${withClaims} of the cuts`, {
      demand: 'none of some',
      seen: String(lost),
      holds: lost === 0 && claims > 0,
    }),
    fact(`${what}: the download that went on after the last`, {
      demand: 'right',
      seen: isRight ? 'right' : 'wrong',
      holds: isRight,
    }),
  ];
}

function until(agent: Agent, { metainfo }: Offered, bytes: number): Promise<true> {
  return eventually('the point of the power cut', async () => {
    const transfer = await agent.transfer(metainfo.infoHash);
    return (transfer?.verifiedBytes ?? 0) >= bytes || undefined;
  });
}

async function whileStopped<T>({ program }: Agent, action: () => Promise<T>): Promise<T> {
  process.kill(program.pid, 'SIGSTOP');
  try {
    return await action();
  } finally {
    process.kill(program.pid, 'SIGCONT');
  }
}

async function goesOn(stage: Stage, { metainfo, torrent, source }: Offered, folder: string): Promise<boolean> {
  const machine = await stage.machine('after the cut');
  // The claim of a process that runs on: after a real cut it would be that of another boot.
  for (const name of await readdir(folder)) if (name.endsWith('.lock')) await rm(join(folder, name));
  await machine.run('download', torrent, folder, '--json');
  const [copy, original] = [await sha256OfTree(join(folder, metainfo.info.name)), await sha256OfTree(source)];
  return JSON.stringify(copy) === JSON.stringify(original);
}
