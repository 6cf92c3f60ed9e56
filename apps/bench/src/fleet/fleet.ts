/** What it costs a tracker that people look at the fleet: a thousand agents that move, with and without pages, in turns. */
import { Agent, request } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';
import { TrackerClient } from '@shoal/client';
import type { View } from '@shoal/protocol';
import { describeMachine, Machine, quantile, Sandbox, usageOf, type Tracker } from '@shoal/testbed';
import type { Measurement, MeasurementOrder } from '../measurement.ts';
import type { Report } from '../report.ts';
import { peerIdOfAgent } from '../tracker/population.ts';
import type { CrowdNews, CrowdOrder } from './crowd-process.ts';
import { Elsewhere } from './elsewhere.ts';
import type { PagesNews, PagesOrder } from './pages-process.ts';
import { benchShare } from './share.ts';

const AGENTS = 1_000;
const SHARES = 100;
const PAGES = 10;
const ANNOUNCE_EVERY_MS = 5;
/** Until agents know that somebody looks, or that nobody does. */
const SETTLING_MS = 3_000;
/** The p99 of announces with pages, as a multiple of the one without. */
const DEMAND = 1.2;

/** One turn: what was seen while so many pages looked. */
interface Turn {
  readonly times: readonly number[];
  readonly cpuShare: number;
  readonly reportBytesPerSecond: number;
  readonly pageBytesPerSecond: number;
}

/** Everything that a turn needs. */
interface Stage {
  readonly tracker: Tracker;
  readonly crowd: Elsewhere<CrowdNews>;
  readonly views: readonly View[];
  readonly seconds: number;
}

export const FLEET: Measurement = {
  name: 'fleet',
  summary:
    'announces, processor time and bytes of a tracker with 1,000 agents, while people look at the fleet and while not',
  options: (command) =>
    command
      .option('--agents <number>', 'how many agents have a session', Number, AGENTS)
      .option('--seconds <number>', 'how long each turn lasts', Number, 10),
  async run(order) {
    const sandbox = await Sandbox.create();
    let crowd: Elsewhere<CrowdNews> | undefined;
    try {
      const tracker = await (await Machine.create(sandbox, 'tracker')).startTracker();
      const shares = Array.from({ length: SHARES }, (_, n) => benchShare(n));
      for (const share of shares) await new TrackerClient(tracker.url).register(share);
      const infoHashes = shares.map(({ infoHash }) => infoHash);
      const agents = Number(order.values.agents);
      const crowdOrder: CrowdOrder = { port: tracker.port, agents, shares: infoHashes };
      crowd = await Elsewhere.start('crowd-process.ts', crowdOrder);
      const stage = { tracker, crowd, views: viewsOf(infoHashes), seconds: Number(order.values.seconds) };
      return [reportOf(await takeTurns(stage, order), { agents, order })];
    } finally {
      await crowd?.end();
      await sandbox.clear();
    }
  },
};

/** Half of the pages look at the overview, the others at shares and a machine. */
function viewsOf(infoHashes: readonly string[]): readonly View[] {
  return Array.from({ length: PAGES }, (_, page): View => {
    if (page < PAGES / 2) return { at: 'overview', query: '' };
    if (page === PAGES - 1) return { at: 'machine', peerId: peerIdOfAgent(0) };
    return { at: 'share', infoHash: benchShare(page % infoHashes.length).infoHash };
  });
}

async function takeTurns(stage: Stage, { runs, print }: MeasurementOrder): Promise<readonly [Turn[], Turn[]]> {
  const [without, withPages]: [Turn[], Turn[]] = [[], []];
  // A program that has just started is slower, with pages and without.
  await takeTurn(stage, undefined);
  await lookedAt(stage);
  for (let run = 0; run < runs; run++) {
    without.push(await takeTurn(stage, undefined));
    withPages.push(await lookedAt(stage));
    const [p99, p99Pages] = [without, withPages].map((turns) => quantile(turns.at(-1)?.times ?? [], 0.99));
    print(`  p99 of announces: ${Number(p99).toFixed(2)} ms, with pages ${Number(p99Pages).toFixed(2)} ms`);
  }
  return [without, withPages];
}

async function lookedAt(stage: Stage): Promise<Turn> {
  const order: PagesOrder = { port: stage.tracker.port, views: stage.views };
  const pages = await Elsewhere.start<PagesNews>('pages-process.ts', order);
  try {
    return await takeTurn(stage, pages);
  } finally {
    await pages.end();
  }
}

