import { once } from 'node:events';
import { createHash } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { SESSION_PATH } from '@shoal/protocol';
import { eventually, quantile, usageOf, type Launch } from '@shoal/testbed';
import { WebSocket } from 'ws';
import type { BatteryOrder, Part } from '../battery.ts';
import { atTrackerHome, type RunningTracker, type TrackerHome } from '../catalogue/tracker-home.ts';
import { atMost, fact, type Figure } from '../figure.ts';
import { Crowd } from './crowd.ts';

const MiB = 1024 * 1024;
const SIZES = {
  quick: { sessions: 300, spare: 20, churnMs: 4_000 },
  full: { sessions: 10_000, spare: 200, churnMs: 30_000 },
};
const CHURN_SHARE = 0.01;
/** Of the file descriptors, the tracker gives so many to sessions. */
const SESSION_SHARE = 0.8;
const TOO_MANY = 50;
const PROBES = 10;
const PROBE_EVERY_MS = 5;

/** Thousands of sessions that come and go, and more than there is room for. */
export const SESSIONS: Part = {
  name: 'many sessions',
  run: (order) => atTrackerHome((home) => crowd(home, order)),
};

async function crowd(home: TrackerHome, { extent }: BatteryOrder): Promise<readonly Figure[]> {
  const { sessions, spare, churnMs } = SIZES[extent === 'quick' ? 'quick' : 'full'];
  const budget = sessions + spare + PROBES;
  const tracker = await home.start(withOpenFiles(Math.ceil(budget / SESSION_SHARE)));
  const churnPerSecond = sessions * CHURN_SHARE;
  const order = { name: 'many', port: tracker.port, sessions, swarms: sessions / 10, churnPerSecond };
  const many = await Crowd.enter(home.sandbox, order);
  const latenciesMs = await probe(tracker, churnMs);
  many.calm();
  const beyond = await crowdBeyond(home, tracker, spare + PROBES);
  const state = await many.state();
  const peakMiB = (usageOf(tracker.program.pid)?.peakResidentBytes ?? NaN) / MiB;
  const all = `${sessions} sessions`;
  return [
    atMost({ what: `${all}: all entered`, unit: 's', limit: 20, seen: state.openS, isTiming: true }),
    atMost({
      what: `${all}, ${churnPerSecond} of them replaced in a second: announce p99 (${latenciesMs.length}, median ${quantile(latenciesMs, 0.5).toFixed(1)} ms)`,
      unit: 'ms',
      limit: 50,
      seen: quantile(latenciesMs, 0.99),
      isTiming: true,
    }),
    atMost({ what: `${all}: largest resident memory`, unit: 'MiB', limit: 400, seen: peakMiB, isTiming: false }),
    fact(`${all} and ${state.opened - sessions} in place of others: dropped or refused`, {
      demand: 'none',
      seen: `${state.dropped} dropped, ${state.refused} refused`,
      holds: state.dropped === 0 && state.refused === 0 && state.standing === sessions,
    }),
    ...beyond,
  ];
}

/** Starts a program that may have so many files open. */
function withOpenFiles(limit: number): Launch {
  return (file, args) => ['sh', ['-c', `ulimit -n ${limit} && exec "$0" "$@"`, file, ...args]];
}

/** Announces again and again, and waits for the answer each time: how long each took, in ms. */
async function probe({ port }: RunningTracker, forMs: number): Promise<readonly number[]> {
  const sockets = await Promise.all(Array.from({ length: PROBES }, (_, number) => openProbe(port, number)));
  const latencies: number[] = [];
  const endsAt = performance.now() + forMs;
  for (let round = 0; performance.now() < endsAt; round++) {
    const socket = sockets[round % PROBES];
    if (socket === undefined) break;
    const begunAt = performance.now();
    const infoHash = hex(`swarm ${round % 30}`);
    socket.send(JSON.stringify({ kind: 'announce', swarms: [{ infoHash, left: round }] }));
    // The tracker takes messages in order: what is answered now was handled.
    socket.ping();
    await once(socket, 'pong');
    latencies.push(performance.now() - begunAt);
    await pause(PROBE_EVERY_MS);
  }
  for (const socket of sockets) socket.close();
  await Promise.all(sockets.map((socket) => once(socket, 'close')));
  return latencies;
}

async function openProbe(port: number, number: number): Promise<WebSocket> {
  const socket = new WebSocket(`ws://127.0.0.1:${port}${SESSION_PATH}`, { perMessageDeflate: false });
  await once(socket, 'open');
  const peerId = hex(`probe ${number}`);
  socket.send(JSON.stringify({ kind: 'hello', version: 1, peerId, port: 0, agent: 'load/1' }));
  return socket;
}

/** More sessions than there is room for: who is beyond is told to come later, and everybody else is served. */
async function crowdBeyond(home: TrackerHome, { port, url }: RunningTracker, room: number): Promise<readonly Figure[]> {
  const standing = await untilSteady(url);
  const more = { name: 'more', port, sessions: room + TOO_MANY, swarms: 10, churnPerSecond: 0 };
  const beyond = await Crowd.enter(home.sandbox, more);
  const { refused } = await beyond.state();
  const answer = await refusalOf(port);
  const health = await fetch(`${url}/healthz`);
  await beyond.leave();
  const after = await eventually('room again', async () => {
    const now = await sessionsAt(url);
    return now <= standing ? now : undefined;
  });
  return [
    fact(`${TOO_MANY} sessions more than ${standing + room}, which there are descriptors for`, {
      demand: `${TOO_MANY} are refused, with 503 and Retry-After`,
      seen: `${refused} are, with ${answer}`,
      holds: refused === TOO_MANY && answer === '503 and Retry-After',
    }),
    fact('calls by HTTP while there is no room for sessions', {
      demand: 'are answered',
      seen: String(health.status),
      holds: health.ok,
    }),
    fact('sessions of before, when those are gone', {
      demand: String(standing),
      seen: String(after),
      holds: after === standing,
    }),
  ];
}

/** How many sessions there are when nobody who has left is counted any more. */
async function untilSteady(url: string): Promise<number> {
  return eventually('the sessions that have left to be gone', async () => {
    const before = await sessionsAt(url);
    await pause(300);
    return before === (await sessionsAt(url)) ? before : undefined;
  });
}

async function sessionsAt(url: string): Promise<number> {
  const metrics = await (await fetch(`${url}/metrics`)).text();
  return Number(/^shoal_sessions (\d+)$/m.exec(metrics)?.[1] ?? NaN);
}

async function refusalOf(port: number): Promise<string> {
  const socket = new WebSocket(`ws://127.0.0.1:${port}${SESSION_PATH}`);
  socket.on('error', () => undefined);
  const outcome = await Promise.race([
    once(socket, 'open').then(() => 'a session'),
    once(socket, 'unexpected-response').then(([, response]) => {
      const { statusCode, headers } = response as { statusCode: number; headers: Record<string, string> };
      return `${statusCode} and ${headers['retry-after'] === undefined ? 'nothing' : 'Retry-After'}`;
    }),
  ]);
  socket.terminate();
  return outcome;
}

function hex(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
