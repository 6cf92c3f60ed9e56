import { describe, expect, it } from 'vitest';
import { addMany, atHome, lastFinishedMs, MIB, progressOf, receivedTimes } from './home-lines.ts';

/** A share of so many mebibytes, which takes a little more than 0.42 s each, its seeder, and leechers. */
async function startSwarm(leecherCount: number, mebibytes = 32) {
  const scenario = atHome({ shareBytes: mebibytes * MIB });
  const seeder = await scenario.add({ has: 'all' });
  const leechers = await addMany(scenario, leecherCount);
  return { scenario, seeder, leechers };
}

describe('dead peers do not stop a download', () => {
  it.each([
    ['whose program dies', 'kill'],
    ['whose cable is pulled', 'cut'],
  ] as const)('%s', async (_what, die) => {
    const { scenario, leechers } = await startSwarm(8);
    const [dead, alive] = [leechers.slice(0, 5), leechers.slice(5)];
    await scenario.wait(4_000);
    for (const { host } of dead) host[die]();
    expect(await scenario.runUntilFinished(alive, 16_000)).toBe(true);
    expect(dead.every(({ finishedMs }) => finishedMs === undefined)).toBe(true);
  });

  it('who are all but one', async () => {
    const { scenario, leechers } = await startSwarm(8);
    await scenario.wait(4_000);
    for (const agent of leechers.slice(1)) agent.host.cut();
    expect(await scenario.runUntilFinished(leechers.slice(0, 1), 18_000)).toBe(true);
  });

  it('who were dead from the start and are handed out by the tracker all the same', async () => {
    const scenario = atHome();
    for (const agent of await addMany(scenario, 12, { has: 'all' })) agent.host.kill();
    const [seeder, leecher] = [await scenario.add({ has: 'all' }), await scenario.add()];
    expect(await scenario.runUntilFinished([leecher], 10_000)).toBe(true);
    expect(scenario.snapshotOf(leecher).peers.map(({ peerId }) => peerId)).toEqual([seeder.peerId]);
  });
});

describe('a corrupt peer is dropped', () => {
  it('at its first bad piece, and the download is complete and right', async () => {
    const { scenario, seeder, leechers } = await startSwarm(4);
    const poisoner = await scenario.add({ has: 'all', lies: 'poisons' });
    expect(await scenario.runUntilFinished(leechers, 30_000)).toBe(true);
    for (const leecher of leechers) {
      const peers = scenario.snapshotOf(leecher).peers.map(({ peerId }) => peerId);
      expect(peers).toContain(seeder.peerId);
      expect(peers).not.toContain(poisoner.peerId);
      for (const other of leechers) if (other !== leecher) expect(peers).toContain(other.peerId);
      expect(receivedTimes(scenario, leecher)).toBeLessThan(1.1);
      for (const block of scenario.metainfo.layout.blocksOf(0)) {
        expect((await leecher.store.readBlock(block)).every((byte) => byte === 0)).toBe(true);
      }
    }
  });

  it('and costs little time', async () => {
    const honest = await startSwarm(4);
    await honest.scenario.runUntilFinished(honest.leechers, 30_000);
    const mixed = await startSwarm(4);
    await addMany(mixed.scenario, 3, { has: 'all', lies: 'poisons' });
    await mixed.scenario.runUntilFinished(mixed.leechers, 30_000);
    expect(lastFinishedMs(mixed.leechers) / lastFinishedMs(honest.leechers)).toBeLessThan(1.1);
  });

  it('while another seeder is the only honest one', async () => {
    const scenario = atHome();
    await addMany(scenario, 5, { has: 'all', lies: 'poisons' });
    const [, leecher] = [await scenario.add({ has: 'all' }), await scenario.add()];
    expect(await scenario.runUntilFinished([leecher], 15_000)).toBe(true);
    expect(scenario.snapshotOf(leecher).peers).toHaveLength(1);
  });
});

describe('peers that promise and withhold', () => {
  it('do not stop a download, though they claim to have everything', async () => {
    const { scenario, leechers } = await startSwarm(1, 64);
    await addMany(scenario, 5, { has: 'all', lies: 'withholds' });
    expect(await scenario.runUntilFinished(leechers, 32_000)).toBe(true);
  });

  it('do not stop the end by withholding the last piece', async () => {
    const scenario = atHome();
    const { pieceCount } = scenario.metainfo.layout;
    const allButTheLast = Array.from({ length: pieceCount - 1 }, (_, piece) => piece);
    const leecher = await scenario.add({ has: allButTheLast });
    await scenario.add({ has: [pieceCount - 1], lies: 'withholds' });
    await scenario.wait(500);
    await scenario.add({ has: 'all' });
    expect(await scenario.runUntilFinished([leecher], 5_000)).toBe(true);
  });

  it('do not stop a share of one piece', async () => {
    const scenario = atHome({ shareBytes: 1_000 });
    await addMany(scenario, 3, { has: 'all', lies: 'withholds' });
    const leecher = await scenario.add();
    await scenario.wait(100);
    await scenario.add({ has: 'all' });
    expect(await scenario.runUntilFinished([leecher], 45_000)).toBe(true);
  });
});

describe('peers that come and go', () => {
  it('the seeder leaves at half: leechers that have all pieces between them finish from each other', async () => {
    const { scenario, seeder, leechers } = await startSwarm(4);
    const { pieceCount } = scenario.metainfo.layout;
    const isSpread = (): boolean => scenario.snapshotOf(seeder).sentBytes >= scenario.metainfo.info.length * 1.005;
    await scenario.runUntil(isSpread, 60_000);
    expect(leechers.some((leecher) => progressOf(scenario, leecher) === 1)).toBe(false);
    await seeder.engine.stop();
    expect(await scenario.runUntilFinished(leechers, 30_000)).toBe(true);
    expect(scenario.snapshotOf(leechers[0]!).verifiedPieces).toBe(pieceCount);
  });

  it('a swarm without a seeder is complete when its pieces complement each other', async () => {
    const scenario = atHome();
    const { pieceCount } = scenario.metainfo.layout;
    const thirds = [0, 1, 2].map((third) =>
      Array.from({ length: pieceCount }, (_, piece) => piece).filter((piece) => piece % 3 === third),
    );
    const leechers = await Promise.all(thirds.map((has) => scenario.add({ has })));
    expect(await scenario.runUntilFinished(leechers, 30_000)).toBe(true);
  });

  it('a leecher that leaves and comes back goes on from what it has', async () => {
    const { scenario, leechers } = await startSwarm(3);
    const [wanderer] = leechers;
    await scenario.runUntil(() => progressOf(scenario, wanderer!) > 0.4, 60_000);
    await wanderer!.engine.remove(scenario.metainfo.infoHash);
    const again = scenario.enter(wanderer!, scenario.metainfo, { has: wanderer!.store.pieces });
    expect(await scenario.runUntilFinished([...leechers.slice(1), again], 40_000)).toBe(true);
    expect(receivedTimes(scenario, wanderer!)).toBeLessThan(0.7);
    for (const { engine } of leechers) expect(engine.snapshot().links).toHaveLength(3);
  });
});
