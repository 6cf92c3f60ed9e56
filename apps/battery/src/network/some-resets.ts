import { seededChance } from '@shoal/engine/testing';
import type { Part } from '../battery.ts';
import { atMost, type Figure } from '../figure.ts';
import { onLines, type Lines } from './lines.ts';

const MiB = 1024 * 1024;
const SHARE = 0.3;
const SIZES = {
  quick: { bytes: 12 * MiB, seeders: 3, downloads: 1 },
  full: { bytes: 96 * MiB, seeders: 6, downloads: 3 },
};

/** What the downloads over the same lines came to. */
interface Round {
  readonly seconds: number;
  readonly figures: readonly Figure[];
}

/** Three of ten connections are reset somewhere in what they would have carried. */
export const SOME_RESETS: Part = {
  name: 'resets of 30 % of connections',
  run: ({ extent, seed }) => {
    const { bytes, seeders, downloads } = SIZES[extent === 'quick' ? 'quick' : 'full'];
    return onLines({ bytes, seeders, uploadLimit: '2M', chance: seededChance(seed) }, (lines) =>
      compare(lines, { downloads, withinBytes: bytes / seeders }),
    );
  },
};

async function compare(
  lines: Lines,
  { downloads, withinBytes }: { downloads: number; withinBytes: number },
): Promise<readonly Figure[]> {
  const without = await round(lines, downloads, 'without resets');
  const dialledBefore = sum(lines.lines.map(({ proxy }) => proxy.connectionCount));
  for (const { proxy } of lines.lines) proxy.resetSome({ share: SHARE, withinBytes });
  const under = await round(lines, downloads, 'under resets of 30 %');
  const dialled = sum(lines.lines.map(({ proxy }) => proxy.connectionCount)) - dialledBefore;
  const resets = sum(lines.lines.map(({ proxy }) => proxy.resetCount));
  return [
    ...without.figures,
    ...under.figures,
    atMost({
      what: `time of ${downloads} downloads, ${resets} of ${dialled} connections reset, without resets ${without.seconds.toFixed(1)} s`,
      unit: 'times that without',
      limit: 1.3,
      seen: under.seconds / without.seconds,
      isTiming: true,
    }),
  ];
}

/** Downloads one after the other, each by a new agent. */
async function round(lines: Lines, downloads: number, what: string): Promise<Round> {
  const figures: Figure[] = [];
  let seconds = 0;
  for (let number = 1; number <= downloads; number++) {
    const download = await lines.download();
    seconds += await download.wholeS();
    figures.push(await download.isRight(`${what}, download ${number}`));
    await download.agent.program.end();
  }
  return { seconds, figures };
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
