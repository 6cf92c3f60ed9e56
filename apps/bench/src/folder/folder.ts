import { Sandbox, describeMachine, median, writeSampleFile, writeSmallFiles } from '@shoal/testbed';
import { inCompany, pickContenders } from '../company.ts';
import { sha256OfSample } from '../completion.ts';
import type { Contender, Passage } from '../link/contender.ts';
import { openLoopback } from '../link/loopback.ts';
import { transferBy } from '../link/transfer.ts';
import type { Measurement, MeasurementOrder } from '../measurement.ts';
import type { Cell, Report } from '../report.ts';
import { RIVAL_PROGRAMS } from '../rivals/programs.ts';
import { inTurns } from '../rounds.ts';
import { SHOAL_TRANSFER } from '../shoal-transfer.ts';
import type { SampleFile } from '../transfer-program.ts';

const FILES = 10_000;
const FILE_BYTES = 10 * 1024;
const BYTES = FILES * FILE_BYTES;

/** A folder of many small files and one file of the same size, each by everybody in turns. */
export const FOLDER: Measurement = {
  name: 'folder',
  summary: '10,000 files of 10 KiB against one file of the same size',
  options: (command) => command.option('--contenders <names>', 'only these, as in shoal,aria2'),
  async run(order) {
    const made: Sandbox[] = [];
    const company = await inCompany(pickContenders(contendersThatLeave(made), order.values.contenders));
    const machine = describeMachine();
    const { folder, file } = await compare(company.present, order).finally(() => clearAll(made));
    const rows = company.present.map(({ name }, at) => rowOf(name, folder[at] ?? [], file[at] ?? []));
    const setting = [
      `${FILES} files of ${FILE_BYTES} bytes, a hundred to a folder, and one file of as many bytes, from one process to another over loopback.`,
      `${order.runs} runs each, in turns; medians.`,
      'The time runs from the order, or from the start of a process that cannot wait for one, until all is verified.',
      'Only Shoal also makes all of it durable by then. The copies are compared with the originals.',
      company.versions,
      machine,
    ];
    const notes = [
      ...company.notes,
      'What was made is deleted after the last run: ext4 makes files slowly for a while after many were deleted.',
    ];
    const chart = { columns: ['folder MB/s', 'file MB/s'], axis: 'MB/s' };
    return [
      { name: 'folder', title: 'Many small files', setting, columns: COLUMNS, rows, notes, chart },
    ] satisfies Report[];
  },
};

/**
 * Who can run before the order does; a process that starts would be half of the time of the single file.
 * @param made where they put what they made, for somebody to delete later
 */
function contendersThatLeave(made: Sandbox[]): Contender[] {
  const keep = async (sandbox: Sandbox): Promise<void> => {
    made.push(sandbox);
    await sandbox.endPrograms();
  };
  return [SHOAL_TRANSFER, ...RIVAL_PROGRAMS].map((program) =>
    transferBy(program, program.standsBy ? 'on order' : 'at once', keep),
  );
}

async function clearAll(made: readonly Sandbox[]): Promise<void> {
  for (const sandbox of made) await sandbox.clear();
}

const COLUMNS = [
  { name: '' },
  { name: 'folder MB/s' },
  { name: 'file MB/s' },
  { name: 'folder / file', digits: 2 },
  { name: 'folder: leecher CPU s', digits: 2 },
  { name: 'seeder CPU s', digits: 2 },
  { name: 'leecher peak MiB' },
  { name: 'seeder peak MiB' },
  { name: 'file: leecher CPU s', digits: 2 },
  { name: 'seeder CPU s ', digits: 2 },
  { name: 'CPU taken by others %' },
];

async function compare(contenders: readonly Contender[], { runs, print }: MeasurementOrder) {
  const place = await openLoopback(1);
  const sandbox = await Sandbox.create();
  try {
    const [many, one] = [`${sandbox.root}/many`, `${sandbox.root}/one.bin`];
    await writeSmallFiles(many, FILES, FILE_BYTES);
    await writeSampleFile(one, BYTES);
    const samples = [await sampleAt(many), await sampleAt(one)];
    const turns = contenders.flatMap((contender) => samples.map((sample) => ({ contender, sample })));
    const passages = await inTurns(turns, runs, async ({ contender, sample }) => {
      const passage = await contender.run(sample, place);
      const what = sample.path === many ? 'folder' : 'file';
      print(`  ${contender.name}, ${what}: ${(passage.milliseconds / 1000).toFixed(2)} s`);
      return passage;
    });
    return { folder: passages.filter((_, at) => at % 2 === 0), file: passages.filter((_, at) => at % 2 === 1) };
  } finally {
    await sandbox.clear();
    await place.clear();
  }
}

async function sampleAt(path: string): Promise<SampleFile> {
  return { path, bytes: BYTES, sha256: await sha256OfSample(path) };
}

function rowOf(name: string, folder: readonly Passage[], file: readonly Passage[]): Cell[] {
  const middle = (passages: readonly Passage[], of: (passage: Passage) => number | undefined): number =>
    median(passages.flatMap((one) => of(one) ?? []));
  const rate = (passages: readonly Passage[]): number => BYTES / 1000 / middle(passages, (one) => one.milliseconds);
  const seconds = (passages: readonly Passage[], side: 'sender' | 'receivers'): number =>
    middle(passages, (one) => one[side]?.cpuMilliseconds) / 1000;
  const peak = (side: 'sender' | 'receivers'): number =>
    middle(folder, (one) => one[side]?.peakResidentBytes) / 1024 ** 2;
  return [
    name,
    rate(folder),
    rate(file),
    rate(folder) / rate(file),
    seconds(folder, 'receivers'),
    seconds(folder, 'sender'),
    peak('receivers'),
    peak('sender'),
    seconds(file, 'receivers'),
    seconds(file, 'sender'),
    100 * middle([...folder, ...file], (one) => one.othersShare),
  ];
}
