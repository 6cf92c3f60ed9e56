import { InvalidArgumentError } from 'commander';
import { describeMachine } from '@shoal/testbed';
import type { Measurement } from '../measurement.ts';
import type { Report } from '../report.ts';
import { depths, growth, hugeSwarm, krakenShape, largeShare, type TableOrder } from './tables.ts';

/** More than that take longer than all the rest: they are simulated when asked for. */
const PEERS = [10, 30, 100, 300, 1_000];

type Table = (order: TableOrder, peers: readonly number[]) => Promise<Report>;
const TABLES = new Map<string, Table>([
  ['growth', growth],
  ['large', largeShare],
  ['kraken', krakenShape],
  ['depths', depths],
  ['huge', hugeSwarm],
]);
/** All but the one that takes most of a machine's memory. */
const USUAL_TABLES = [...TABLES.keys()].filter((name) => name !== 'huge').join(',');
const TABLES_HELP =
  `which tables, of ${[...TABLES.keys()].join(', ')}, separated by commas; ` +
  'large, kraken and huge take about ten minutes each, huge also 6 GB';

/** Simulates ever larger swarms with the real core in virtual time. */
export const SIM: Measurement = {
  name: 'sim',
  summary: 'swarms of up to 10,000 peers in virtual time: time against the bound, cost per peer',
  options: (command) =>
    command
      .option('--peers <list>', 'how many leechers the table of growth has, separated by commas', listOfCounts, PEERS)
      .option('--tables <list>', TABLES_HELP, listOfTables, listOfTables(USUAL_TABLES))
      .option('--seed <number>', 'which of many possible runs', Number, 1),
  async run({ values, print }) {
    const order = { seed: Number(values.seed), print, machine: describeMachine() };
    const reports: Report[] = [];
    for (const name of values.tables as readonly string[]) {
      const report = await TABLES.get(name)?.(order, values.peers as readonly number[]);
      if (report !== undefined) reports.push(report);
    }
    return reports;
  },
};

function listOfCounts(text: string): number[] {
  const counts = text.split(',').map(Number);
  if (counts.some((count) => !Number.isSafeInteger(count) || count < 1)) {
    throw new InvalidArgumentError('must be whole numbers of at least 1, separated by commas');
  }
  return counts;
}

function listOfTables(text: string): string[] {
  const names = text.split(',');
  if (names.some((name) => !TABLES.has(name))) {
    throw new InvalidArgumentError(`must be some of ${[...TABLES.keys()].join(', ')}, separated by commas`);
  }
  return names;
}
