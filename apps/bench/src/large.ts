import {
  Sandbox,
  describeMachine,
  peakResidentBytes,
  sha256OfTree,
  writeSampleFile,
  writeSmallFiles,
} from '@shoal/testbed';
import { moveShare, startFleet } from './shoal.ts';
import type { Measurement } from './measurement.ts';
import type { Cell } from './report.ts';

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

/** Moves each large share with processes of its own: times, and the largest resident memory of each process. */
export const LARGE: Measurement = {
  name: 'large',
  summary: 'a file of 4 GiB and a folder of 10,000 files: time and memory',
  async run({ print }) {
    const setting = [
      'One tracker, one seeder, one leecher, each a process, over loopback; once each.',
      describeMachine(),
    ];
    const rows: Cell[][] = [];
    for (const share of SHARES) {
      print(`moving ${share.name} …`);
      rows.push(await measureOne(share));
    }
    const columns = [
      { name: '' },
      { name: 'share s', digits: 1 },
      { name: 'download s', digits: 1 },
      ...['MB/s', 'tracker MiB', 'seeder MiB', 'leecher MiB'].map((name) => ({ name })),
    ];
    return [{ name: 'large', title: 'Large shares', setting, columns, rows, notes: ['All copies are identical.'] }];
  },
};

async function measureOne({ name, bytes, write }: LargeShare): Promise<Cell[]> {
  const sandbox = await Sandbox.create();
  try {
    const path = `${sandbox.root}/sample`;
    await write(path);
    const original = await sha256OfTree(path);
    const fleet = await startFleet(sandbox);
    const { shareMs, downloadMs } = await moveShare(fleet, path, original);
    const peaks = [fleet.tracker, fleet.seeder, fleet.leecher].map(({ program }) => peakResidentBytes(program.pid));
    const mebibytes = peaks.map((peak) => (peak === undefined ? undefined : peak / 1024 ** 2));
    return [name, shareMs / 1000, downloadMs / 1000, bytes / 1000 / downloadMs, ...mebibytes];
  } finally {
    await sandbox.clear();
  }
}
