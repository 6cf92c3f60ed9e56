import { peakResidentBytes, Sandbox, sha256OfTree, writeSampleFile, writeSmallFiles } from '@shoal/testbed';
import { moveShare, startFleet } from './shoal.ts';
import { formatTable, mebibytes, megabytes } from './statistics.ts';

/** A share at the edge of what has to work. */
interface LargeShare {
  readonly name: string;
  readonly bytes: number;
  readonly write: (path: string) => Promise<void>;
}

const GiB = 1024 ** 3;
const SHARES: readonly LargeShare[] = [
  { name: 'one file of 4 GiB', bytes: 4 * GiB, write: (path) => writeSampleFile(path, 4 * GiB) },
  { name: '10,000 files of 10 KiB', bytes: 10_000 * 10_240, write: (path) => writeSmallFiles(path, 10_000, 10_240) },
];

/** Moves each large share with processes of its own, and prints times and the largest resident memory of each process. */
export async function measureLarge(print: (text: string) => void): Promise<void> {
  const rows: string[][] = [];
  for (const share of SHARES) {
    print(`moving ${share.name} …`);
    rows.push(await measureOne(share));
  }
  const head = ['', 'share s', 'download s', 'MB/s', 'tracker MiB', 'seeder MiB', 'leecher MiB'];
  print(`\n${formatTable([head, ...rows])}\n\nAll copies are identical.`);
}

async function measureOne({ name, bytes, write }: LargeShare): Promise<string[]> {
  const sandbox = await Sandbox.create();
  try {
    const path = `${sandbox.root}/sample`;
    await write(path);
    const original = await sha256OfTree(path);
    const fleet = await startFleet(sandbox);
    const { shareMs, downloadMs } = await moveShare(fleet, path, original);
    const peaks = [fleet.tracker, fleet.seeder, fleet.leecher].map(({ program }) => peakResidentBytes(program.pid));
    const seconds = [shareMs, downloadMs].map((ms) => (ms / 1000).toFixed(1));
    return [name, ...seconds, megabytes((bytes / downloadMs) * 1000), ...peaks.map(mebibytes)];
  } finally {
    await sandbox.clear();
  }
}
