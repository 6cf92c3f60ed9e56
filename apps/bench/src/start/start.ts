import { setTimeout as pause } from 'node:timers/promises';
import { InvalidArgumentError, type Command } from 'commander';
import { Sandbox, describeMachine, median, sha256OfFile, usageOf, writeSampleFile } from '@shoal/testbed';
import { inCompany, pickContenders } from '../company.ts';
import { compareCopies } from '../completion.ts';
import { openLoopback, type Loopback } from '../link/loopback.ts';
import type { Measurement, MeasurementOrder } from '../measurement.ts';
import type { Cell, Report } from '../report.ts';
import { RIVAL_PROGRAMS } from '../rivals/programs.ts';
import { inTurns } from '../rounds.ts';
import { SHOAL_BY_LINK, SHOAL_TRANSFER } from '../shoal-transfer.ts';
import { now, type SampleFile, type TransferProgram } from '../transfer-program.ts';
import { measureCommands } from './commands.ts';

const BYTES = 1024;
/** How long a process that has just started may take to come to rest. */
const SETTLE_MS = 1_000;
/** How long the leecher waits for somebody who has the file: longer than any start takes. */
const WAITING_MS = 4_000;
/** How long a leecher may take; some look for peers again only after minutes. */
const PATIENCE_MS = 60_000;

/** From nothing running to a copy of the smallest share, beside others that do so; and Shoal's other commands. */
export const START: Measurement = {
  name: 'start',
  summary: 'from the start of the processes to a copy of 1 KiB; what an idle seeder uses; how soon commands answer',
  options: (command: Command) =>
    command
      .option('--contenders <names>', 'only these, as in shoal,aria2')
      .option('--idle-seconds <number>', 'how long an idle seeder is watched', seconds, 5),
  run: async (order) => [await compareStarts(order), await measureCommands(order)],
};

async function compareStarts(order: MeasurementOrder): Promise<Report> {
  const programs = pickContenders([SHOAL_TRANSFER, SHOAL_BY_LINK, ...RIVAL_PROGRAMS], order.values.contenders);
  const company = await inCompany(programs);
  const machine = describeMachine();
  const place = await openLoopback(1);
  try {
    const results = await inTurns(company.present, order.runs, async (program) => {
      const result = await runOnce(program, place, Number(order.values.idleSeconds));
      order.print(`  ${program.name}: ready ${result.readyMs.toFixed(0)}, fetch ${result.fetchMs.toFixed(0)} ms`);
      return result;
    });
    return {
      name: 'start',
      title: 'Starting',
      setting: [
        `1 KiB, ${order.runs} runs each, in turns; medians. ${company.versions}`,
        'Ready: from the start of the seeder\u2019s process until its tracker knows of it. ' +
          'Fetch: from the start of the leecher\u2019s process until it has the file, verified. ' +
          'Waiting: a leecher waits; from the start of the seeder\u2019s process until the leecher has the file.',
        machine,
      ],
      columns: COLUMNS,
      rows: company.present.map(({ name }, at) => rowOf(name, results[at] ?? [])),
      notes: [...company.notes, `Waiting is given up after ${PATIENCE_MS / 1000} s and then not in the table.`],
      chart: { columns: ['ready ms', 'fetch ms', 'waiting ms'], axis: 'ms' },
    };
  } finally {
    await place.clear();
  }
}

/** One run of one program. */
interface Start {
  readonly readyMs: number;
  readonly fetchMs: number;
  readonly waitingMs: number;
  /** Memory of its own that the seeder holds when nothing happens, and the part of a core that it takes. */
  readonly idleBytes: number;
  readonly idleShare: number;
}

async function runOnce(program: TransferProgram, place: Loopback, idleSeconds: number): Promise<Start> {
  const sandbox = await Sandbox.create();
  try {
    const path = `${sandbox.root}/sample/sample.bin`;
    await writeSampleFile(path, BYTES);
    const file: SampleFile = { path, bytes: BYTES, sha256: await sha256OfFile(path) };
    const [leecher] = place.leechers;
    if (leecher === undefined) throw new Error('invariant: there is a place for a leecher');
    const seeder = await program.seed({ sandbox, file, meeting: place.meeting, seeder: place.seeder });
    const first = await seeder.fetch(leecher, 'at once');
    const fetchMs = (await first.complete) - first.startedAt;
    await compareCopies([first], file);
    await first.program.end();
    const idle = await watchIdle(seeder.program.pid, idleSeconds);
    await seeder.program.end();

    const waiting = await seeder.fetch({ ...leecher, name: `${leecher.name}-waiting` }, 'at once');
    await pause(WAITING_MS);
    const began = now();
    const complete = Promise.race([waiting.complete, pause(PATIENCE_MS, NaN, { ref: false })]);
    const second = await seeder.again();
    const readyMs = now() - began;
    const waitingMs = (await complete) - began;
    await Promise.all([second.end(), waiting.program.end()]);
    return { readyMs, fetchMs, waitingMs, ...idle };
  } finally {
    await sandbox.clear();
  }
}

/** @param pid of a seeder to which nobody is linked any more */
async function watchIdle(pid: number, idleSeconds: number): Promise<Pick<Start, 'idleBytes' | 'idleShare'>> {
  await pause(SETTLE_MS);
  const before = usageOf(pid)?.cpuMilliseconds ?? NaN;
  await pause(1000 * idleSeconds);
  const after = usageOf(pid);
  const idleShare = ((after?.cpuMilliseconds ?? NaN) - before) / (1000 * idleSeconds);
  return { idleBytes: after?.anonymousBytes ?? NaN, idleShare };
}

const COLUMNS = [
  { name: '' },
  ...['ready ms', 'fetch ms', 'waiting ms', 'idle MiB'].map((name) => ({ name })),
  { name: 'idle CPU %', digits: 1 },
];

function rowOf(name: string, starts: readonly Start[]): Cell[] {
  const of = (value: (start: Start) => number): number =>
    median(starts.map(value).filter((each) => !Number.isNaN(each)));
  return [
    name,
    of(({ readyMs }) => readyMs),
    of(({ fetchMs }) => fetchMs),
    of(({ waitingMs }) => waitingMs),
    of(({ idleBytes }) => idleBytes / 1024 ** 2),
    of(({ idleShare }) => 100 * idleShare),
  ];
}

function seconds(text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < 1) throw new InvalidArgumentError('must be a whole number of at least 1');
  return value;
}
