import { choosePieceLength } from '@shoal/protocol';
import type { HostOptions } from '@shoal/engine/testing';
import { quantile } from '@shoal/testbed';
import type { Cell, Column, Report } from '../report.ts';
import { simulateApart } from './simulate-apart.ts';
import type { SwarmReport } from './simulation-process.ts';
import type { SwarmOrder } from './simulation.ts';

/** What all tables of a measurement share. */
export interface TableOrder {
  readonly seed: number;
  readonly print: (text: string) => void;
  readonly machine: string;
}

const [KiB, MiB, GiB] = [1024, 1024 ** 2, 1024 ** 3];
const MEGABIT = 125_000;
const [GROWTH_BYTES, LARGE_BYTES, HUGE_SWARM_BYTES] = [16 * MiB, GiB, 2 * MiB];
const LARGE_SHARE_PEERS = [30, 100, 1_000];
const HUGE_SWARM_PEERS = [10_000];
const HOME: HostOptions = { upBytesPerSecond: 20 * MEGABIT, downBytesPerSecond: 100 * MEGABIT, latencyMs: 1 };
/** The headers of a whole block: Ethernet, IP, TCP and WebSocket. */
const HEADERS_FACTOR = 1.0466;

const AT_HOME = 'Every host 20 Mbit/s up and 100 down, 2 ms from every other; one seeder, all leechers start together.';
const WHAT_RUNS =
  'The real core of every agent (swarm, scheduler, upload window, receive budget, protocol messages) in virtual time over ' +
  'simulated lines that count all headers. Left out: encoding and parsing, dialling, hashing, disks, losses of packets. ' +
  'Links are drawn by the rule of the tracker.';
const WHAT_IS_COMPARED =
  'The time of each leecher as a multiple of max(F/u_s, F/d, N·F/(u_s+N·u)) on raw rates. Whole pieces are passed on, so ' +
  'nobody can do better than headers × (pieces + log2(N+1)) / pieces at the last peer: the column "possible".';

const RATIOS = ['possible', 'p50', 'p99', 'p99.9', 'last'];
const COLUMNS: readonly Column[] = [
  { name: 'leechers' },
  ...RATIOS.map((name) => ({ name, digits: 3 })),
  { name: 'seeder sends', digits: 2 },
  { name: 'links' },
  { name: 'wall s', digits: 1 },
  { name: 'CPU ms/peer', digits: 1 },
  { name: 'MiB/peer', digits: 2 },
  { name: 'messages/peer' },
  { name: 'control KiB/peer' },
  { name: 'control %', digits: 1 },
];
const CHART = { columns: ['possible', 'p50', 'last'], axis: 'times the bound' };

/** The same share and lines for ever more leechers. */
export async function growth(order: TableOrder, peers: readonly number[]): Promise<Report> {
  return {
    name: 'sim-growth',
    title: 'Simulated swarms, from small to large',
    ...(await swarmsAtHome(order, GROWTH_BYTES, peers)),
    notes: ['MiB/peer is the largest resident memory of the simulation, over all its leechers.'],
  };
}

/** A share of many pieces, so that the first rounds of doubling weigh little. */
export async function largeShare(order: TableOrder): Promise<Report> {
  return {
    name: 'sim-large-share',
    title: 'Simulated swarms and a share of many pieces',
    ...(await swarmsAtHome(order, LARGE_BYTES, LARGE_SHARE_PEERS)),
    notes: ['Every larger share is cut into as many pieces, until they are of 16 MiB: it comes as near to the bound.'],
  };
}

/** As many leechers as a machine can simulate. */
export async function hugeSwarm(order: TableOrder): Promise<Report> {
  return {
    name: 'sim-huge-swarm',
    title: '10,000 simulated peers',
    ...(await swarmsAtHome(order, HUGE_SWARM_BYTES, HUGE_SWARM_PEERS)),
    notes: ['Of so few pieces the source has sent all before the first of them is everywhere.'],
  };
}

/** Leechers on home lines, and a share that is cut as `shoal` does. */
async function swarmsAtHome(
  order: TableOrder,
  shareBytes: number,
  peers: readonly number[],
): Promise<Pick<Report, 'setting' | 'columns' | 'rows' | 'chart'>> {
  const rows: Cell[][] = [];
  for (const leechers of peers) {
    const pieceBytes = choosePieceLength(shareBytes);
    rows.push(await measure(order, coresOf(order, { leechers, shareBytes, pieceBytes, line: HOME })));
  }
  return {
    setting: [AT_HOME, cutOf(shareBytes), WHAT_RUNS, WHAT_IS_COMPARED, order.machine],
    columns: COLUMNS,
    rows,
    chart: CHART,
  };
}

