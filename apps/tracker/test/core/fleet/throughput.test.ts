import { LIMITS } from '@shoal/protocol';
import { expect, it } from 'vitest';
import { Throughput } from '../../../src/core/fleet/throughput.ts';

it('what was received is remembered for so many seconds, the present one last', () => {
  const throughput = new Throughput();
  for (let second = 1_000; second < 1_000 + LIMITS.fleetSeconds + 1; second++) throughput.note(second, second);
  const read = throughput.read(1_000 + LIMITS.fleetSeconds);
  expect(read).toHaveLength(LIMITS.fleetSeconds);
  expect([read[0], read.at(-1)]).toEqual([1_001, 1_000 + LIMITS.fleetSeconds]);
});

it('seconds in which nobody looked are empty', () => {
  const throughput = new Throughput();
  throughput.note(10, 5);
  throughput.note(14, 7);
  expect(throughput.read(15).slice(-6)).toEqual([5, 0, 0, 0, 7, 0]);
  expect(throughput.read(15 + LIMITS.fleetSeconds).some((sum) => sum > 0)).toBe(false);
});
