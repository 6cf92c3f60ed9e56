import { describe, expect, it } from 'vitest';
import { boundMs, type AgentOptions } from '@shoal/engine/testing';
import { addMany, atHome, HOME_LINE, lastFinishedMs, MEGABIT, MIB } from './home-lines.ts';

const SHARE_BYTES = 64 * MIB;

interface Swarm extends AgentOptions {
  readonly leecherCount: number;
  readonly shareBytes?: number;
}

/** The last leecher's time as a multiple of what no scheme can beat; headers and messages count, and cost 1.046 alone. */
async function ratioOf({ leecherCount, shareBytes = SHARE_BYTES, latencyMs = 0.05, ...own }: Swarm): Promise<number> {
  const scenario = atHome({ shareBytes, latencyMs });
  await scenario.add({ has: 'all' });
  const leechers = await addMany(scenario, leecherCount, own);
  await scenario.runUntilFinished(leechers, 600_000);
  const lines = leechers.map(() => ({ ...HOME_LINE, ...own }));
  return lastFinishedMs(leechers) / boundMs(shareBytes, HOME_LINE, lines);
}

describe('the last leecher is complete', () => {
  it.each([
    [4, 1.075],
    [8, 1.08],
    [16, 1.1],
  ])('with %i on equal lines within %f of the bound', async (leecherCount, most) => {
    expect(await ratioOf({ leecherCount })).toBeLessThan(most);
  });

  it.each([32, 64])(
    'with 8 that have a quarter of the uplink, and %i MiB, within 1.12 of the bound',
    async (mebibytes) => {
      const quarter = HOME_LINE.upBytesPerSecond / 4;
      expect(await ratioOf({ leecherCount: 8, upBytesPerSecond: quarter, shareBytes: mebibytes * MIB })).toBeLessThan(
        1.12,
      );
    },
  );

  it.each([
    [10, 8, 1.1],
    [25, 16, 1.12],
    [50, 8, 1.13],
    [100, 8, 1.2],
    [200, 8, 1.35],
  ])(
    'at %i ms from each other, with %i on equal lines, within %f of the bound',
    async (apartMs, leecherCount, most) => {
      expect(await ratioOf({ leecherCount, latencyMs: apartMs / 2 })).toBeLessThan(most);
    },
  );
});

it('the source sends everything little more than once', async () => {
  const scenario = atHome({ shareBytes: SHARE_BYTES, latencyMs: 0.1 });
  const source = await scenario.add({ has: 'all' });
  const leechers = await addMany(scenario, 8);
  await scenario.runUntilFinished(leechers, 600_000);
  expect(scenario.snapshotOf(source).sentBytes / SHARE_BYTES).toBeLessThan(1.05);
  for (const leecher of leechers) expect(scenario.snapshotOf(leecher).sentBytes).toBeGreaterThan(0);
});

it.each([
  { what: 'a slow line', megabits: 1, latencyMs: 0.5, mebibytes: 4, most: 1.07 },
  { what: 'a home line', megabits: 20, latencyMs: 0.5, mebibytes: 32, most: 1.07 },
  { what: 'a local network', megabits: 1_000, latencyMs: 0.05, mebibytes: 512, most: 1.07 },
  { what: 'a fast local network', megabits: 10_000, latencyMs: 0.05, mebibytes: 1_024, most: 1.07 },
  { what: 'a line around the world', megabits: 20, latencyMs: 100, mebibytes: 64, most: 1.3 },
  { what: 'a fast line across a continent', megabits: 1_000, latencyMs: 25, mebibytes: 1_024, most: 1.25 },
])('one link carries nearly all that $what carries', async ({ megabits, latencyMs, mebibytes, most }) => {
  const bytesPerSecond = megabits * MEGABIT;
  const shareBytes = mebibytes * MIB;
  const line = { upBytesPerSecond: bytesPerSecond, downBytesPerSecond: bytesPerSecond, latencyMs };
  const scenario = atHome({ ...line, shareBytes });
  await scenario.add({ has: 'all' });
  const leecher = await scenario.add();
  await scenario.runUntilFinished([leecher], 600_000);
  expect(lastFinishedMs([leecher]) / boundMs(shareBytes, line, [line])).toBeLessThan(most);
});
