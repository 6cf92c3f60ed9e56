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
import { benchShare, type BenchShare } from './share.ts';

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

/** A tracker with its agents. */
interface Fleet {
  readonly tracker: Tracker;
  readonly crowd: Elsewhere<CrowdNews>;
}

/** Everything that a turn needs. Announces go to the first tracker; the second is there to be looked at instead. */
interface Stage {
  readonly fleet: Fleet;
  readonly other: Fleet;
  readonly views: readonly View[];
  readonly seconds: number;
}

/** Where pages look in a turn, if they do. */
type Looking = 'nowhere' | 'here' | 'elsewhere';
const LOOKING: readonly Looking[] = ['nowhere', 'here', 'elsewhere'];

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
    const fleets: Fleet[] = [];
    try {
      const shares = Array.from({ length: SHARES }, (_, n) => benchShare(n));
      const agents = Number(order.values.agents);
      for (const name of ['tracker', 'other tracker']) fleets.push(await startFleet(sandbox, { name, shares, agents }));
      const [fleet, other] = fleets;
      if (fleet === undefined || other === undefined) throw new Error('invariant: both trackers have started');
      const views = viewsOf(shares.map(({ infoHash }) => infoHash));
      const stage = { fleet, other, views, seconds: Number(order.values.seconds) };
      return [reportOf(await takeTurns(stage, order), { agents, order })];
    } finally {
      for (const { crowd } of fleets) await crowd.end();
      await sandbox.clear();
    }
  },
};

async function startFleet(
  sandbox: Sandbox,
  { name, shares, agents }: { readonly name: string; readonly shares: readonly BenchShare[]; readonly agents: number },
): Promise<Fleet> {
  const tracker = await (await Machine.create(sandbox, name)).startTracker();
  for (const share of shares) await new TrackerClient(tracker.url).register(share);
  const order: CrowdOrder = { port: tracker.port, agents, shares: shares.map(({ infoHash }) => infoHash) };
  return { tracker, crowd: await Elsewhere.start('crowd-process.ts', order) };
}

/** Half of the pages look at the overview, the others at shares and a machine. */
function viewsOf(infoHashes: readonly string[]): readonly View[] {
  return Array.from({ length: PAGES }, (_, page): View => {
    if (page < PAGES / 2) return { at: 'overview', query: '' };
    if (page === PAGES - 1) return { at: 'machine', peerId: peerIdOfAgent(0) };
    return { at: 'share', infoHash: benchShare(page % infoHashes.length).infoHash };
  });
}

async function takeTurns(stage: Stage, { runs, print }: MeasurementOrder): Promise<ReadonlyMap<Looking, Turn[]>> {
  // A program that has just started is slower, whoever looks.
  for (const looking of LOOKING) await takeTurn(stage, looking);
  const turns = new Map<Looking, Turn[]>(LOOKING.map((looking) => [looking, []]));
  for (let run = 0; run < runs; run++) {
    for (const looking of LOOKING) turns.get(looking)?.push(await takeTurn(stage, looking));
    const p99s = LOOKING.map((looking) => quantile(turns.get(looking)?.at(-1)?.times ?? [], 0.99).toFixed(2));
    print(`  p99 of announces: ${p99s[0]} ms, with pages ${p99s[1]} ms, with pages at another tracker ${p99s[2]} ms`);
  }
  return turns;
}

async function takeTurn({ fleet, other, views, seconds }: Stage, looking: Looking): Promise<Turn> {
  const port = looking === 'here' ? fleet.tracker.port : other.tracker.port;
  const order: PagesOrder = { port, views: looking === 'nowhere' ? [] : views };
  const pages = await Elsewhere.start<PagesNews>('pages-process.ts', order);
  try {
    await pause(SETTLING_MS);
    return await measureTurn(fleet, pages, seconds);
  } finally {
    await pages.end();
  }
}

async function measureTurn({ tracker, crowd }: Fleet, pages: Elsewhere<PagesNews>, seconds: number): Promise<Turn> {
  const cpuBefore = cpuMsOf(tracker);
  const [reportsBefore, bytesBefore] = [crowd.news.reportBytes, pages.news.bytes];
  const begunAt = performance.now();
  const times = await announceFor(tracker.port, seconds * 1_000);
  const tookMs = performance.now() - begunAt;
  return {
    times,
    cpuShare: (cpuMsOf(tracker) - cpuBefore) / tookMs,
    reportBytesPerSecond: ((crowd.news.reportBytes - reportsBefore) * 1_000) / tookMs,
    pageBytesPerSecond: ((pages.news.bytes - bytesBefore) * 1_000) / tookMs,
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
  turns: ReadonlyMap<Looking, readonly Turn[]>,
  { agents, order }: { readonly agents: number; readonly order: MeasurementOrder },
): Report {
  const timesOf = (looking: Looking): readonly number[] => (turns.get(looking) ?? []).flatMap(({ times }) => times);
  const mean = (looking: Looking, read: (turn: Turn) => number): number => {
    const all = turns.get(looking) ?? [];
    return all.reduce((sum, turn) => sum + read(turn), 0) / all.length;
  };
  const row = (name: string, looking: Looking) => [
    name,
    quantile(timesOf(looking), 0.5),
    quantile(timesOf(looking), 0.99),
    100 * mean(looking, (turn) => turn.cpuShare),
    mean(looking, (turn) => turn.reportBytesPerSecond) / 1_000,
    mean(looking, (turn) => turn.pageBytesPerSecond) / 1_000,
  ];
  const [without, here, elsewhere] = LOOKING.map((looking) => quantile(timesOf(looking), 0.99));
  const ratio = Number(here) / Number(without);
  const ofMachine = Number(elsewhere) / Number(without);
  const verdict = ratio <= DEMAND ? 'within' : 'beyond';
  return {
    name: 'fleet',
    title: 'Looking at the fleet',
    setting: [
      `${agents} agents with a session in ${SHARES} swarms, each of which reports once a second while somebody looks; an announce by ` +
        `HTTP every ${ANNOUNCE_EVERY_MS} ms. ${order.runs} turns each, interleaved, after one of each that does not count. Agents and ` +
        'pages have the processors only while nobody else wants them: they would be elsewhere. In the last row the pages look at ' +
        'another tracker on this machine, which has as many agents: what the machine does to announces, without this tracker.',
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
    rows: [
      row('no page', 'nowhere'),
      row(`${PAGES} pages`, 'here'),
      row(`${PAGES} pages at another tracker`, 'elsewhere'),
    ],
    notes: [
      `The p99 with pages is ${ratio.toFixed(2)} times the one without: ${verdict} the ${DEMAND} that is demanded. With the pages at ` +
        `another tracker it is ${ofMachine.toFixed(2)} times.`,
    ],
  };
}
