import { describe, expect, it } from 'vitest';
import { zeroShare, type Scenario, type SimAgent, type SimTransfer } from '@shoal/engine/testing';
import { addMany, atHome, lastFinishedMs, MIB, progressOf } from './home-lines.ts';

const OTHER_SHARE = zeroShare(16 * MIB, undefined, 'other');

const sentBy = ({ engine }: SimAgent): number[] => engine.snapshot().swarms.map(({ sentBytes }) => sentBytes);

/** A seeder of two shares, a leecher of both, and its transfer of the second. */
async function startBoth(scenario: Scenario): Promise<{ seeder: SimAgent; leecher: SimAgent; other: SimTransfer }> {
  const [seeder, leecher] = [await scenario.add({ has: 'all' }), await scenario.add()];
  scenario.enter(seeder, OTHER_SHARE, { has: 'all' });
  return { seeder, leecher, other: scenario.enter(leecher, OTHER_SHARE) };
}

describe('two swarms share one link', () => {
  it('and both are complete', async () => {
    const scenario = atHome();
    const { seeder, leecher, other } = await startBoth(scenario);
    expect(await scenario.runUntilFinished([leecher, other], 14_500)).toBe(true);
    expect(seeder.engine.snapshot().links).toMatchObject([{ peerId: leecher.peerId, swarms: { length: 2 } }]);
  });

  it('and the uplink about equally', async () => {
    const scenario = atHome();
    const { seeder } = await startBoth(scenario);
    await scenario.wait(8_000);
    const [one = 0, two = 0] = sentBy(seeder);
    expect(Math.min(one, two) / Math.max(one, two)).toBeGreaterThan(0.5);
  });

  it('and a download limit about equally', async () => {
    const scenario = atHome();
    const [seeder, leecher] = [
      await scenario.add({ has: 'all' }),
      await scenario.add({ downloadBytesPerSecond: 500_000 }),
    ];
    scenario.enter(seeder, OTHER_SHARE, { has: 'all' });
    scenario.enter(leecher, OTHER_SHARE);
    await scenario.wait(20_000);
    const [one = 0, two = 0] = leecher.engine.snapshot().swarms.map(({ receivedBytes }) => receivedBytes);
    expect(Math.min(one, two) / Math.max(one, two)).toBeGreaterThan(0.5);
  });

  it('and leave the whole uplink to one when the other ends', async () => {
    const scenario = atHome();
    const { leecher, other } = await startBoth(scenario);
    await scenario.wait(4_000);
    await leecher.engine.remove(OTHER_SHARE.infoHash);
    expect(await scenario.runUntilFinished([leecher], 6_000)).toBe(true);
    expect(other.finishedMs).toBeUndefined();
  });

  it('also after many were begun and left: what they had under way is given back', async () => {
    const scenario = atHome({ shareBytes: 48 * MIB });
    const { leecher } = await startBoth(scenario);
    for (let round = 0; round < 10; round++) {
      await scenario.wait(500);
      await leecher.engine.remove(OTHER_SHARE.infoHash);
      scenario.enter(leecher, OTHER_SHARE);
    }
    await leecher.engine.remove(OTHER_SHARE.infoHash);
    expect(await scenario.runUntilFinished([leecher], 22_000)).toBe(true);
  });
});

it('a share that is left and entered again on a standing link goes on', async () => {
  const scenario = atHome();
  const [seeder, leecher] = [await scenario.add({ has: 'all' }), await scenario.add()];
  const { infoHash } = scenario.metainfo;
  let transfer: SimTransfer = leecher;
  const has: number[] = [];
  for (let round = 0; round < 5; round++) {
    await scenario.wait(700);
    has.push(...transfer.store.pieces);
    await leecher.engine.remove(infoHash);
    transfer = scenario.enter(leecher, scenario.metainfo, { has });
  }
  expect(await scenario.runUntilFinished([transfer], 15_000)).toBe(true);
  expect(seeder.engine.snapshot().links).toHaveLength(1);
  expect(scenario.snapshotOf(seeder).sentBytes).toBeLessThan(1.5 * scenario.metainfo.info.length);
});

it('a seeder that leaves one share stays in the other', async () => {
  const scenario = atHome();
  const { seeder, leecher, other } = await startBoth(scenario);
  await scenario.runUntil(() => progressOf(scenario, leecher) > 0.2, 10_000);
  await seeder.engine.remove(scenario.metainfo.infoHash);
  expect(await scenario.runUntilFinished([other], 15_000)).toBe(true);
  expect(leecher.finishedMs).toBeUndefined();
  expect(leecher.engine.snapshot().links).toHaveLength(1);
});

it('each share of ten leechers is complete while all share the lines', async () => {
  const scenario = atHome({ shareBytes: 8 * MIB });
  const seeder = await scenario.add({ has: 'all' });
  scenario.enter(seeder, OTHER_SHARE, { has: 'all' });
  const leechers = await addMany(scenario, 10);
  const others = leechers.map((leecher) => scenario.enter(leecher, OTHER_SHARE));
  expect(await scenario.runUntilFinished([...leechers, ...others], 30_000)).toBe(true);
  expect(lastFinishedMs(leechers)).toBeLessThan(20_000);
});
