import { expect, it } from 'vitest';
import { childrensMs } from '../../src/link/references.ts';

it('reads the CPU time of what a shell ran from the last line of `times`', () => {
  expect(childrensMs('SHA2-256(copy)= 00ff\n0m0.010s 0m0.020s\n1m2.500s 0m0.250s\n')).toBeCloseTo(62_750);
});
