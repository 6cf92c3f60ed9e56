import { InvalidArgumentError } from 'commander';
import { Sandbox, sha256OfFile, writeSampleFile } from '@shoal/testbed';
import type { Contender, Passage, SampleFile } from './contender.ts';
import { describeMachine } from './machine.ts';
import type { Measurement } from './measurement.ts';
import { plainTcp } from './plain-tcp.ts';
import type { Cell } from './report.ts';
import { inTurns } from './rounds.ts';
import { SHOAL } from './shoal.ts';
import { median } from './statistics.ts';

/** The yardstick comes first: ratios are to it. */
const CONTENDERS: readonly Contender[] = [
  plainTcp('plain TCP', 'no sync'),
  plainTcp('plain TCP, flushed to disk', 'sync'),
  SHOAL,
];

/** One file from one process to another over loopback, everybody in turns. */
export const LINK: Measurement = {
  name: 'link',
  summary: 'one file from one process to another over loopback',
  options: (command) => command.option('--mebibytes <number>', 'size of the file', mebibytes, 1024),
  async run({ runs, values, print }) {
    const bytes = Number(values.mebibytes) * 1024 ** 2;
    const setting = [
      `${(bytes / 1e6).toFixed(0)} MB, ${String(runs)} runs each, in turns; medians.`,
      describeMachine(),
    ];
    const sandbox = await Sandbox.create();
    try {
      const path = `${sandbox.root}/sample.bin`;
      await writeSampleFile(path, bytes);
      const file: SampleFile = { path, bytes, sha256: await sha256OfFile(path) };
      const passages = await inTurns(CONTENDERS, runs, async (contender) => {
        const passage = await contender.run(file);
        print(`  ${contender.name}: ${rateOf(bytes, passage).toFixed(0)} MB/s`);
        return passage;
      });
      return [{ name: 'link', title: 'One link', setting, ...tableOf(bytes, passages), notes: [] }];
    } finally {
      await sandbox.clear();
    }
  },
};

function tableOf(bytes: number, passages: readonly (readonly Passage[])[]) {
  const medians = passages.map((all) => median(all.map((passage) => rateOf(bytes, passage))));
  const yardstick = medians[0] ?? NaN;
  const rows = CONTENDERS.map(({ name }, at): Cell[] => {
    const rate = medians[at] ?? NaN;
    const all = passages[at] ?? [];
    const sender = largestMebibytes(all.map(({ senderPeakBytes }) => senderPeakBytes));
    const receiver = largestMebibytes(all.map(({ receiverPeakBytes }) => receiverPeakBytes));
    return [name, rate, rate / yardstick, sender, receiver];
  });
  const ratio = { name: 'ratio', digits: 2 };
  const columns = [{ name: '' }, { name: 'MB/s' }, ratio, { name: 'sender peak MiB' }, { name: 'receiver peak MiB' }];
  return { columns, rows, chart: { columns: ['MB/s'], axis: 'MB/s' } };
}

function rateOf(bytes: number, { milliseconds }: Passage): number {
  return bytes / 1e3 / milliseconds;
}

function largestMebibytes(values: readonly (number | undefined)[]): number | undefined {
  const known = values.filter((value) => value !== undefined);
  return known.length === 0 ? undefined : Math.max(...known) / 1024 ** 2;
}

function mebibytes(text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < 1) throw new InvalidArgumentError('must be a whole number of at least 1');
  return value;
}
