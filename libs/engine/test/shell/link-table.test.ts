import { Bitfield } from '@shoal/protocol';
import { MemoryPieceStore, Scenario, zeroBlock, zeroShare } from '@shoal/engine/testing';
import { expect, it } from 'vitest';

const MBIT = 125_000;
const NETWORK = { upBytesPerSecond: 20 * MBIT, downBytesPerSecond: 20 * MBIT, latencyMs: 50 };
const SECOND_SHARE = zeroShare(500_000, 262_144);

/** Two agents with a link between them, and a share of two pieces that neither has yet. */
async function linkedPair() {
  const scenario = new Scenario({ seed: 1, shareBytes: 1_000_000, ...NETWORK });
  const seeder = await scenario.add({ has: 'all' });
  const leecher = await scenario.add();
  await scenario.runUntilFinished([leecher], 10_000);
  const settle = (): void => {
    scenario.world.settle();
  };
  return {
    scenario,
    seeder,
    leecher,
    seedSecond: (): void => {
      const store = new MemoryPieceStore(({ length }) => zeroBlock(length), settle);
      seeder.engine.add({ metainfo: SECOND_SHARE, store, have: Bitfield.full(2), trackers: [] });
    },
    wantSecond: (): void => {
      const store = new MemoryPieceStore(undefined, settle);
      leecher.engine.add({ metainfo: SECOND_SHARE, store, have: new Bitfield(2), trackers: [] });
    },
    pass: (ms: number) => scenario.world.run(() => false, scenario.world.nowMs + ms),
    isSecondComplete: (): boolean =>
      leecher.engine.snapshot().swarms.some((swarm) => swarm.infoHash === SECOND_SHARE.infoHash && swarm.isComplete),
  };
}

it('enters a swarm on a link whose other side entered it before', async () => {
  const { scenario, seeder, leecher, seedSecond, wantSecond, pass, isSecondComplete } = await linkedPair();
  wantSecond();
  void leecher.engine.connect(seeder.host.address);
  await pass(1_000);
  expect(isSecondComplete()).toBe(false);
  seedSecond();
  expect(await scenario.world.run(isSecondComplete, scenario.world.nowMs + 10_000)).toBe(true);
});

it('enters a swarm at once where it just got the metainfo', async () => {
  const { scenario, leecher, seedSecond, wantSecond, pass, isSecondComplete } = await linkedPair();
  seedSecond();
  await pass(1_000);
  let isThere = false;
  leecher.engine.fetchMetainfo(SECOND_SHARE.infoHash).then(
    () => {
      isThere = true;
      wantSecond();
    },
    () => undefined,
  );
  scenario.world.after(1_000, () => {
    scenario.world.settle();
  });
  expect(await scenario.world.run(() => isThere, scenario.world.nowMs + 5_000)).toBe(true);
  expect(await scenario.world.run(isSecondComplete, scenario.world.nowMs + 10_000)).toBe(true);
});
