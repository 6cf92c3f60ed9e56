import { availableParallelism, loadavg } from 'node:os';
import { Sandbox, sha256OfFile, writeSampleFile } from '@shoal/testbed';
import { race, type Contender, type Passage } from './contender.ts';
import { plainTcp } from './plain-tcp.ts';
import { SHOAL } from './shoal.ts';
import { formatTable, mebibytes, megabytes, median } from './statistics.ts';

/** The yardstick comes first: ratios are to it. */
const CONTENDERS: readonly Contender[] = [
  plainTcp('plain TCP', 'no sync'),
  plainTcp('plain TCP, flushed to disk', 'sync'),
  SHOAL,
];

/** What a measurement is asked to do. */
export interface LinkOptions {
  readonly bytes: number;
  readonly runs: number;
  readonly print: (text: string) => void;
}

/** One file from one process to another over loopback, Shoal and plain TCP in turns. */
export async function measureLink({ bytes, runs, print }: LinkOptions): Promise<void> {
  const sandbox = await Sandbox.create();
  try {
    const path = `${sandbox.root}/sample.bin`;
    await writeSampleFile(path, bytes);
    const file = { path, bytes, sha256: await sha256OfFile(path) };
    print(`Load of the machine before: ${loadavg()[0]?.toFixed(1) ?? 'unknown'} on ${availableParallelism()} cores.`);
    print(`${megabytes(bytes)} MB from one Node process to another over loopback, ${runs} runs each, in turns:`);
    const onPassage = ({ name }: Contender, passage: Passage): void => {
      print(`  ${name}: ${rateOf(bytes, passage).toFixed(0)} MB/s`);
    };
    const passages = await race(CONTENDERS, file, { runs, onPassage });
    print(`\n${tableOf(bytes, passages)}`);
  } finally {
    await sandbox.clear();
  }
}

function tableOf(bytes: number, passages: readonly (readonly Passage[])[]): string {
  const medians = passages.map((all) => median(all.map((passage) => rateOf(bytes, passage))));
  const yardstick = medians[0] ?? NaN;
  const rows = CONTENDERS.map(({ name }, index) => {
    const rate = medians[index] ?? NaN;
    const all = passages[index] ?? [];
    return [
      name,
      rate.toFixed(0),
      (rate / yardstick).toFixed(2),
      mebibytes(largest(all.map(({ senderPeakBytes }) => senderPeakBytes))),
      mebibytes(largest(all.map(({ receiverPeakBytes }) => receiverPeakBytes))),
    ];
  });
  return formatTable([['', 'MB/s (median)', 'ratio', 'sender peak MiB', 'receiver peak MiB'], ...rows]);
}

function rateOf(bytes: number, { milliseconds }: Passage): number {
  return bytes / 1e3 / milliseconds;
}

function largest(values: readonly (number | undefined)[]): number | undefined {
  const known = values.filter((value) => value !== undefined);
  return known.length === 0 ? undefined : Math.max(...known);
}
