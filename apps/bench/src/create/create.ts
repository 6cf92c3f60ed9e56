import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Command } from 'commander';
import { choosePieceLength } from '@shoal/protocol';
import {
  Sandbox,
  describeMachine,
  median,
  sha256OfFile,
  sha256OfTree,
  writeSampleFile,
  writeSmallFiles,
} from '@shoal/testbed';
import { inCompany, pickContenders } from '../company.ts';
import type { Measurement, MeasurementOrder } from '../measurement.ts';
import type { Cell, Report } from '../report.ts';
import { inTurns } from '../rounds.ts';
import { systemProgram } from '../rivals/installed.ts';
import { MAKERS, type Maker, type Source } from './makers.ts';

const execute = promisify(execFile);
const GiB = 1024 ** 3;
const [FILES, FILE_BYTES] = [10_000, 10 * 1024];
/** GNU time: CPU seconds of user and system, largest resident KiB. */
const TIME_FORMAT = '%U %S %M';

/** What is described by a `.torrent`. */
interface Sample {
  readonly name: string;
  readonly title: string;
  readonly bytes: number;
  readonly isFolder: boolean;
  readonly write: (path: string) => Promise<void>;
}

const SAMPLES: readonly Sample[] = [
  ...[1, 4].map((size) => ({
    name: `create-${size}-gib`,
    title: `Making the .torrent of one file of ${size} GiB`,
    bytes: size * GiB,
    isFolder: false,
    write: (path: string) => writeSampleFile(path, size * GiB),
  })),
  {
    name: 'create-folder',
    title: 'Making the .torrent of 10,000 files of 10 KiB',
    bytes: FILES * FILE_BYTES,
    isFolder: true,
    write: (path) => writeSmallFiles(path, FILES, FILE_BYTES),
  },
];

/** Making a `.torrent` of one large file and of many small ones, beside others that do so. */
export const CREATE: Measurement = {
  name: 'create',
  summary: 'hashing a large file and a folder of small ones, beside other makers of .torrent files',
  options: (command: Command) =>
    command
      .option('--contenders <names>', 'only these, as in shoal,mktorrent')
      .option('--samples <names>', 'only these, as in create-1-gib,create-folder'),
  async run(order) {
    const company = await inCompany(pickContenders(MAKERS, order.values.contenders));
    const reports: Report[] = [];
    for (const sample of pickContenders(SAMPLES, order.values.samples)) {
      const table = await compare(sample, company.present, order);
      const setting = [
        `${(sample.bytes / 1e6).toFixed(0)} MB, ${order.runs} runs each, in turns; medians.`,
        'From the start of the process to its end, the files in memory; pieces of the same length for all.',
        company.versions,
        table.machine,
      ];
      const { name, title } = sample;
      const chart = { columns: ['MB/s'], axis: 'MB/s' };
      reports.push({ name, title, setting, columns: columnsOf(sample), rows: table.rows, notes: company.notes, chart });
    }
    return reports;
  },
};

async function compare(sample: Sample, all: readonly Maker[], { runs, print }: MeasurementOrder) {
  const sandbox = await Sandbox.create();
  try {
    const path = `${sandbox.root}/sample`;
    await sample.write(path);
    await (sample.isFolder ? sha256OfTree(path) : sha256OfFile(path));
    await execute('sync');
    const source = { path, isFolder: sample.isFolder, pieceBytes: choosePieceLength(sample.bytes) };
    const makers = all.filter((maker) => maker.command({ ...source, outFolder: '' }) !== undefined);
    const machine = describeMachine();
    const works = await inTurns(makers, runs, async (maker, run) => {
      const outFolder = await sandbox.folder(`out-${makers.indexOf(maker)}-${run}`);
      const work = await make(maker, { ...source, outFolder });
      print(`  ${maker.name}: ${work.seconds.toFixed(3)} s`);
      return work;
    });
    const yardstick = median((works[0] ?? []).map(({ seconds }) => seconds));
    return { machine, rows: makers.map((maker, at) => rowOf(maker, works[at] ?? [], { sample, yardstick })) };
  } finally {
    await sandbox.clear();
  }
}

/** One run of one maker. */
interface Work {
  readonly seconds: number;
  /** Undefined where GNU time is not installed. */
  readonly cpuSeconds: number | undefined;
  readonly peakBytes: number | undefined;
}

async function make(maker: Maker, source: Source): Promise<Work> {
  const { outFolder } = source;
  const usage = join(outFolder, 'usage');
  const time = systemProgram('time');
  const timed = time === undefined ? [] : [time, '-f', TIME_FORMAT, '-o', usage];
  const [file = '', ...args] = [...timed, ...(maker.command(source) ?? [])];
  const env = { PATH: process.env.PATH ?? '', HOME: outFolder, SHOAL_HOME: outFolder };
  const begin = performance.now();
  await execute(file, args, { cwd: outFolder, env });
  const seconds = (performance.now() - begin) / 1000;
  if (time === undefined) return { seconds, cpuSeconds: undefined, peakBytes: undefined };
  const [user = NaN, system = NaN, kibibytes = NaN] = (await readFile(usage, 'utf8')).trim().split(' ').map(Number);
  return { seconds, cpuSeconds: user + system, peakBytes: kibibytes * 1024 };
}

function columnsOf({ isFolder }: Sample) {
  const ratio = { name: isFolder ? 'ratio to mktorrent -t 2' : 'ratio to openssl', digits: 2 };
  const seconds = [
    { name: 's', digits: 3 },
    { name: 'CPU s', digits: 2 },
  ];
  return [{ name: '' }, { name: 'takes' }, { name: 'MB/s' }, ratio, ...seconds, { name: 'peak MiB' }];
}

function rowOf(
  maker: Maker,
  works: readonly Work[],
  { sample, yardstick }: { sample: Sample; yardstick: number },
): Cell[] {
  const seconds = median(works.map((work) => work.seconds));
  const cpu = median(works.map(({ cpuSeconds }) => cpuSeconds ?? NaN));
  const peak = median(works.map(({ peakBytes }) => peakBytes ?? NaN)) / 1024 ** 2;
  return [maker.name, maker.digests, sample.bytes / 1e6 / seconds, yardstick / seconds, seconds, cpu, peak];
}
