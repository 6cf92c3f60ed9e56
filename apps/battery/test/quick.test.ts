import { describe, expect, it } from 'vitest';
import { BATTERIES } from '../src/batteries.ts';
import { brokenFacts } from '../src/figure.ts';

const ignore = (): void => undefined;

describe('what is promised holds when it is attacked for a short while', () => {
  it.each(BATTERIES)('$name: $summary', { timeout: 300_000 }, async (battery) => {
    const figures = await battery.run({ extent: 'quick', seed: 1, print: ignore });
    expect(figures.some(({ outcome }) => outcome === 'holds')).toBe(true);
    expect(brokenFacts(figures)).toEqual([]);
  });
});
