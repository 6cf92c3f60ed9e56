/** The parts of the measurement that go over sessions: one run of each. */
import type { AnsweringAgents } from './answering-agents.ts';
import { httpInterval, webSocketInterval } from './intervals.ts';
import { SHOAL_TRACKER } from './contenders.ts';
import { announcesOf, type HttpSetting } from './http.ts';
import { WAITERS, WaitingRoom } from './push.ts';
import { BitTorrentFleet, openShoalFleet, type SessionFleet, type SessionRound } from './sessions.ts';
import { settledMebibytes } from './usage.ts';

const ROUNDS = 3;
/** A storm lasts until the arrivals in it are over. */
const STORM_SECONDS = 12;

/** What one run found out about announces over WebSockets. */
export interface SessionFigures {
  readonly entering: SessionRound;
  readonly confirming: readonly SessionRound[];
  /** Only Shoal has it. */
  readonly progress: readonly SessionRound[];
  readonly idleMebibytes: number;
  readonly fullMebibytes: number;
}

/** One run over sessions of Shoal. */
export async function measureShoalSessions({ room }: HttpSetting, agents: AnsweringAgents): Promise<SessionFigures> {
  const server = await room.shoal();
  const idleMebibytes = await settledMebibytes(server.program);
  const fleet = await openShoalFleet(server, agents);
  const entering = await fleet.announce();
  const fullMebibytes = await settledMebibytes(server.program);
  const confirming = await rounds(fleet);
  const progress: SessionRound[] = [];
  for (let round = 1; round <= ROUNDS; round++) progress.push(await fleet.progress(round));
  fleet.close();
  await server.program.end();
  return { entering, confirming, progress, idleMebibytes, fullMebibytes };
}

/** One run over WebSockets of bittorrent-tracker. */
export async function measureBitTorrentSessions({ room }: HttpSetting): Promise<SessionFigures> {
  const server = await room.bitTorrentTracker();
  const idleMebibytes = await settledMebibytes(server.program);
  const fleet = await BitTorrentFleet.open(server);
  const entering = await fleet.announce();
  const fullMebibytes = await settledMebibytes(server.program);
  const confirming = await rounds(fleet);
  fleet.close();
  await server.program.end();
  return { entering, confirming, progress: [], idleMebibytes, fullMebibytes };
}

async function rounds(fleet: SessionFleet): Promise<SessionRound[]> {
  const all: SessionRound[] = [];
  for (let round = 0; round < ROUNDS; round++) all.push(await fleet.announce());
  return all;
}

/** Milliseconds until waiting leechers heard of a seeder, one for each leecher and arrival. */
export interface PushFigures {
  readonly oneSwarm: readonly number[];
  readonly manySwarms: readonly number[];
  readonly connecting: readonly number[];
  readonly inStorm: readonly number[];
}

/** One run with a thousand sessions of waiting leechers. */
export async function measurePush(setting: HttpSetting, agents: AnsweringAgents): Promise<PushFigures> {
  const server = await setting.room.shoal();
  const waiting = await WaitingRoom.open(server, agents);
  const oneSwarm = [];
  for (let arrival = 0; arrival < 5; arrival++) oneSwarm.push(...(await waiting.arrivals(WAITERS, 1, 'has a session')));
  const manySwarms = await waiting.arrivals(10, WAITERS / 10, 'has a session');
  const connecting = await waiting.arrivals(10, WAITERS / 10, 'connects');
  const storm = setting.wrk.load(server, { ...announcesOf(setting, SHOAL_TRACKER), seconds: STORM_SECONDS });
  const inStorm = await waiting.arrivals(10, WAITERS / 10, 'has a session');
  await storm;
  waiting.close();
  await server.program.end();
  return { oneSwarm, manySwarms, connecting, inStorm };
}

/** How long a rival lets an agent wait until it may ask again, in seconds. */
export interface Intervals {
  readonly name: string;
  readonly seconds: number;
}

/** What the rivals that are installed answer. */
export async function askIntervals(
  { room }: HttpSetting,
  agents: AnsweringAgents,
  installed: readonly string[],
): Promise<Intervals[]> {
  const intervals: Intervals[] = [];
  if (installed.includes('bittorrent-tracker')) {
    const server = await room.bitTorrentTracker();
    intervals.push({ name: 'bittorrent-tracker, HTTP', seconds: await httpInterval(server, agents) });
    intervals.push({ name: 'bittorrent-tracker, WebSocket', seconds: await webSocketInterval(server) });
    await server.program.end();
  }
  if (installed.includes('opentracker')) {
    const server = await room.opentracker();
    intervals.push({ name: 'opentracker, HTTP', seconds: await httpInterval(server, agents) });
    await server.program.end();
  }
  return intervals;
}
