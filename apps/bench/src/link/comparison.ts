import { InvalidArgumentError, type Command } from 'commander';
import { Sandbox, describeMachine, median, sha256OfFile, writeSampleFile } from '@shoal/testbed';
import { inCompany, pickContenders } from '../company.ts';
import { Faults } from '../faults.ts';
import type { MeasurementOrder } from '../measurement.ts';
import type { Cell, Report } from '../report.ts';
import { inTurns } from '../rounds.ts';
import type { SampleFile } from '../transfer-program.ts';
import type { Contender, Passage } from './contender.ts';
import { openLoopback, type Loopback } from './loopback.ts';

const MiB = 1024 ** 2;
const FROM_ZERO =
  'The time runs from the start of the first leecher\u2019s process, or from the order where it is running already, until ' +
  'the last copy was complete and verified, by the program\u2019s own account; the copies are then compared with the original.';

/** What is compared. */
export interface Comparison {
  readonly name: string;
  readonly title: string;
  readonly leechers: number;
  readonly contenders: readonly Contender[];
}

/** Declares `--mebibytes` and `--contenders`. */
export function bytesOption(command: Command, mebibytes: number): Command {
  return command
    .option('--mebibytes <number>', 'size of the file', positive, mebibytes)
    .option('--contenders <names>', 'only these, as in shoal,aria2');
}

/** Lets all contenders that are installed move one file in turns, and draws up what came out. */
export async function compareTransfers(order: MeasurementOrder, comparison: Comparison): Promise<Report[]> {
  const { name, title, leechers } = comparison;
  const bytes = Number(order.values.mebibytes) * MiB;
  const machine = describeMachine();
  const place = await openLoopback(leechers);
  const able = comparison.contenders.filter((each) => place.isOrdinary || each.needsOrdinaryAddresses !== true);
  const faults = new Faults(order.print);
  const sandbox = await Sandbox.create();
  try {
    const company = await inCompany(pickContenders(able, order.values.contenders));
    const path = `${sandbox.root}/sample.bin`;
    await writeSampleFile(path, bytes);
    const file: SampleFile = { path, bytes, sha256: await sha256OfFile(path) };
    const turns = await inTurns(company.present, order.runs, (contender) =>
      faults.attempt(contender.name, async () => {
        const passage = await contender.run(file, place);
        order.print(`  ${contender.name}: ${(passage.milliseconds / 1000).toFixed(2)} s`);
        return passage;
      }),
    );
    const what = `${(bytes / 1e6).toFixed(0)} MB to ${leechers}, ${order.runs} runs each, in turns; medians.`;
    const setting = [what, FROM_ZERO, addressing(place), company.versions, machine];
    const rows = company.present.map((contender, at) => rowOf(contender, (turns[at] ?? []).flat(), bytes * leechers));
    const chart = { columns: ['MB/s'], axis: 'MB/s, all copies together' };
    return [{ name, title, setting, columns: COLUMNS, rows, notes: [...company.notes, ...faults.notes], chart }];
  } finally {
    await sandbox.clear();
    await place.clear();
  }
}

const COLUMNS = [
  { name: '' },
  { name: 's', digits: 2 },
  { name: 'MB/s' },
  { name: 'leecher CPU s/GB', digits: 2 },
  { name: 'seeder CPU s/GB', digits: 2 },
  { name: 'leecher peak MiB' },
  { name: 'of it anonymous' },
  { name: 'seeder peak MiB' },
  { name: 'of it anonymous' },
  { name: 'CPU taken by others %' },
];

function rowOf({ name }: Contender, passages: readonly Passage[], bytes: number): Cell[] {
  const middle = (of: (passage: Passage) => number | undefined): number =>
    median(passages.flatMap((one) => of(one) ?? []));
  const largest = (of: (passage: Passage) => number | undefined): number | undefined => {
    const known = passages.flatMap((one) => of(one) ?? []);
    return known.length === 0 ? undefined : Math.max(...known) / MiB;
  };
  const milliseconds = middle((one) => one.milliseconds);
  return [
    name,
    milliseconds / 1000,
    bytes / 1000 / milliseconds,
    (1e6 * middle((one) => one.receivers?.cpuMilliseconds)) / bytes,
    (1e6 * middle((one) => one.sender?.cpuMilliseconds)) / bytes,
    largest((one) => one.receivers?.peakResidentBytes),
    largest((one) => one.receivers?.peakAnonymousBytes),
    largest((one) => one.sender?.peakResidentBytes),
    largest((one) => one.sender?.peakAnonymousBytes),
    100 * middle((one) => one.othersShare),
  ];
}

function addressing({ isOrdinary }: Loopback): string {
  return isOrdinary
    ? 'All addresses are of one loopback, in a network namespace of its own.'
    : 'All addresses are of 127.0.0.0/8 (as root they would be ordinary ones; Transmission dials nobody there).';
}

function positive(text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < 1) throw new InvalidArgumentError('must be a whole number of at least 1');
  return value;
}