/** As Kraken's published run, with a smaller share. */
export async function krakenShape(order: TableOrder): Promise<Report> {
  const line = { upBytesPerSecond: 300e6, downBytesPerSecond: 300e6, latencyMs: 0.25 };
  const swarm = coresOf(order, { leechers: 2_600, shareBytes: GiB, pieceBytes: 4 * MiB, line });
  const row = await measure(order, swarm);
  return {
    name: 'sim-kraken',
    title: 'A swarm as large as Kraken’s published one',
    setting: [
      'Every host 300 MB/s up and down, 0.5 ms from every other; one seeder, 2,600 leechers start together.',
      '1 GiB in pieces of 4 MiB: a third of Kraken’s share, because all of it would take most of an hour.',
      WHAT_RUNS,
      WHAT_IS_COMPARED,
      order.machine,
    ],
    columns: [{ name: '' }, ...COLUMNS],
    rows: [
      ['Shoal, simulated, 1 GiB', ...row],
      ['Kraken, as published, 3 GB', 2_600, undefined, 1, 1.8, 2.2],
    ].map((cells) => [...cells, ...Array<Cell>(COLUMNS.length + 1 - cells.length)]),
    notes: ['Kraken’s figures are those that its authors publish, measured on real machines; ours here are simulated.'],
  };
}

/** How far the core alone stands for the whole engine. */
export async function depths(order: TableOrder): Promise<Report> {
  const rows: Cell[][] = [];
  for (const leechers of [10, 30, 100]) {
    const swarm = coresOf(order, {
      leechers,
      shareBytes: GROWTH_BYTES,
      pieceBytes: choosePieceLength(GROWTH_BYTES),
      line: HOME,
    });
    order.print(`${String(leechers)} leechers as cores and as whole engines …`);
    const core = await simulateApart(swarm);
    const engine = await simulateApart({ ...swarm, depth: 'engine' });
    const costs = [core, engine].map(({ cpuMs }) => cpuMs / leechers);
    rows.push([String(leechers), lastOf(core), lastOf(engine), ...costs, core.links, engine.links]);
  }
  const digits = [3, 3, 1, 1, 0, 0];
  const names = [
    'core: last',
    'engine: last',
    'core: CPU ms/peer',
    'engine: CPU ms/peer',
    'core: links',
    'engine: links',
  ];
  return {
    name: 'sim-depths',
    title: 'The core alone beside whole engines',
    setting: [AT_HOME, cutOf(GROWTH_BYTES), 'Whole engines also dial, encode, parse and tell each other peers.'],
    columns: [{ name: 'leechers' }, ...names.map((name, at) => ({ name, digits: digits[at] ?? 0 }))],
    rows,
    notes: [],
  };
}

/** A share and its pieces, as `shoal` cuts it. */
function cutOf(shareBytes: number): string {
  const pieceBytes = choosePieceLength(shareBytes);
  const pieces = `${String(Math.ceil(shareBytes / pieceBytes))} pieces of ${String(pieceBytes / KiB)} KiB`;
  return `${String(shareBytes / MiB)} MiB in ${pieces}, as \`shoal\` cuts it.`;
}

function coresOf({ seed }: TableOrder, swarm: Omit<SwarmOrder, 'depth' | 'seed'>): SwarmOrder {
  return { ...swarm, seed, depth: 'core' };
}

async function measure({ print }: TableOrder, swarm: SwarmOrder): Promise<Cell[]> {
  const { leechers, shareBytes, pieceBytes } = swarm;
  print(`simulating ${String(leechers)} leechers …`);
  const report = await simulateApart(swarm);
  const { finished, ratios, sent } = report;
  if (finished < leechers)
    throw new Error(`${String(leechers - finished)} of ${String(leechers)} leechers stand still`);
  const pieces = Math.ceil(shareBytes / pieceBytes);
  const cells: Cell[] = [
    String(leechers),
    (HEADERS_FACTOR * (pieces + Math.log2(leechers + 1))) / pieces,
    ...[0.5, 0.99, 0.999, 1].map((share) => quantile(ratios, share)),
    ...[report.seederCopies, report.links],
    ...[report.wallMs / 1000, report.cpuMs / leechers, report.bytes / MiB / leechers],
  ];
  if (sent === undefined) return cells;
  const { messages, controlBytes, blockBytes } = sent;
  const controlPercent = (100 * controlBytes) / (controlBytes + blockBytes);
  return [...cells, messages / leechers, controlBytes / KiB / leechers, controlPercent];
}

function lastOf({ ratios }: SwarmReport): number {
  return Math.max(...ratios);
}
