import type { FaultyProxy } from '@shoal/testbed';
import type { Part } from '../battery.ts';
import type { Figure } from '../figure.ts';
import { onLines } from './lines.ts';

const MiB = 1024 * 1024;
const SIZES = { quick: { bytes: 4 * MiB, limit: '2M' }, full: { bytes: 64 * MiB, limit: '8M' } };
const HELD_MS = 1_000;

/** Something that the only line to the only seeder does. */
interface LineTrouble {
  readonly what: string;
  /** Before the download begins. */
  readonly first?: (proxy: FaultyProxy) => void;
  /** When a third of it is there. */
  readonly then?: (proxy: FaultyProxy) => void;
  /** Whether it takes a minute until it is noticed. */
  readonly isLong?: boolean;
}

const TROUBLES: readonly LineTrouble[] = [
  { what: '100 ms each way', first: (proxy) => proxy.lay({ latencyMs: 100 }) },
  { what: '1.5 MiB/s', first: (proxy) => proxy.lay({ bytesPerSecond: 1.5 * MiB }) },
  { what: 'slices of 1,000 bytes', first: (proxy) => proxy.lay({ sliceBytes: 1_000 }) },
  {
    what: 'ended by a FIN that takes 2 s',
    first: (proxy) => proxy.lay({ slowCloseMs: 2_000 }),
    then: (proxy) => {
      proxy.cut();
    },
  },
  {
    what: 'reset in the middle',
    then: (proxy) => {
      proxy.reset();
    },
  },
  {
    what: `held for ${HELD_MS / 1_000} s in the middle`,
    then: (proxy) => {
      setTimeout(proxy.lay({ isHeld: true }), HELD_MS);
    },
  },
  {
    what: 'black hole for the connection that stands',
    then: (proxy) => {
      const stands = proxy.connectionCount;
      proxy.lay({ isBlackHole: true }, { only: (connection) => connection < stands });
    },
    isLong: true,
  },
];

/** A download over one line that has one fault. */
export const EACH_FAULT: Part = {
  name: 'completes under each fault',
  run: async ({ extent }) => {
    const { bytes, limit } = SIZES[extent === 'quick' ? 'quick' : 'full'];
    const figures: Figure[] = [];
    for (const trouble of TROUBLES.filter(({ isLong }) => extent !== 'quick' || isLong !== true))
      figures.push(
        await onLines({ bytes, seeders: 1, uploadLimit: limit }, async (lines) => {
          const { proxy } = lines.line(0);
          trouble.first?.(proxy);
          const download = await lines.download();
          await download.has(1 / 3);
          trouble.then?.(proxy);
          return download.isRight(trouble.what);
        }),
      );
    return figures;
  },
};
