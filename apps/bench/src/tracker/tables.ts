/** What the runs found out, as reports: medians of all runs, latencies of all arrivals. */
import { median, quantile } from '@shoal/testbed';
import type { Cell, Report } from '../report.ts';
import type { WriteBehindFigures } from './durable.ts';
import type { CostedResult, HttpFigures } from './http.ts';
import type { Intervals, PushFigures, SessionFigures } from './parts.ts';
import type { SessionRound } from './sessions.ts';

/** What stands around a table. */
type Frame = Pick<Report, 'setting' | 'notes'>;

/** A contender and all of its runs. */
export interface Runs<T> {
  readonly name: string;
  readonly runs: readonly T[];
}

const twoDigits = { digits: 2 };

function medianOf<T>(runs: readonly T[], read: (run: T) => number): number {
  return median(runs.map(read));
}

/** Announces by HTTP. */
export function httpReport(all: readonly Runs<HttpFigures>[], frame: Frame): Report {
  const perSecond = (name: string): number => {
    const found = all.find((one) => one.name === name);
    return found === undefined ? NaN : medianOf(found.runs, ({ kept }) => kept.perSecond);
  };
  const rows = all.map(({ name, runs }): Cell[] => {
    const rate = medianOf(runs, ({ kept }) => kept.perSecond);
    return [
      name,
      rate,
      rate / perSecond('bittorrent-tracker'),
      rate / perSecond('bare Express route'),
      medianOf(runs, ({ kept }) => kept.p50Ms),
      medianOf(runs, ({ kept }) => kept.p99Ms),
      medianOf(runs, ({ kept }) => kept.cpuMsPerThousand),
      medianOf(runs, ({ closed }) => closed.perSecond),
      medianOf(runs, ({ single }) => single.perSecond),
    ];
  });
  const columns = [
    { name: '' },
    { name: 'announces/s' },
    { name: 'of bittorrent-tracker', ...twoDigits },
    { name: 'of bare Express', ...twoDigits },
    { name: 'p50 ms', ...twoDigits },
    { name: 'p99 ms', ...twoDigits },
    { name: 'CPU ms per 1,000', digits: 1 },
    { name: 'each its own connection/s' },
    { name: 'one at a time/s' },
  ];
  const chart = { columns: ['announces/s'], axis: 'announces/s' };
  return { name: 'tracker-http', title: 'Announces by HTTP', ...frame, columns, rows, chart };
}

/** Announces over sessions. */
export function sessionReport(all: readonly Runs<SessionFigures>[], frame: Frame): Report {
  const rounds: { name: string; of: string; rounds: readonly SessionRound[] }[] = all.flatMap(({ name, runs }) => [
    { name: `${name}, entering`, of: 'entering', rounds: runs.map(({ entering }) => entering) },
    { name: `${name}, again`, of: 'again', rounds: runs.flatMap(({ confirming }) => confirming) },
    { name: `${name}, further`, of: 'again', rounds: runs.flatMap(({ progress }) => progress) },
  ]);
  const present = rounds.filter((row) => row.rounds.length > 0);
  const rateOf = (name: string): number => {
    const found = present.find((row) => row.name === name);
    return found === undefined ? NaN : medianOf(found.rounds, ({ swarmsPerSecond }) => swarmsPerSecond);
  };
  const rows = present.map((row): Cell[] => [
    row.name,
    rateOf(row.name),
    rateOf(row.name) / rateOf(`bittorrent-tracker, ${row.of}`),
    medianOf(row.rounds, ({ cpuMsPerThousand }) => cpuMsPerThousand),
    medianOf(row.rounds, ({ loadCpuShare }) => loadCpuShare),
  ]);
  const columns = [
    { name: '' },
    { name: 'swarm announces/s' },
    { name: 'of bittorrent-tracker', digits: 1 },
    { name: 'CPU ms per 1,000', digits: 1 },
    { name: 'cores of the load', ...twoDigits },
  ];
  return { name: 'tracker-sessions', title: 'Announces over WebSockets', ...frame, columns, rows };
}

