import { describe, expect, it } from 'vitest';
import { boundMs, CoreWorld, Scenario, zeroShare, type HostOptions } from '@shoal/engine/testing';

const MEGABIT = 125_000;
const MIB = 1024 * 1024;
const LINE: HostOptions = { upBytesPerSecond: 20 * MEGABIT, downBytesPerSecond: 100 * MEGABIT, latencyMs: 1 };
const SHARE = zeroShare(8 * MIB);

function swarmOf(leecherCount: number, seed = 1, linksSought?: number): CoreWorld {
  const leechers = Array.from({ length: leecherCount }, () => LINE);
  const links = linksSought === undefined ? {} : { linksSought };
  return new CoreWorld({ seed, metainfo: SHARE, seeder: LINE, leechers, ...links });
}

/** When the last had everything, as a multiple of what no scheme can beat. */
async function ratioOf(swarm: CoreWorld): Promise<number> {
  expect(await swarm.run(60_000)).toBe(true);
  const lastMs = Math.max(...swarm.leechers.map(({ finishedMs }) => finishedMs ?? Number.POSITIVE_INFINITY));
  return (
    lastMs /
    boundMs(
      SHARE.info.length,
      LINE,
      swarm.leechers.map(() => LINE),
    )
  );
}

describe('a swarm of cores without a shell', () => {
  it('takes about as long as whole engines do', async () => {
    const scenario = new Scenario({ ...LINE, seed: 1, shareBytes: SHARE.info.length });
    await scenario.add({ has: 'all' });
    const engines = [];
    for (let n = 0; n < 16; n++) engines.push(await scenario.add());
    await scenario.runUntilFinished(engines, 60_000);
    const lastMs = Math.max(...engines.map(({ finishedMs }) => finishedMs ?? Number.POSITIVE_INFINITY));
    const ofEngines =
      lastMs /
      boundMs(
        SHARE.info.length,
        LINE,
        engines.map(() => LINE),
      );
    expect(Math.abs((await ratioOf(swarmOf(16))) / ofEngines - 1)).toBeLessThan(0.1);
  });

  it('is the same for the same seed, and another for another', async () => {
    const transcriptOf = async (seed: number): Promise<string> => {
      const swarm = swarmOf(10, seed);
      await swarm.run(60_000);
      return swarm.world.transcript;
    };
    expect(await transcriptOf(1)).toBe(await transcriptOf(1));
    expect(await transcriptOf(1)).not.toBe(await transcriptOf(2));
  });

  it('counts what each agent sends, by kind', async () => {
    const swarm = swarmOf(4);
    await swarm.run(60_000);
    const agents = [swarm.seeder, ...swarm.leechers];
    const sumOf = (kind: string): number => agents.reduce((sum, { sent }) => sum + (sent.get(kind)?.count ?? 0), 0);
    expect(sumOf('have')).toBeGreaterThanOrEqual(4 * 32);
    expect(sumOf('block')).toBeGreaterThanOrEqual(4 * 32);
    for (const { sent, line } of agents) {
      const bytes = [...sent.values()].reduce((sum, { wireBytes }) => sum + wireBytes, 0);
      expect(line.sentWireBytes).toBeLessThanOrEqual(bytes);
      expect(line.sentWireBytes).toBeGreaterThan(0.9 * bytes);
    }
  });

  it('links each newcomer to as many as it seeks, and to the seeder', () => {
    const { leechers, seeder } = swarmOf(40, 1, 5);
    expect(Math.min(...leechers.map(({ neighbourCount }) => neighbourCount))).toBeGreaterThanOrEqual(1);
    expect(leechers.at(-1)?.neighbourCount).toBe(5);
    expect(seeder.neighbourCount).toBe(40);
  });
});
