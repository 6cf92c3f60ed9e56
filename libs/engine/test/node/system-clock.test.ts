import { expect, it } from 'vitest';
import { systemClock, systemRandom } from '@shoal/engine/node';
import { describeClock } from '@shoal/engine/testing';

describeClock('the system clock', () => ({ clock: systemClock, run: (pending) => pending }));

it('draws chance from [0, 1)', () => {
  const drawn = Array.from({ length: 1_000 }, () => systemRandom.next());
  expect(Math.min(...drawn)).toBeGreaterThanOrEqual(0);
  expect(Math.max(...drawn)).toBeLessThan(1);
  expect(new Set(drawn).size).toBeGreaterThan(900);
});
