import { fork } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import type { Battery, BatteryOrder, Extent } from '../battery.ts';
import { atMost, fact, type Figure } from '../figure.ts';
import type { FuzzOrder, FuzzReport } from './fuzz-process.ts';
import { PARSERS, type ParserName } from './parsers.ts';

const MINUTE_MS = 60_000;
const EACH_MS: Readonly<Record<Extent, number>> = { quick: MINUTE_MS, full: 5 * MINUTE_MS, nightly: 60 * MINUTE_MS };
/** What starting, shrinking and a busy machine may take besides; whoever says nothing then hangs. */
const GRACE_MS = 120_000;
const HANG_MS = 100;
/** A call of so long is a hang on any machine. */
const SURE_HANG_MS = 2_000;
const MOST_GROWN_MEBIBYTES = 64;
const MEBIBYTE = 1024 ** 2;

/** The four parsers of what others write, fed with what was made of a corpus by chance. */
export const FUZZ: Battery = {
  name: 'fuzz',
  summary:
    'feeds the parsers of metainfo, peer frames, tracker messages and have-maps with what chance makes of a corpus',
  run: async (order) => {
    const names = (Object.keys(PARSERS) as ParserName[]).filter((name) => name.includes(order.only ?? ''));
    const figures: Figure[] = [];
    while (names.length > 0) {
      const together = names.splice(0, Math.max(1, availableParallelism()));
      figures.push(...(await Promise.all(together.map((parser) => fuzz(parser, order)))).flat());
    }
    return figures;
  },
};

async function fuzz(parser: ParserName, { extent, seed, print }: BatteryOrder): Promise<readonly Figure[]> {
  const report = await feedApart({ parser, seed, forMs: EACH_MS[extent] });
  if (report === undefined) {
    return [fact(`${parser}: answers`, { demand: 'every input', seen: 'a hang or a crash', holds: false })];
  }
  if (report.failure !== undefined) print(`${parser}: ${report.failure.what}\n${report.failure.input}`);
  return figuresOf(report);
}

function figuresOf({ parser, inputs, accepted, slowestMs, grownBytes, failure }: FuzzReport): readonly Figure[] {
  const found = failure === undefined ? '0' : `1: ${failure.what}, by ${failure.input.slice(0, 200)} in base64`;
  const slowest = { what: `${parser}: longest call, in processor time`, unit: 'ms', seen: slowestMs };
  return [
    fact(`${parser}: inputs that end in anything but a refusal or what reads the same again`, {
      demand: '0',
      seen: `${found} of ${inputs}, of which ${accepted} were accepted`,
      holds: failure === undefined && accepted > 0,
    }),
    atMost({ ...slowest, limit: HANG_MS, isTiming: true }),
    atMost({ ...slowest, limit: SURE_HANG_MS, isTiming: false }),
    atMost({
      what: `${parser}: growth of the heap after it was warm`,
      unit: 'MiB',
      limit: MOST_GROWN_MEBIBYTES,
      seen: grownBytes / MEBIBYTE,
      isTiming: false,
    }),
  ];
}

/** Undefined when the process said nothing in time, or died. */
function feedApart(order: FuzzOrder): Promise<FuzzReport | undefined> {
  const execArgv = ['--import', 'tsx', '--expose-gc'];
  const child = fork(join(import.meta.dirname, 'fuzz-process.ts'), { execArgv });
  const hang = setTimeout(() => child.kill('SIGKILL'), order.forMs + GRACE_MS);
  return new Promise((resolve, reject) => {
    child.once('message', (report) => {
      resolve(report as FuzzReport);
    });
    child.once('error', reject);
    child.once('exit', () => {
      clearTimeout(hang);
      resolve(undefined);
    });
    child.send(order);
  });
}
