import { InvalidArgumentError } from 'commander';
import { NetworkLab, Sandbox, sha256OfFile, writeSampleFile } from '@shoal/testbed';
import type { SampleFile } from '../contender.ts';
import { describeMachine } from '../machine.ts';
import type { Measurement, MeasurementOrder } from '../measurement.ts';
import type { Cell, Report } from '../report.ts';
import { inTurns } from '../rounds.ts';
import { SHOAL_TRANSFER } from '../shoal-transfer.ts';
import { median } from '../statistics.ts';
import type { TransferProgram } from '../transfer-program.ts';
import { leastSeconds, type SwarmSetting } from './bound.ts';
import { buildTown, plainFlow } from './town.ts';
import { swarmOnce, type SwarmRun } from './trial.ts';

const MEGABIT = 1e6;
const PROGRAMS: readonly TransferProgram[] = [SHOAL_TRANSFER];

/** One seeder and many leechers behind limited lines, each in a network namespace: the time of the last. */
export const SWARM: Measurement = {
  name: 'swarm',
  summary: 'one seeder to many leechers behind limited lines (needs Linux and root)',
  options: (command) =>
    command
      .option('--leechers <numbers>', 'how many, one after the other', counts, [4, 8, 16])
      .option('--contenders <names>', 'only these, as in shoal,aria2')
      .option('--mebibytes <number>', 'size of the file', positive, 64)
      .option('--up <number>', "a leecher's uplink in Mbit/s", positive, 20)
      .option('--seeder-up <number>', "the seeder's uplink in Mbit/s, when it is another", positive)
      .option('--down <number>', "everybody's downlink in Mbit/s", positive, 100),
  async run(order) {
    const whyNot = await NetworkLab.whyNot();
    if (whyNot !== undefined) throw new Error(`no network namespaces here: ${whyNot}`);
    const sandbox = await Sandbox.create();
    try {
      const path = `${sandbox.root}/sample.bin`;
      const bytes = Number(order.values.mebibytes) * 1024 ** 2;
      await writeSampleFile(path, bytes);
      const file: SampleFile = { path, bytes, sha256: await sha256OfFile(path) };
      const reports: Report[] = [];
      for (const leechers of order.values.leechers as number[]) {
        reports.push(await measure(settingOf(order.values, bytes, leechers), file, order));
      }
      return reports;
    } finally {
      await sandbox.clear();
    }
  },
};

function settingOf(values: MeasurementOrder['values'], bytes: number, leechers: number): SwarmSetting {
  const up = Number(values.up) * MEGABIT;
  const seederUp = values.seederUp === undefined ? up : Number(values.seederUp) * MEGABIT;
  return { bytes, leechers, up, seederUp, down: Number(values.down) * MEGABIT };
}

async function measure(setting: SwarmSetting, file: SampleFile, { runs, print }: MeasurementOrder): Promise<Report> {
  const town = await buildTown(setting);
  try {
    const [first] = town.leechers;
    const flow = first && (await plainFlow(town.seeder, first));
    print(`${String(setting.leechers)} leechers; a plain TCP flow carries ${String(flow)} bits a second`);
    const results = await inTurns(PROGRAMS, runs, async (program) => {
      const run = await swarmOnce(program, town, file, setting);
      print(`  ${program.name}: ${JSON.stringify(run)} ratio ${(run.lastSeconds / leastSeconds(setting)).toFixed(3)}`);
      return run;
    });
    return reportOf(setting, results, flow);
  } finally {
    await town.clear();
  }
}

function reportOf(setting: SwarmSetting, results: readonly (readonly SwarmRun[])[], flow: number | undefined): Report {
  const least = leastSeconds(setting);
  const rows = PROGRAMS.map(({ name }, at): Cell[] => {
    const middle = (of: (run: SwarmRun) => number): number => median((results[at] ?? []).map(of));
    return [
      name,
      middle((run) => run.lastSeconds),
      middle((run) => run.lastSeconds) / least,
      middle((run) => run.firstSeconds),
      middle((run) => run.sourceCopies),
      100 * middle((run) => run.uplinkUse),
      100 * middle((run) => run.othersShare),
    ];
  });
  const columns = [
    { name: '' },
    { name: 'last s', digits: 1 },
    { name: 'times the bound', digits: 2 },
    { name: 'first s', digits: 1 },
    { name: 'copies sent by the seeder', digits: 2 },
    { name: 'leecher uplinks used %' },
    { name: 'CPU taken by others %' },
  ];
  const name = `swarm-${String(setting.leechers)}${setting.seederUp === setting.up ? '' : '-asymmetric'}`;
  return {
    name,
    title: `${String(setting.leechers)} leechers`,
    setting: [`bound ${least.toFixed(2)} s`, `flow ${String(flow)}`, describeMachine()],
    columns,
    rows,
    notes: [],
    chart: { columns: ['times the bound'], axis: 'times the bound' },
  };
}

function counts(text: string): number[] {
  return text.split(',').map(positive);
}

function positive(text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < 1) throw new InvalidArgumentError('must be a whole number of at least 1');
  return value;
}
