import { Sandbox, describeMachine } from '@shoal/testbed';
import { inCompany, pickContenders } from '../company.ts';
import type { Measurement, MeasurementOrder } from '../measurement.ts';
import type { Report } from '../report.ts';
import { inTurns } from '../rounds.ts';
import { AnsweringAgents } from './answering-agents.ts';
import { HTTP_CONTENDERS, SHOAL_TRACKER, type HttpContender } from './contenders.ts';
import { measureStart, measureWriteBehind, prepareCatalogue, prepareChanges } from './durable.ts';
import { describeCall, measureHttp, prepareAnnounces, type HttpSetting } from './http.ts';
import { askIntervals, measureBitTorrentSessions, measurePush, measureShoalSessions } from './parts.ts';
import { AGENTS, PEERS_PER_SWARM, SWARMS } from './population.ts';
import { ServerRoom } from './servers.ts';
import { databaseReport, httpReport, memoryReport, pushReport, sessionReport, type Runs } from './tables.ts';
import { Wrk } from './wrk.ts';

const CATALOGUES = [
  { name: 'start, empty catalogue', file: 'empty.db', shares: 0 },
  { name: 'start, 100,000 shares', file: 'catalogue.db', shares: 100_000 },
];

/** What all parts work with. */
interface Bench extends HttpSetting {
  readonly order: MeasurementOrder;
  readonly agents: AnsweringAgents;
  readonly contenders: readonly HttpContender[];
}

/** A part of the measurement, with the reports that it makes. */
interface Part {
  readonly name: string;
  measure(bench: Bench): Promise<readonly Report[]>;
}

const PARTS: readonly Part[] = [
  { name: 'http', measure: measureByHttp },
  { name: 'sessions', measure: measureBySession },
  { name: 'push', measure: measurePushes },
  { name: 'database', measure: measureDatabase },
];

/** Shoal's tracker beside others: announces by HTTP and over sessions, memory, pushes, the database. */
export const TRACKER: Measurement = {
  name: 'tracker',
  summary: 'announces a second, memory and latency of the tracker, beside other trackers and a bare Express route',
  options: (command) =>
    command
      .option('--parts <names>', 'only these, as in http,sessions,push,database')
      .option('--contenders <names>', 'only these, as in shoal,bittorrent-tracker')
      .option('--seconds <number>', 'how long each load of HTTP announces lasts', Number, 4),
  async run(order) {
    const company = await inCompany(pickContenders(HTTP_CONTENDERS, order.values.contenders));
    const sandbox = await Sandbox.create();
    const agents = await AnsweringAgents.start(AGENTS);
    try {
      const wrk = await Wrk.open(sandbox.root);
      if (wrk === undefined) throw new Error('wrk is not installed: it makes the load of HTTP announces');
      const room = await ServerRoom.open(sandbox);
      const bench = { order, room, wrk, agents, contenders: company.present, seconds: Number(order.values.seconds) };
      await prepareAnnounces(bench, agents);
      const setting = await describe(bench, company.versions);
      const reports: Report[] = [];
      for (const part of pickContenders(PARTS, order.values.parts)) reports.push(...(await part.measure(bench)));
      return reports.map((report) => ({
        ...report,
        setting: [...report.setting, ...setting],
        notes: [...report.notes, ...company.notes],
      }));
    } finally {
      agents.stop();
      await sandbox.clear();
    }
  },
};

async function describe({ order, room }: Bench, versions: string): Promise<string[]> {
  return [
    `${SWARMS} swarms of ${PEERS_PER_SWARM} peers, which are ${AGENTS} agents with 1,000 shares each; half are seeders. ` +
      'Every tracker is a process of its own and is given the same peers; hand-outs hold all others of the swarm that can help.',
    await describeCall(room),
    `${order.runs} runs each, in turns; medians.`,
    versions,
    describeMachine(),
  ];
}

