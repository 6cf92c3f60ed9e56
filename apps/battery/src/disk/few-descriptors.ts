import { mkdir } from 'node:fs/promises';
import { sha256OfTree, writeSampleFile, writeSmallFiles } from '@shoal/testbed';
import type { Part } from '../battery.ts';
import { fact, notRun, type Figure } from '../figure.ts';
import { onStage, type Offered, type Stage } from '../stage.ts';

const DESCRIPTORS = 64;
const KiB = 1024;
/** Files that threads open for a moment, and larger ones, of which an agent keeps some open. */
const SIZES = { quick: { small: 1_000, large: 100 }, full: { small: 10_000, large: 400 } };
const [SMALL_BYTES, LARGE_BYTES] = [2 * KiB, 300 * KiB];

/** Agents that may have 64 descriptors send and receive a folder of very many files. */
export const FEW_DESCRIPTORS: Part = {
  name: '64 file descriptors',
  run: async ({ extent }) => {
    const { small, large } = SIZES[extent === 'quick' ? 'quick' : 'full'];
    const what = `${small + large} files through agents with ${DESCRIPTORS} descriptors`;
    if (process.platform === 'win32') return [notRun(what, { demand: 'right', why: 'no ulimit' })];
    return onStage((stage) => passOn(stage, { small, large, what }));
  },
};

async function passOn(
  stage: Stage,
  { small, large, what }: { small: number; large: number; what: string },
): Promise<readonly Figure[]> {
  const folder = stage.home.path('photos');
  await mkdir(folder);
  await writeSmallFiles(folder, small, SMALL_BYTES);
  for (let file = 0; file < large; file++) await writeSampleFile(`${folder}/large/${file}.bin`, LARGE_BYTES);
  const offered = await stage.offer('photos');
  const original = JSON.stringify(await sha256OfTree(folder));
  // The second gets it from the first, so that both ways were gone with few descriptors.
  const first = await downloadWithFew(stage, offered, 'first');
  await stage.seeder.control.remove(offered.metainfo.infoHash);
  const second = await downloadWithFew(stage, offered, 'second');
  const right = [first, second].map((tree) => JSON.stringify(tree) === original);
  return [
    fact(what, {
      demand: 'right on both machines',
      seen: right.map((isRight) => (isRight ? 'right' : 'wrong')).join(', '),
      holds: !right.includes(false),
    }),
  ];
}

async function downloadWithFew(stage: Stage, { metainfo }: Offered, name: string): Promise<Record<string, string>> {
  const machine = await stage.machine(name);
  machine.limitOpenFiles(DESCRIPTORS);
  const agent = await machine.startAgent();
  await agent.control.addDownload({ metainfo, folder: machine.folder });
  await agent.reaches(metainfo.infoHash, ({ state }) => state === 'seeding');
  return sha256OfTree(machine.path(metainfo.info.name));
}