/** Resident memory with and without 100,000 peers. */
export function memoryReport(
  way: 'http' | 'sessions',
  all: readonly Runs<Pick<HttpFigures, 'idleMebibytes' | 'fullMebibytes'>>[],
  frame: Frame,
): Report {
  const rows = all.map(({ name, runs }): Cell[] => [
    name,
    medianOf(runs, ({ idleMebibytes }) => idleMebibytes),
    medianOf(runs, ({ fullMebibytes }) => fullMebibytes),
    medianOf(runs, ({ idleMebibytes, fullMebibytes }) => fullMebibytes - idleMebibytes),
  ]);
  const columns = [{ name: '' }, { name: 'idle MiB' }, { name: 'full MiB' }, { name: 'MiB per 100,000 peers' }];
  const chart = { columns: ['MiB per 100,000 peers'], axis: 'MiB' };
  return { name: `tracker-memory-${way}`, title: 'Memory of 100,000 peers', ...frame, columns, rows, chart };
}

/** How soon a waiting leecher hears of a seeder. */
export function pushReport(runs: readonly PushFigures[], intervals: readonly Intervals[], frame: Frame): Report {
  const pushed = (name: string, read: (run: PushFigures) => readonly number[]): Cell[] => {
    const times = runs.flatMap(read);
    return [name, quantile(times, 0.5), quantile(times, 0.99), Math.max(...times)];
  };
  const rows = [
    pushed('1,000 wait in one swarm', ({ oneSwarm }) => oneSwarm),
    pushed('10 wait in each of 100', ({ manySwarms }) => manySwarms),
    pushed('the same, in a storm of announces', ({ inStorm }) => inStorm),
    pushed('the same, the seeder connects', ({ connecting }) => connecting),
    // Whoever asks every so often waits for half of it in the middle, and for all of it at worst.
    ...intervals.map(({ name, seconds }): Cell[] => [
      `${name}: asks every ${seconds} s`,
      seconds * 500,
      seconds * 990,
      seconds * 1_000,
    ]),
  ];
  const columns = [
    { name: '' },
    { name: 'p50 ms', digits: 1 },
    { name: 'p99 ms', digits: 1 },
    { name: 'longest ms', digits: 1 },
  ];
  return { name: 'tracker-push', title: 'From a seeder’s arrival to a waiting leecher', ...frame, columns, rows };
}

/** What writing behind costs, and a start with a large catalogue. */
export function databaseReport(
  written: readonly WriteBehindFigures[],
  starts: readonly Runs<number>[],
  frame: Frame,
): Report {
  const loaded = (name: string, read: (run: WriteBehindFigures) => CostedResult): Cell[] => [
    name,
    medianOf(written, (run) => read(run).perSecond),
    ...(['p50Ms', 'p99Ms', 'p999Ms', 'maxMs'] as const).map((key) => medianOf(written, (run) => read(run)[key])),
    medianOf(written, (run) => read(run).cpuMsPerThousand),
    undefined,
  ];
  const nothing = Array<Cell>(6).fill(undefined);
  const rows = [
    loaded('announces that confirm', ({ unchanged }) => unchanged),
    loaded('announces that all change a row', ({ changing }) => changing),
    ...starts.map(({ name, runs }): Cell[] => [name, ...nothing, median(runs)]),
  ];
  const columns = [
    { name: '' },
    { name: 'announces/s' },
    ...['p50 ms', 'p99 ms', 'p99.9 ms', 'longest ms'].map((name) => ({ name, ...twoDigits })),
    { name: 'CPU ms per 1,000', digits: 1 },
    { name: 'start s', ...twoDigits },
  ];
  return { name: 'tracker-database', title: 'The database behind the tracker', ...frame, columns, rows };
}
