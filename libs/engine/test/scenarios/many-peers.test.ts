import { describe, expect, it } from 'vitest';
import { boundMs, CoreWorld, zeroShare } from '@shoal/engine/testing';
import { LIMITS } from '@shoal/protocol';
import { addMany, atHome, HOME_LINE, MIB, PIECE_BYTES } from './home-lines.ts';

interface Run {
  readonly isEverybodyFinished: boolean;
  readonly transcript: string;
  readonly fewestLinks: number;
  /** Payload that the source sent, for each byte of the share. */
  readonly sourceSentTimes: number;
}

/** One seeder and so many leechers who start together, until all are finished. */
async function run(leecherCount: number, seed: number): Promise<Run> {
  const scenario = atHome({ shareBytes: 2 * MIB, pieceBytes: PIECE_BYTES, seed });
  const source = await scenario.add({ has: 'all' });
  const leechers = await addMany(scenario, leecherCount);
  const isEverybodyFinished = await scenario.runUntilFinished(leechers, 60_000);
  return {
    isEverybodyFinished,
    transcript: scenario.world.transcript,
    fewestLinks: Math.min(...leechers.map(({ engine }) => engine.snapshot().links.length)),
    sourceSentTimes: scenario.snapshotOf(source).sentBytes / scenario.metainfo.info.length,
  };
}

describe('with two hundred peers', { timeout: 120_000 }, () => {
  let first: Promise<Run> | undefined;
  const firstRun = (): Promise<Run> => (first ??= run(200, 1));

  it('a share reaches everybody', async () => {
    const { isEverybodyFinished, sourceSentTimes } = await firstRun();
    expect(isEverybodyFinished).toBe(true);
    expect(sourceSentTimes).toBeLessThan(20);
  });

  it('everybody finds as many others as it looks for', async () => {
    const { fewestLinks } = await firstRun();
    expect(fewestLinks).toBeGreaterThanOrEqual(LIMITS.peersPerSwarm);
  });
});

it('the same seed gives the same transcript, and another another', { timeout: 120_000 }, async () => {
  const { transcript } = await run(40, 1);
  expect((await run(40, 1)).transcript).toBe(transcript);
  expect((await run(40, 2)).transcript).not.toBe(transcript);
});

it.each([
  { leecherCount: 100, mebibytes: 16, pieceKibibytes: 64, most: 1.3 },
  { leecherCount: 40, mebibytes: 64, pieceKibibytes: 512, most: 1.26 },
])(
  'the last of $leecherCount cores has its $mebibytes MiB, in pieces of $pieceKibibytes KiB, within $most of the bound',
  { timeout: 120_000 },
  async ({ leecherCount, mebibytes, pieceKibibytes, most }) => {
    const leechers = Array.from({ length: leecherCount }, () => HOME_LINE);
    const metainfo = zeroShare(mebibytes * MIB, pieceKibibytes * 1024);
    const swarm = new CoreWorld({ seed: 1, metainfo, seeder: HOME_LINE, leechers });
    expect(await swarm.run(300_000)).toBe(true);
    const lastMs = Math.max(...swarm.leechers.map(({ finishedMs }) => finishedMs ?? Number.POSITIVE_INFINITY));
    expect(lastMs / boundMs(metainfo.info.length, HOME_LINE, leechers)).toBeLessThan(most);
  },
);