async function takeTurn({ tracker, crowd, seconds }: Stage, pages: Elsewhere<PagesNews> | undefined): Promise<Turn> {
  await pause(SETTLING_MS);
  const cpuBefore = cpuMsOf(tracker);
  const [reportsBefore, bytesBefore] = [crowd.news.reportBytes, pages?.news.bytes ?? 0];
  const begunAt = performance.now();
  const times = await announceFor(tracker.port, seconds * 1_000);
  const tookMs = performance.now() - begunAt;
  return {
    times,
    cpuShare: (cpuMsOf(tracker) - cpuBefore) / tookMs,
    reportBytesPerSecond: ((crowd.news.reportBytes - reportsBefore) * 1_000) / tookMs,
    pageBytesPerSecond: (((pages?.news.bytes ?? 0) - bytesBefore) * 1_000) / tookMs,
  };
}

function cpuMsOf({ program }: Tracker): number {
  return usageOf(program.pid)?.cpuMilliseconds ?? NaN;
}

/** Announces of agents without a session, one every few milliseconds whether the one before was answered or not. */
async function announceFor(port: number, milliseconds: number): Promise<number[]> {
  const agent = new Agent({ keepAlive: true });
  const { infoHash } = benchShare(0);
  const times: Promise<number>[] = [];
  const begunAt = performance.now();
  while (performance.now() - begunAt < milliseconds) {
    const peerId = peerIdOfAgent(AGENTS + (times.length % AGENTS));
    times.push(announce(agent, port, JSON.stringify({ peerId, port: 0, swarms: [{ infoHash, left: 1 }] })));
    await pause(ANNOUNCE_EVERY_MS);
  }
  const all = await Promise.all(times);
  agent.destroy();
  return all;
}

function announce(agent: Agent, port: number, body: string): Promise<number> {
  const begunAt = performance.now();
  return new Promise((resolve, reject) => {
    const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) };
    const options = { agent, host: '127.0.0.1', port, method: 'POST', path: '/v1/announce', headers };
    const call = request(options, (response) => {
      response.resume().once('end', () => {
        if (response.statusCode === 200) resolve(performance.now() - begunAt);
        else reject(new Error(`an announce was answered with ${String(response.statusCode)}`));
      });
    });
    call.once('error', reject).end(body);
  });
}

function reportOf(
  [without, withPages]: readonly [readonly Turn[], readonly Turn[]],
  { agents, order }: { readonly agents: number; readonly order: MeasurementOrder },
): Report {
  const p99 = (turns: readonly Turn[]): number =>
    quantile(
      turns.flatMap(({ times }) => times),
      0.99,
    );
  const mean = (turns: readonly Turn[], read: (turn: Turn) => number): number =>
    turns.reduce((sum, turn) => sum + read(turn), 0) / turns.length;
  const row = (name: string, turns: readonly Turn[]) => [
    name,
    quantile(
      turns.flatMap(({ times }) => times),
      0.5,
    ),
    p99(turns),
    100 * mean(turns, (turn) => turn.cpuShare),
    mean(turns, (turn) => turn.reportBytesPerSecond) / 1_000,
    mean(turns, (turn) => turn.pageBytesPerSecond) / 1_000,
  ];
  const ratio = p99(withPages) / p99(without);
  const verdict = ratio <= DEMAND ? 'within' : 'beyond';
  return {
    name: 'fleet',
    title: 'Looking at the fleet',
    setting: [
      `${agents} agents with a session in ${SHARES} swarms, each of which reports once a second while somebody looks; an announce by ` +
        `HTTP every ${ANNOUNCE_EVERY_MS} ms. ${order.runs} turns each, interleaved at one tracker, after one of each that does not count. Agents and pages have the processors only while nobody else wants them: they would be elsewhere.`,
      describeMachine(),
    ],
    columns: [
      { name: '' },
      { name: 'announce p50 ms', digits: 2 },
      { name: 'announce p99 ms', digits: 2 },
      { name: 'tracker CPU %', digits: 1 },
      { name: 'reports KB/s', digits: 1 },
      { name: 'to pages KB/s', digits: 1 },
    ],
    rows: [row('no page', without), row(`${PAGES} pages`, withPages)],
    notes: [
      `The p99 with pages is ${ratio.toFixed(2)} times the one without: ${verdict} the ${DEMAND} that is demanded.`,
    ],
  };
}
