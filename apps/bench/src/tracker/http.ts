/** Announces by HTTP: how many a second, at what latency and cost, and what a hundred thousand peers take in memory. */
import { readFile, writeFile } from 'node:fs/promises';
import type { AnsweringAgents } from './answering-agents.ts';
import { announceBody, announcePath, REPLY_FILE, SHOAL_TRACKER, type HttpContender } from './contenders.ts';
import { MEMBERSHIPS, shuffledMemberships } from './population.ts';
import type { Server, ServerRoom } from './servers.ts';
import { cpuSecondsOf, settledMebibytes } from './usage.ts';
import type { HttpLoad, HttpResult, Wrk } from './wrk.ts';

const BODIES = 'bodies';
const PATHS = 'paths';
const CONNECTIONS = 64;
const FILL_SECONDS = 3;

/** A load, and what the server spent on it. */
export interface CostedResult extends HttpResult {
  readonly cpuMsPerThousand: number;
}

/** What one run found out about a contender. */
export interface HttpFigures {
  /** 64 connections that stay open; 64 at a time that serve one call each; one that stays open. */
  readonly kept: CostedResult;
  readonly closed: CostedResult;
  readonly single: CostedResult;
  /** Resident MiB without and with 100,000 peers. */
  readonly idleMebibytes: number;
  readonly fullMebibytes: number;
}

/** What the runs share. */
export interface HttpSetting {
  readonly room: ServerRoom;
  readonly wrk: Wrk;
  /** Of each load. */
  readonly seconds: number;
}

/** Writes all announces into the room, and an answer of Shoal's tracker for the bare route to give. */
export async function prepareAnnounces({ room, wrk }: HttpSetting, agents: AnsweringAgents): Promise<void> {
  const all = shuffledMemberships();
  const bodies = all.map((membership) => announceBody(membership, agents));
  await writeFile(room.path(BODIES), `${bodies.join('\n')}\n`);
  await writeFile(room.path(PATHS), `${all.map((membership) => announcePath(membership, agents)).join('\n')}\n`);
  const server = await SHOAL_TRACKER.start(room);
  await fill({ room, wrk, seconds: 0 }, SHOAL_TRACKER, server);
  const headers = { 'content-type': 'application/json' };
  const url = `http://${server.host}:${server.port}/v1/announce`;
  const answer = await fetch(url, { method: 'POST', headers, body: bodies[0] ?? '' });
  await writeFile(room.path(REPLY_FILE), await answer.text());
  await server.program.end();
}

/** The size of what is asked and answered, for the setting. */
export async function describeCall(room: ServerRoom): Promise<string> {
  const [body = ''] = (await readFile(room.path(BODIES), 'utf8')).split('\n', 1);
  const reply = await readFile(room.path(REPLY_FILE), 'utf8');
  return `Shoal's announce has ${body.length} bytes of JSON, its answer ${reply.length}.`;
}

/** One run of a contender, from its start to its end. */
export async function measureHttp(setting: HttpSetting, contender: HttpContender): Promise<HttpFigures> {
  const server = await contender.start(setting.room);
  const kind = contender.isNode ? 'node' : 'native';
  const idleMebibytes = await settledMebibytes(server.program, kind);
  await fill(setting, contender, server);
  const fullMebibytes = await settledMebibytes(server.program, kind);
  const load = announcesOf(setting, contender);
  const figures = {
    kept: await costed(setting, server, load),
    closed: await costed(setting, server, { ...load, closes: true }),
    single: await costed(setting, server, { ...load, connections: 1 }),
    idleMebibytes,
    fullMebibytes,
  };
  await server.program.end();
  return figures;
}

/** Loads a server and counts what it spends. */
export async function costed({ wrk }: HttpSetting, server: Server, load: HttpLoad): Promise<CostedResult> {
  const before = cpuSecondsOf(server.program);
  const result = await wrk.load(server, load);
  const spent = cpuSecondsOf(server.program) - before;
  return { ...result, cpuMsPerThousand: (spent * 1e6) / result.requests };
}

/** Every peer announces itself; a server that keeps none only warms up. */
export async function fill(setting: HttpSetting, contender: HttpContender, server: Server): Promise<void> {
  const load = announcesOf(setting, contender);
  for (let from = 0; from < MEMBERSHIPS;) {
    const { requests } = await setting.wrk.load(server, { ...load, seconds: FILL_SECONDS, from });
    from += contender.isTracker ? requests : MEMBERSHIPS;
  }
}

/** The announces of all peers, as `prepareAnnounces` wrote them. */
export function announcesOf({ room, seconds }: HttpSetting, { method }: HttpContender): HttpLoad {
  const file = room.path(method === 'POST' ? BODIES : PATHS);
  return { file, method, connections: CONNECTIONS, closes: false, seconds, from: 0 };
}
