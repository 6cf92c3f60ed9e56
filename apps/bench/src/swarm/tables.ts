import { describeMachine, median, quantile } from '@shoal/testbed';
import type { Company } from '../company.ts';
import type { Cell, Column, Report } from '../report.ts';
import { leastSeconds, type SwarmSetting } from './bound.ts';
import type { SwarmRun } from './trial.ts';

/** What one setting showed. */
export interface SwarmTrial {
  readonly setting: SwarmSetting;
  /** Payload of one plain TCP flow from the seeder to a leecher, in bits a second, when nothing else moved. */
  readonly flow: number | undefined;
  /** The runs of each contender, in the order of the company. */
  readonly results: readonly (readonly SwarmRun[])[];
  /** Who failed. */
  readonly notes: readonly string[];
}

const TITLE = 'One seeder, many leechers behind limited lines';
const METHOD =
  'Every host has a network namespace of its own on one bridge, its line a token bucket on either end with a queue of 50 ms; ' +
  'that of the tracker is not limited. All leechers get the order in the same instant; programs that can run before it do. ' +
  'The bound is max(F/us, F/d, N·F/(us + N·u)) on the raw rates, so 1.05 is as good as TCP over Ethernet can be.';

const DETAILS: readonly Column[] = [
  { name: '' },
  { name: 'last s', digits: 1 },
  { name: 'first s', digits: 1 },
  { name: 'times the bound', digits: 2 },
  { name: 'worst run', digits: 2 },
  { name: 'copies sent by the seeder', digits: 2 },
  { name: "leechers' uplinks used %" },
  { name: 'CPU s of all peers', digits: 1 },
  { name: 'CPU taken by others %' },
];

/** A table of all settings beside each other, and one with the details of each. */
export function reportsOf(
  trials: readonly SwarmTrial[],
  { present, versions, notes }: Company<{ readonly name: string }>,
  runs: number,
): Report[] {
  const isEqual = trials.every(({ setting }) => setting.up === setting.seederUp);
  const name = isEqual ? 'swarm' : 'swarm-asymmetric';
  const heads = trials.map(({ setting }) => `${setting.leechers} leechers`);
  const ratios = present.map(({ name: who }, at): Cell[] => [
    who,
    ...trials.map(({ setting, results }) =>
      middle(results[at], ({ lastSeconds }) => lastSeconds / leastSeconds(setting)),
    ),
  ]);
  const summary: Report = {
    name,
    title: TITLE,
    setting: [METHOD, `${runs} runs each, in turns; medians.`, versions, describeMachine()],
    columns: [{ name: '' }, ...heads.map((head) => ({ name: head, digits: 2 }))],
    rows: ratios,
    notes: [...notes],
    chart: { columns: heads, axis: 'time of the last leecher, times the bound' },
  };
  return [summary, ...trials.map((trial, at) => detailsOf(trial, `${name}-${heads[at]?.split(' ')[0]}`, present))];
}

function detailsOf(
  { setting, flow, results, notes }: SwarmTrial,
  name: string,
  present: readonly { name: string }[],
): Report {
  const rows = present.map(({ name: who }, at): Cell[] => {
    const ratio = ({ lastSeconds }: SwarmRun): number => lastSeconds / leastSeconds(setting);
    return [
      who,
      middle(results[at], (run) => run.lastSeconds),
      middle(results[at], (run) => run.firstSeconds),
      middle(results[at], ratio),
      worst(results[at], ratio),
      middle(results[at], (run) => run.sourceCopies),
      100 * middle(results[at], (run) => run.uplinkUse),
      middle(results[at], (run) => run.cpuSeconds),
      100 * middle(results[at], (run) => run.othersShare),
    ];
  });
  const control = flow === undefined ? 'no iperf3 here for a plain flow' : `a plain TCP flow carries ${megabits(flow)}`;
  const lines = `leechers ${megabits(setting.up)} up, seeder ${megabits(setting.seederUp)} up, all ${megabits(setting.down)} down`;
  return {
    name,
    title: `${setting.leechers} leechers, ${(setting.bytes / 1024 ** 2).toFixed(0)} MiB`,
    setting: [
      `${lines}: at least ${leastSeconds(setting).toFixed(2)} s; ${control}. Copies are counted with all headers.`,
    ],
    columns: DETAILS,
    rows,
    notes,
  };
}

function middle(runs: readonly SwarmRun[] | undefined, of: (run: SwarmRun) => number): number {
  return median((runs ?? []).map(of));
}

/** The largest, or NaN of none. */
function worst(runs: readonly SwarmRun[] | undefined, of: (run: SwarmRun) => number): number {
  return quantile((runs ?? []).map(of), 1);
}

function megabits(bitsPerSecond: number): string {
  return `${Number((bitsPerSecond / 1e6).toFixed(1))} Mbit/s`;
}
