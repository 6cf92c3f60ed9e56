import { describe, expect, it } from 'vitest';
import { addMany, atHome, MIB, progressOf } from './home-lines.ts';

describe('a leecher that waits', () => {
  it('starts within 100 ms when a seeder comes', async () => {
    const scenario = atHome();
    const leecher = await scenario.add();
    await scenario.wait(60_000);
    expect(scenario.snapshotOf(leecher).peers).toEqual([]);
    await scenario.add({ has: 'all' });
    const hasStarted = (): boolean => scenario.snapshotOf(leecher).peers.length > 0;
    expect(await scenario.runUntil(hasStarted, 100)).toBe(true);
    expect(await scenario.runUntilFinished([leecher], 15_000)).toBe(true);
  });

  it('starts when the other leecher that it is linked to gets the first piece', async () => {
    const scenario = atHome();
    const [near, far] = await addMany(scenario, 2);
    await scenario.wait(5_000);
    await scenario.add({ has: [0] });
    expect(
      await scenario.runUntil(() => progressOf(scenario, far!) > 0 && progressOf(scenario, near!) > 0, 5_000),
    ).toBe(true);
  });

  it('dials a peer that could not be reached before, when the tracker names it again', async () => {
    const scenario = atHome();
    const ghost = await scenario.add({ has: 'all' });
    ghost.host.kill();
    const leecher = await scenario.add();
    await scenario.wait(120_000);
    expect(leecher.engine.snapshot().knownPeers).toEqual([ghost.host.address]);
    await scenario.add({ has: 'all' });
    expect(await scenario.runUntilFinished([leecher], 15_000)).toBe(true);
  });
});

describe('without a tracker', () => {
  it('a download begins from an address that a person gives', async () => {
    const scenario = atHome();
    scenario.tracker.isUp = false;
    const [seeder, leecher] = [await scenario.add({ has: 'all' }), await scenario.add()];
    const linked = leecher.engine.connect(seeder.host.address);
    expect(await scenario.runUntilFinished([leecher], 15_000)).toBe(true);
    expect(await linked).toBe(seeder.peerId);
  });

  it('a download begins from a peer that was linked before the share was added', async () => {
    const scenario = atHome();
    scenario.tracker.isUp = false;
    const [seeder, leecher] = [await scenario.add({ has: 'all' }), await scenario.add()];
    await leecher.engine.remove(scenario.metainfo.infoHash);
    void seeder.engine.connect(leecher.host.address);
    await scenario.wait(1_000);
    const again = scenario.enter(leecher, scenario.metainfo);
    expect(await scenario.runUntilFinished([again], 15_000)).toBe(true);
  });

  it('peers tell each other of peers, so that one address finds all', async () => {
    const scenario = atHome({ shareBytes: 32 * MIB });
    scenario.tracker.isUp = false;
    const seeder = await scenario.add({ has: 'all' });
    const leechers = await addMany(scenario, 4);
    for (const { engine } of leechers) void engine.connect(seeder.host.address);
    expect(await scenario.runUntilFinished(leechers, 40_000)).toBe(true);
    for (const leecher of leechers) expect(scenario.snapshotOf(leecher).peers).toHaveLength(4);
    expect(scenario.snapshotOf(seeder).sentBytes).toBeLessThan(1.5 * scenario.metainfo.info.length);
  });

  it('a download goes on that has begun', async () => {
    const scenario = atHome();
    await scenario.add({ has: 'all' });
    const leechers = await addMany(scenario, 3);
    await scenario.runUntil(() => progressOf(scenario, leechers[0]!) > 0.1, 10_000);
    scenario.tracker.isUp = false;
    expect(await scenario.runUntilFinished(leechers, 15_000)).toBe(true);
  });
});

it('says that nobody answers when an address does not answer', async () => {
  const scenario = atHome();
  const leecher = await scenario.add();
  const dial = expect(leecher.engine.connect({ host: '10.9.9.9', port: 7_000 })).rejects;
  const outcome = dial.toMatchObject({ code: 'peer-unreachable' });
  await scenario.wait(100);
  await outcome;
});
