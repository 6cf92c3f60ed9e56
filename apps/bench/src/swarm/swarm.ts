import { InvalidArgumentError } from 'commander';
import { NetworkLab, Sandbox, sha256OfFile, writeSampleFile } from '@shoal/testbed';
import { inCompany, pickContenders, type Company } from '../company.ts';
import { Faults } from '../faults.ts';
import type { Measurement, MeasurementOrder } from '../measurement.ts';
import { RIVAL_PROGRAMS, SUPER_SEEDER } from '../rivals/programs.ts';
import { inTurns } from '../rounds.ts';
import { SHOAL_TRANSFER } from '../shoal-transfer.ts';
import type { SampleFile, TransferProgram } from '../transfer-program.ts';
import { leastSeconds, type SwarmSetting } from './bound.ts';
import { reportsOf, type SwarmTrial } from './tables.ts';
import { buildTown, plainFlow } from './town.ts';
import { swarmOnce, type SwarmRun } from './trial.ts';

const MEGABIT = 1e6;
const PROGRAMS: readonly TransferProgram[] = [SHOAL_TRANSFER, ...RIVAL_PROGRAMS, SUPER_SEEDER];

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
    const company = await inCompany(pickContenders(PROGRAMS, order.values.contenders));
    const sandbox = await Sandbox.create();
    try {
      const path = `${sandbox.root}/sample.bin`;
      const bytes = Number(order.values.mebibytes) * 1024 ** 2;
      await writeSampleFile(path, bytes);
      const file: SampleFile = { path, bytes, sha256: await sha256OfFile(path) };
      const trials: SwarmTrial[] = [];
      for (const leechers of countsIn(order.values.leechers)) {
        trials.push(await measure(settingOf(order.values, bytes, leechers), company, file, order));
      }
      return reportsOf(trials, company, order.runs);
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

async function measure(
  setting: SwarmSetting,
  { present }: Company<TransferProgram>,
  file: SampleFile,
  { runs, print }: MeasurementOrder,
): Promise<SwarmTrial> {
  const town = await buildTown(setting);
  try {
    const [first] = town.leechers;
    const flow = first && (await plainFlow(town.seeder, first));
    print(`${setting.leechers} leechers; at least ${leastSeconds(setting).toFixed(1)} s`);
    const faults = new Faults(print);
    const measureOne = async (program: TransferProgram): Promise<SwarmRun> => {
      const run = await swarmOnce(program, town, file, setting);
      const ratio = (run.lastSeconds / leastSeconds(setting)).toFixed(2);
      print(
        `  ${program.name}: ${ratio} times the bound, ${(100 * run.othersShare).toFixed(0)} % of the CPU taken by others`,
      );
      return run;
    };
    const turns = await inTurns(present, runs, (program) => faults.attempt(program.name, () => measureOne(program)));
    return { setting, flow, results: turns.map((runs) => runs.flat()), notes: faults.notes };
  } finally {
    await town.clear();
  }
}

function countsIn(value: unknown): number[] {
  if (!Array.isArray(value)) throw new Error('invariant: --leechers was parsed');
  return value.map(Number);
}

function counts(text: string): number[] {
  return text.split(',').map(positive);
}

function positive(text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < 1) throw new InvalidArgumentError('must be a whole number of at least 1');
  return value;
}
