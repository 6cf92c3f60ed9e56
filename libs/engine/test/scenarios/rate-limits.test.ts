import { describe, expect, it } from 'vitest';
import { zeroShare, type AgentOptions, type Scenario, type SimAgent } from '@shoal/engine/testing';
import { addMany, atHome, MIB } from './home-lines.ts';

/** Lines on which only the limits count. */
const LINES = { upBytesPerSecond: 125e6, downBytesPerSecond: 125e6 };
const SPAN_MS = 10_000;
const LOOK_EVERY_MS = 50;

/** How far from the limit the rate was, over whatever ten seconds from the first byte on: the least and the most. */
async function deviations(scenario: Scenario, limit: number, totalBytes: () => number): Promise<[number, number]> {
  await scenario.runUntil(() => totalBytes() > 0, SPAN_MS);
  const totals = [0];
  for (let at = 1; at <= (2.5 * SPAN_MS) / LOOK_EVERY_MS; at++) {
    await scenario.wait(LOOK_EVERY_MS);
    totals.push(totalBytes());
  }
  const span = SPAN_MS / LOOK_EVERY_MS;
  const rates = totals.slice(span).map((total, at) => ((total - (totals[at] ?? 0)) * 1000) / SPAN_MS / limit - 1);
  return [Math.min(...rates), Math.max(...rates)];
}

function received(agent: SimAgent): number {
  return agent.engine.snapshot().swarms.reduce((sum, swarm) => sum + swarm.receivedBytes, 0);
}

function sent(agent: SimAgent): number {
  return agent.engine.snapshot().swarms.reduce((sum, swarm) => sum + swarm.sentBytes, 0);
}

async function expectHeld(deviation: Promise<[number, number]>): Promise<void> {
  const [least, most] = await deviation;
  expect(least).toBeGreaterThan(-0.05);
  expect(most).toBeLessThan(0.05);
}

describe.each([50_000, 200_000, 1_000_000, 5_000_000, 20_000_000])(
  'over any ten seconds, %i bytes a second',
  (limit) => {
    const shareBytes = 30 * limit + 8 * MIB;

    it.each([
      ['of a download hold within 5 %, from one sender', 1, {}],
      ['of a download hold within 5 %, from three senders', 3, {}],
      ['of a download hold within 5 %, from far away', 3, { latencyMs: 15 }],
    ])('%s', async (_rule, senders, line: AgentOptions) => {
      const scenario = atHome({ ...LINES, ...line, shareBytes });
      await addMany(scenario, senders, { has: 'all' });
      const leecher = await scenario.add({ downloadBytesPerSecond: limit });
      await expectHeld(deviations(scenario, limit, () => received(leecher)));
    });

    it.each([
      ['of an upload hold within 5 %, to one receiver', 1, {}],
      ['of an upload hold within 5 %, to three receivers', 3, {}],
      ['of an upload hold within 5 %, to far away', 3, { latencyMs: 15 }],
    ])('%s', async (_rule, receivers, line: AgentOptions) => {
      const scenario = atHome({ ...LINES, ...line, shareBytes });
      const seeder = await scenario.add({ has: 'all', uploadBytesPerSecond: limit });
      await addMany(scenario, receivers, { uploadBytesPerSecond: 1_000 });
      await expectHeld(deviations(scenario, limit, () => sent(seeder)));
    });
  },
);

describe('a limit of 300,000 bytes a second', () => {
  const limit = 300_000;
  const pieceBytes = 4 * MIB;

  it.each(['uploadBytesPerSecond', 'downloadBytesPerSecond'] as const)('of %s holds for large pieces', async (key) => {
    const scenario = atHome({ ...LINES, shareBytes: 32 * MIB, pieceBytes });
    await scenario.add({ has: 'all', ...(key === 'uploadBytesPerSecond' ? { [key]: limit } : {}) });
    const leecher = await scenario.add(key === 'downloadBytesPerSecond' ? { [key]: limit } : {});
    await expectHeld(deviations(scenario, limit, () => received(leecher)));
  });

  it.each(['uploadBytesPerSecond', 'downloadBytesPerSecond'] as const)(
    'of %s is even: more comes every 100 ms',
    async (key) => {
      const scenario = atHome({ ...LINES, shareBytes: 32 * MIB, pieceBytes });
      await scenario.add({ has: 'all', ...(key === 'uploadBytesPerSecond' ? { [key]: limit } : {}) });
      const leecher = await scenario.add(key === 'downloadBytesPerSecond' ? { [key]: limit } : {});
      await scenario.wait(2_000);
      for (let at = 0; at < 50; at++) {
        const before = received(leecher);
        await scenario.wait(100);
        expect(received(leecher)).toBeGreaterThan(before);
      }
    },
  );

  it('of a download holds over several shares, each of which gets its part', async () => {
    const scenario = atHome({ ...LINES, shareBytes: 32 * MIB });
    const other = zeroShare(32 * MIB, scenario.metainfo.info.pieceLength, 'other');
    const seeder = await scenario.add({ has: 'all' });
    scenario.enter(seeder, other, { has: 'all' });
    const leecher = await scenario.add({ downloadBytesPerSecond: limit });
    scenario.enter(leecher, other);
    await expectHeld(deviations(scenario, limit, () => received(leecher)));
    const parts = leecher.engine.snapshot().swarms.map(({ receivedBytes }) => receivedBytes);
    expect(Math.min(...parts) / Math.max(...parts)).toBeGreaterThan(0.8);
  });

  it('of an upload is shared by its receivers alike', async () => {
    const scenario = atHome({ ...LINES, shareBytes: 64 * MIB });
    await scenario.add({ has: 'all', uploadBytesPerSecond: limit });
    const leechers = await addMany(scenario, 3, { uploadBytesPerSecond: 1_000 });
    await scenario.wait(30_000);
    const parts = leechers.map((leecher) => received(leecher));
    expect(Math.min(...parts) / Math.max(...parts)).toBeGreaterThan(0.8);
  });
});
