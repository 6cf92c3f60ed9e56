import { describe, expect, it } from 'vitest';
import { reportsOf } from '../../src/swarm/tables.ts';
import type { SwarmRun } from '../../src/swarm/trial.ts';

const setting = { bytes: 1_000_000, leechers: 4, up: 8e6, seederUp: 8e6, down: 80e6 };
const run = (lastSeconds: number): SwarmRun => ({
  lastSeconds,
  ...{ firstSeconds: 1, sourceCopies: 1.1, uplinkUse: 0.7, cpuSeconds: 3, othersShare: 0.05 },
});
const company = { present: [{ name: 'shoal' }, { name: 'aria2' }], versions: '', notes: ['Somebody is missing.'] };
const results = [
  [run(1.1), run(1.3), run(1.2)],
  [run(1.5), run(1.5), run(1.5)],
];

describe('the tables of a swarm', () => {
  it('show the median of each contender in times of the bound, for all settings beside each other', () => {
    const [summary] = reportsOf(
      [
        { setting, flow: 7.6e6, results, notes: [] },
        { setting: { ...setting, leechers: 8 }, flow: undefined, results: [...results].reverse(), notes: [] },
      ],
      company,
      3,
    );
    expect(summary?.name).toBe('swarm');
    expect(summary?.columns.map(({ name }) => name)).toEqual(['', '4 leechers', '8 leechers']);
    expect(summary?.rows).toEqual([
      ['shoal', 1.2, 1.5],
      ['aria2', 1.5, 1.2],
    ]);
    expect(summary?.notes).toEqual(['Somebody is missing.']);
  });

  it('show the details of each setting, the worst run too', () => {
    const [, details] = reportsOf([{ setting, flow: 7.6e6, results, notes: [] }], company, 3);
    expect(details?.name).toBe('swarm-4');
    expect(details?.setting.join(' ')).toContain('at least 1.00 s; a plain TCP flow carries 7.6 Mbit/s');
    expect(details?.rows[0]).toEqual(['shoal', 1.2, 1, 1.2, 1.3, 1.1, 70, 3, 5]);
  });

  it('have another name where the seeder has another uplink', () => {
    const asymmetric = { ...setting, up: 2e6 };
    const names = reportsOf([{ setting: asymmetric, flow: undefined, results, notes: [] }], company, 3).map(
      ({ name }) => name,
    );
    expect(names).toEqual(['swarm-asymmetric', 'swarm-asymmetric-4']);
  });
});
