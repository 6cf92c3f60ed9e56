import { expect, it } from 'vitest';
import { boundMs } from '@shoal/engine/testing';
import { addMany, atHome, HOME_LINE, lastFinishedMs, MIB } from './home-lines.ts';

const SHARE_BYTES = 64 * MIB;

/** The last leecher's time as a multiple of what no scheme can beat; headers and messages count. */
async function ratioOf(leecherCount: number, leecherUpBytesPerSecond = HOME_LINE.upBytesPerSecond): Promise<number> {
  const scenario = atHome({ shareBytes: SHARE_BYTES, latencyMs: 0.1 });
  await scenario.add({ has: 'all' });
  const line = { ...HOME_LINE, upBytesPerSecond: leecherUpBytesPerSecond };
  const leechers = await addMany(scenario, leecherCount, { upBytesPerSecond: leecherUpBytesPerSecond });
  await scenario.runUntilFinished(leechers, 600_000);
  return (
    lastFinishedMs(leechers) /
    boundMs(
      SHARE_BYTES,
      HOME_LINE,
      leechers.map(() => line),
    )
  );
}

it.each([4, 8, 16])('the last of %i leechers is complete within 1.15 of the bound', async (leecherCount) => {
  expect(await ratioOf(leecherCount)).toBeLessThan(1.15);
});

it('the last of 8 leechers with a quarter of the uplink is complete within 1.15 of the bound', async () => {
  expect(await ratioOf(8, HOME_LINE.upBytesPerSecond / 4)).toBeLessThan(1.15);
});

it('the source sends everything little more than once', async () => {
  const scenario = atHome({ shareBytes: SHARE_BYTES, latencyMs: 0.1 });
  const source = await scenario.add({ has: 'all' });
  const leechers = await addMany(scenario, 8);
  await scenario.runUntilFinished(leechers, 600_000);
  expect(scenario.snapshotOf(source).sentBytes / SHARE_BYTES).toBeLessThan(1.15);
  for (const leecher of leechers) expect(scenario.snapshotOf(leecher).sentBytes).toBeGreaterThan(0);
});

it.each([
  ['a slow line', 1, 1, 4],
  ['a home line', 20, 1, 32],
  ['a local network', 1_000, 0.1, 512],
  ['a fast local network', 10_000, 0.1, 1_024],
])('one link carries nearly all that %s carries', async (_what, megabits, latencyMs, mebibytes) => {
  const bytesPerSecond = megabits * 125_000;
  const shareBytes = mebibytes * MIB;
  const line = { upBytesPerSecond: bytesPerSecond, downBytesPerSecond: bytesPerSecond, latencyMs };
  const scenario = atHome({ ...line, shareBytes });
  await scenario.add({ has: 'all' });
  const leecher = await scenario.add();
  await scenario.runUntilFinished([leecher], 600_000);
  expect(lastFinishedMs([leecher]) / boundMs(shareBytes, line, [line])).toBeLessThan(1.07);
});
