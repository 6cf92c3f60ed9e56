import { setTimeout as pause } from 'node:timers/promises';
import type { Extent, Part } from '../battery.ts';
import { atMost, type Figure } from '../figure.ts';
import { onLines, type Lines } from './lines.ts';

const MiB = 1024 * 1024;
const SIZES = { quick: { bytes: 4 * MiB, limit: '2M' }, full: { bytes: 48 * MiB, limit: '4M' } };
const RESUMED_S = 15;
/** What shows that it goes on is more than what was on its way. */
const ENOUGH_BYTES = MiB;

interface Partition {
  /** Whether the connections break at once, and new ones are refused; otherwise nothing gets through. */
  readonly isTold: boolean;
  readonly seconds: number;
}

/** In the longest of the full ones the links die of missed heartbeats. */
const PARTITIONS: Readonly<Record<'quick' | 'full', readonly Partition[]>> = {
  quick: [
    { isTold: false, seconds: 2 },
    { isTold: true, seconds: 2 },
  ],
  full: [
    { isTold: false, seconds: 10 },
    { isTold: true, seconds: 10 },
    { isTold: false, seconds: 100 },
  ],
};

/** A leecher is parted from its only seeder, and the line is mended. */
export const PARTITION: Part = {
  name: 'partition and heal',
  run: async ({ extent }: { extent: Extent }) => {
    const size = extent === 'quick' ? 'quick' : 'full';
    const { bytes, limit } = SIZES[size];
    const figures: Figure[] = [];
    for (const partition of PARTITIONS[size])
      figures.push(...(await onLines({ bytes, seeders: 1, uploadLimit: limit }, (swarm) => part(swarm, partition))));
    return figures;
  },
};

async function part(swarm: Lines, { isTold, seconds }: Partition): Promise<readonly Figure[]> {
  const { proxy } = swarm.line(0);
  const download = await swarm.download();
  const receivedBytes = await download.has(1 / 3);
  const heal = isTold ? refuse(proxy) : proxy.lay({ isHeld: true });
  await pause(seconds * 1_000);
  heal();
  const since = performance.now();
  await download.reaches((transfer) => transfer.receivedBytes > receivedBytes + ENOUGH_BYTES);
  const what = `${isTold ? 'refused' : 'parted'} for ${seconds} s`;
  return [
    atMost({
      what: `${what}: 1 MiB more after it is mended`,
      unit: 's',
      limit: RESUMED_S,
      seen: (performance.now() - since) / 1_000,
      isTiming: true,
    }),
    await download.isRight(what),
  ];
}

function refuse(proxy: Lines['lines'][number]['proxy']): () => void {
  proxy.resetSome({ share: 1, withinBytes: 0 });
  proxy.reset();
  return () => {
    proxy.resetSome({ share: 0, withinBytes: 0 });
  };
}
