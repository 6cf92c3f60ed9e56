import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { boundMs, type HostOptions, type Scenario, type SimAgent } from '@shoal/engine/testing';
import { atHome, lastFinishedMs, MEGABIT, MIB } from './home-lines.ts';

const SHARE_BYTES = 8 * MIB;
/** More than that under way is bounded by memory, not by the window. */
const MOST_UNDER_WAY_BYTES = 2 * MIB;
const RUNS_OF_EACH = 12;

/** A leecher: its line, when it comes, and when it goes. */
interface Leecher extends HostOptions {
  readonly comesMs?: number;
  readonly goesMs?: number;
}

interface Topology {
  readonly seed: number;
  readonly source: HostOptions;
  readonly leechers: readonly Leecher[];
}

/** From a thousandth to all of `most`, every order of magnitude as likely as the next. */
const upTo = (most: number, magnitudes: number) =>
  fc.double({ min: -magnitudes, max: 0, noNaN: true }).map((exponent) => most * 10 ** exponent);

const equalLines: fc.Arbitrary<Topology> = fc
  .record({
    seed: fc.nat(),
    up: upTo(10_000 * MEGABIT, 4),
    apartMs: upTo(200, 3),
    leecherCount: fc.integer({ min: 2, max: 6 }),
  })
  .filter(({ up, apartMs }) => (up * 4 * apartMs) / 1000 <= MOST_UNDER_WAY_BYTES)
  .map(({ seed, up, apartMs, leecherCount }) => {
    const line = { upBytesPerSecond: up, downBytesPerSecond: 5 * up, latencyMs: apartMs / 2 };
    return { seed, source: line, leechers: Array.from({ length: leecherCount }, () => line) };
  });

const timesUp = (line: HostOptions, factor: number): HostOptions => ({
  ...line,
  upBytesPerSecond: line.upBytesPerSecond * factor,
});
const sendingMs = ({ source }: Topology): number => (SHARE_BYTES * 1000) / source.upBytesPerSecond;
/** Every second leecher is another. */
const everySecond = (topology: Topology, change: Partial<Leecher>): Topology => ({
  ...topology,
  leechers: topology.leechers.map((line, at) => (at % 2 === 1 ? { ...line, ...change } : line)),
});

const CLASSES: Readonly<Record<string, (topology: Topology) => Topology>> = {
  'with equal lines': (topology) => topology,
  'with leechers of a quarter of the uplink': (topology) => ({
    ...topology,
    leechers: topology.leechers.map((line) => timesUp(line, 1 / 4)),
  }),
  'with one whose line down is slow': (topology) => ({
    ...topology,
    leechers: [
      ...topology.leechers,
      { ...topology.source, downBytesPerSecond: topology.source.upBytesPerSecond / 20, goesMs: Infinity },
    ],
  }),
  'with a seeder slower than the leechers': (topology) => ({ ...topology, source: timesUp(topology.source, 1 / 3) }),
  'with a seeder faster than the leechers': (topology) => ({ ...topology, source: timesUp(topology.source, 4) }),
  'with some that come late': (topology) => everySecond(topology, { comesMs: 0.3 * sendingMs(topology) }),
  'with some that leave': (topology) => everySecond(topology, { goesMs: 0.5 * sendingMs(topology) }),
};

async function enter(scenario: Scenario, { comesMs = 0, goesMs = Infinity, ...line }: Leecher): Promise<SimAgent> {
  await passed(scenario, comesMs);
  const agent = await scenario.add(line);
  if (goesMs < Infinity) void passed(scenario, goesMs).then(() => agent.engine.stop());
  return agent;
}

function passed(scenario: Scenario, timeMs: number): Promise<void> {
  return new Promise((resolve) => {
    scenario.world.after(timeMs, () => {
      scenario.world.settle();
      resolve();
    });
  });
}

/** How long the last took of those who stay, and how long it may. */
async function timesOf({ seed, source, leechers }: Topology): Promise<{ lastMs: number; mostMs: number }> {
  const scenario = atHome({ seed, shareBytes: SHARE_BYTES });
  await scenario.add({ ...source, has: 'all' });
  const entering = Promise.all(leechers.map((leecher) => enter(scenario, leecher)));
  const boundOfAllMs = boundMs(
    SHARE_BYTES,
    source,
    leechers.filter(({ goesMs }) => goesMs !== Infinity),
  );
  const comesMs = Math.max(...leechers.map((leecher) => leecher.comesMs ?? 0));
  await scenario.wait(comesMs + 1);
  const staying = (await entering).filter((_, at) => leechers[at]?.goesMs === undefined);
  await scenario.runUntilFinished(staying, 20 * boundOfAllMs + 60_000);
  // A piece goes from hand to hand, at the start, at the end, and when somebody comes or goes.
  const slowestUp = Math.min(source.upBytesPerSecond, ...leechers.map(({ upBytesPerSecond }) => upBytesPerSecond));
  const pieceMs = (scenario.metainfo.info.pieceLength * 1000) / slowestUp;
  const hops = Math.log2(leechers.length + 1) + 4;
  const mostMs = comesMs + 1.15 * boundOfAllMs + hops * (12 * source.latencyMs + 5 * pieceMs);
  return { lastMs: lastFinishedMs(staying), mostMs };
}

describe('the last leecher is complete near the bound, and as many hops of a piece later as it takes to all', () => {
  it.each(Object.keys(CLASSES))('%s', async (name) => {
    const property = fc.asyncProperty(equalLines, async (lines) => {
      const topology = CLASSES[name]?.(lines) ?? lines;
      const { lastMs, mostMs } = await timesOf(topology);
      expect(lastMs / mostMs).toBeLessThan(1);
    });
    await fc.assert(property, { numRuns: RUNS_OF_EACH, seed: 4 });
  });
});
