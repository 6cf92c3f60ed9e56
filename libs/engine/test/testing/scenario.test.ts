import { describe, expect, it } from 'vitest';
import { boundMs, describeHasher, Scenario, SimWorld, zeroShare } from '@shoal/engine/testing';
import { simHasher } from '../../src/testing/scenario.ts';

describeHasher('the simulated hasher', () => simHasher(new SimWorld(1)));

describe('the lower bound', () => {
  const line = (up: number, down = 1e9) => ({ upBytesPerSecond: up, downBytesPerSecond: down, latencyMs: 0 });

  it.each([
    ['the source, which sends everything once', line(100), [line(1e6)], 10_000],
    ['the slowest line down', line(1e6), [line(1e6), line(1e6, 50)], 20_000],
    ['all lines up together, which carry a copy for each', line(200), [line(50), line(50), line(0)], 10_000],
  ] as const)('is set by %s', (...[, source, leechers, expectedMs]) => {
    expect(boundMs(1_000, source, leechers)).toBeCloseTo(expectedMs);
  });
});

describe('a share of zeros', () => {
  it('is another share under another name', () => {
    const hashes = [zeroShare(1_000), zeroShare(1_000, undefined, 'other'), zeroShare(1_001)];
    expect(new Set(hashes.map(({ infoHash }) => infoHash)).size).toBe(3);
  });

  it('has the digest of a short last piece as well', () => {
    const share = zeroShare(100_000);
    expect(share.layout.pieceCount).toBe(2);
    expect(Buffer.compare(share.digestOf(0), share.digestOf(1))).not.toBe(0);
  });
});

it('adds machines without an agent', async () => {
  const line = { upBytesPerSecond: 1e6, downBytesPerSecond: 1e6, latencyMs: 1 };
  const scenario = new Scenario({ ...line, seed: 1, shareBytes: 1_000 });
  const agent = await scenario.add();
  expect(scenario.addHost().name).not.toBe(agent.host.name);
  expect(scenario.agents).toEqual([agent]);
});
