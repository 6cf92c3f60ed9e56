import { describe, expect, it } from 'vitest';
import { leastSeconds } from '../../src/swarm/bound.ts';

const line = { bytes: 1_000_000, leechers: 4, up: 8e6, seederUp: 8e6, down: 80e6 };

describe('the least time of a swarm', () => {
  it('is what the source takes to send all of it once, where all uplinks are equal', () => {
    expect(leastSeconds(line)).toBe(1);
  });

  it('is what all uplinks together take to carry a copy for each, where those of the leechers are slow', () => {
    expect(leastSeconds({ ...line, seederUp: 16e6, up: 2e6 })).toBeCloseTo(32 / 24);
  });

  it('is what one leecher takes to get it, where downlinks are slow', () => {
    expect(leastSeconds({ ...line, down: 4e6 })).toBe(2);
  });
});