async function measureByHttp(bench: Bench): Promise<Report[]> {
  const { order, contenders } = bench;
  const figures = await inTurns(contenders, order.runs, async (contender) => {
    const found = await measureHttp(bench, contender);
    const { perSecond, cpuMsPerThousand } = found.kept;
    order.print(
      `  ${contender.name}: ${perSecond.toFixed(0)} announces/s, ${cpuMsPerThousand.toFixed(1)} CPU ms per 1,000`,
    );
    return found;
  });
  const all = named(contenders, figures);
  const trackers = all.filter(({ name }) => HTTP_CONTENDERS.find((one) => one.name === name)?.isTracker);
  return [
    httpReport(all, { setting: [], notes: HTTP_NOTES }),
    memoryReport('http', trackers, { setting: ['The peers announce themselves by HTTP.'], notes: MEMORY_NOTES }),
  ];
}

async function measureBySession(bench: Bench): Promise<Report[]> {
  const { order, contenders, agents } = bench;
  const sockets = contenders.filter(({ name }) => name === SHOAL_TRACKER.name || name === 'bittorrent-tracker');
  const figures = await inTurns(sockets, order.runs, async ({ name }) => {
    const isShoal = name === SHOAL_TRACKER.name;
    const found = await (isShoal ? measureShoalSessions(bench, agents) : measureBitTorrentSessions(bench));
    order.print(`  ${name}, WebSocket: ${found.entering.swarmsPerSecond.toFixed(0)} swarms entered/s`);
    return found;
  });
  const all = named(sockets, figures);
  return [
    sessionReport(all, { setting: [], notes: SESSION_NOTES }),
    memoryReport('sessions', all, { setting: ['The peers have WebSockets.'], notes: MEMORY_NOTES }),
  ];
}

const HTTP_NOTES = [
  'wrk with one thread and 64 connections; opentracker keeps no connection open, so its first column is as its last but one.',
  'The bare route parses the same body and answers the same JSON, with the same Express and Node, and knows nothing of peers.',
];
const SESSION_NOTES = [
  'Shoal: 1,000 swarms in a message, 100 messages at once. bittorrent-tracker: one swarm in a message, 100 sockets, each ' +
    'with one announce under way. Entering includes the hand-outs; again is the same announce, of which nothing changed; ' +
    'further is what a download tells.',
];
const MEMORY_NOTES = [
  'Resident memory after a collection of garbage in Node programs, once with no peer and once with all.',
];

async function measurePushes(bench: Bench): Promise<Report[]> {
  const { order, agents, contenders } = bench;
  const [pushes = []] = await inTurns([SHOAL_TRACKER], order.runs, () => measurePush(bench, agents));
  const installed = contenders.map(({ name }) => name);
  const intervals = await askIntervals(bench, agents, installed);
  const notes = [
    '1,000 sessions are open. Measured in one other process, from the seeder’s announce (or its connecting) to each leecher’s ' +
      'receipt of `peers`. A tracker that is asked every so often is late by half the interval in the middle: that is arithmetic.',
  ];
  return [pushReport(pushes, intervals, { setting: [], notes })];
}

async function measureDatabase(bench: Bench): Promise<Report[]> {
  const { order, agents } = bench;
  await prepareChanges(bench, agents);
  for (const { file, shares } of CATALOGUES) await prepareCatalogue(bench, file, shares);
  const [written = []] = await inTurns([SHOAL_TRACKER], order.runs, () => measureWriteBehind(bench));
  const starts = await inTurns(CATALOGUES, order.runs, ({ file }) => measureStart(bench, file));
  const notes = [
    'A start lasts from the start of the process until the first health check, which asks the database, is answered.',
  ];
  return [databaseReport(written, named(CATALOGUES, starts), { setting: [], notes })];
}

function named<T>(all: readonly { readonly name: string }[], runs: readonly (readonly T[])[]): Runs<T>[] {
  return all.map(({ name }, at) => ({ name, runs: runs[at] ?? [] }));
}
