import { ShoalError } from '@shoal/protocol';
import { describe, expect, it } from 'vitest';
import { addMany, atHome, lastFinishedMs, MIB, progressOf } from './home-lines.ts';

describe('one that is slow does not hold up the others', () => {
  const SHARE_BYTES = 32 * MIB;

  it.each([
    ['a receiver with a slow line', { downBytesPerSecond: 60_000 }],
    ['a receiver with a download limit', { downloadBytesPerSecond: 60_000 }],
    ['a seeder with a slow line', { has: 'all', upBytesPerSecond: 25_000 }],
    ['a seeder with an upload limit', { has: 'all', uploadBytesPerSecond: 25_000 }],
    ['a receiver far away', { latencyMs: 300 }],
  ] as const)('%s', async (_what, options) => {
    const alone = atHome({ shareBytes: SHARE_BYTES });
    await alone.add({ has: 'all' });
    const undisturbed = await addMany(alone, 5);
    await alone.runUntilFinished(undisturbed, 60_000);

    const mixed = atHome({ shareBytes: SHARE_BYTES });
    await mixed.add({ has: 'all' });
    await mixed.add(options);
    const others = await addMany(mixed, 5);
    await mixed.runUntilFinished(others, 60_000);
    expect(lastFinishedMs(others) / lastFinishedMs(undisturbed)).toBeLessThan(1.1);
  });
});

describe('a disk', () => {
  it('that is full pauses the download, which goes on when there is space again', async () => {
    const scenario = atHome();
    await scenario.add({ has: 'all' });
    const leecher = await scenario.add();
    let isFull = false;
    leecher.store.onWrite = () => {
      if (isFull) throw new ShoalError('disk-full', 'writing a piece');
    };
    await scenario.runUntil(() => progressOf(scenario, leecher) > 0.3, 10_000);
    isFull = true;
    await scenario.wait(30_000);
    const stuckAt = scenario.snapshotOf(leecher);
    expect(stuckAt.problem).toMatchObject({ code: 'disk-full' });
    expect(stuckAt.receivedBytes).toBeLessThan(stuckAt.verifiedBytes + 6 * MIB);
    isFull = false;
    expect(await scenario.runUntilFinished([leecher], 25_000)).toBe(true);
    expect(scenario.snapshotOf(leecher).problem).toBeUndefined();
  });

  it('that is slow bounds what is in memory to 32 MiB', async () => {
    const line = { upBytesPerSecond: 125e6, downBytesPerSecond: 125e6, latencyMs: 0.1 };
    const scenario = atHome({ ...line, shareBytes: 256 * MIB });
    await addMany(scenario, 3, { has: 'all' });
    const leecher = await scenario.add();
    let mostBytes = 0;
    leecher.store.onWrite = async () => {
      await new Promise<void>((resolve) => {
        scenario.world.after(2_000, () => {
          scenario.world.settle();
          resolve();
        });
      });
      const { receivedBytes } = scenario.snapshotOf(leecher);
      mostBytes = Math.max(mostBytes, receivedBytes - leecher.store.pieces.length * scenario.metainfo.info.pieceLength);
    };
    expect(await scenario.runUntilFinished([leecher], 60_000)).toBe(true);
    expect(mostBytes).toBeGreaterThan(24 * MIB);
    expect(mostBytes).toBeLessThanOrEqual(32 * MIB);
  });
});
