import { describe, expect, it } from 'vitest';
import { LIMITS } from '@shoal/protocol';
import { addMany, atHome, MIB } from './home-lines.ts';

interface Run {
  readonly isEverybodyFinished: boolean;
  readonly transcript: string;
  readonly fewestLinks: number;
  /** Payload that the source sent, for each byte of the share. */
  readonly sourceSentTimes: number;
}

/** One seeder and so many leechers who start together, until all are finished. */
async function run(leecherCount: number, seed: number): Promise<Run> {
  const scenario = atHome({ shareBytes: 2 * MIB, seed });
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

  it('the same seed gives the same transcript', async () => {
    expect((await run(200, 1)).transcript).toBe((await firstRun()).transcript);
  });
});

it('another seed gives another transcript', async () => {
  expect((await run(10, 1)).transcript).not.toBe((await run(10, 2)).transcript);
});
