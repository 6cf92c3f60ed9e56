/** Part `tracker`: every call, body, session message, address and search, at a built tracker. */
import { randomBytes } from 'node:crypto';
import { TrackerClient } from '@shoal/client';
import {
  SESSION_MESSAGE_KINDS,
  SESSION_PATH,
  TRACKER_CALLS,
  type AnnounceReply,
  type SearchReply,
  type SwarmReply,
} from '@shoal/protocol';
import { Machine, Sandbox, type Tracker } from '@shoal/testbed';
import type { Part } from '../../battery.ts';
import { fact, type Figure } from '../../figure.ts';
import { isWell, showsInside, stillWorks } from '../health.ts';
import { callHttp, verdictOf, type Answer, type Call } from '../http-call.ts';
import { honestMetainfo } from '../metainfo/bad-metainfos.ts';
import { afterPings, endOf } from '../socket/end.ts';
import { RawSocket, Refused } from '../socket/raw-socket.ts';
import { covers, judge, throwTable } from '../table.ts';
import { announceRows } from './announce-rows.ts';
import { callRows, pathRows, type CallRow } from './call-rows.ts';
import { containsText, searchRows, SPECIAL_NAMES, wordsOf } from './search-rows.ts';
import { HONEST_SESSION_MESSAGES, sessionRows, sessionUpgradeRows, type SessionRow } from './session-rows.ts';

const AT_ONCE = 6;
const JSON_TYPE = { 'content-type': 'application/json' };

export const TRACKER: Part = {
  name: 'tracker',
  async run() {
    const sandbox = await Sandbox.create();
    try {
      const machine = await Machine.create(sandbox, 'tracker');
      return await attack(await machine.startTracker());
    } finally {
      await sandbox.clear();
    }
  },
};

async function attack(tracker: Tracker): Promise<readonly Figure[]> {
  const client = new TrackerClient(tracker.url);
  const metainfo = honestMetainfo('registered.bin');
  await client.register(metainfo);
  return [
    ...(await throwCalls(tracker.port, metainfo.infoHash)),
    ...(await throwSessions(tracker.port)),
    ...(await throwAddresses(tracker.port)),
    await forwardedFor(tracker.port),
    await throwSearches(tracker),
    await stillWorks('tracker: an honest call', () => client.get(metainfo.infoHash)),
    isWell('tracker: the program', tracker.program),
  ];
}

async function throwCalls(port: number, infoHash: string): Promise<readonly Figure[]> {
  const rows = callRows(infoHash);
  let defects = 0;
  const send = async ({ call }: CallRow): Promise<string> => {
    const answer = await callHttp(port, call);
    if (answer.status >= 500 || answer.code === 'internal' || showsInside(answer.text)) defects++;
    return verdictOf(answer);
  };
  const outcomes = await throwTable(rows, AT_ONCE, send);
  const paths = await throwTable(pathRows(infoHash), AT_ONCE, send);
  const calls = Object.entries(TRACKER_CALLS).flatMap(([path, methods]) =>
    methods.map((method) => `${method} ${path}`),
  );
  return [
    covers(
      'tracker: calls',
      calls,
      rows.map(({ subject }) => subject),
    ),
    judge('tracker: calls × methods × bodies', outcomes),
    judge('tracker: paths and queries', paths),
    fact('tracker: answers of 500, or with a stack', { demand: 'none', seen: String(defects), holds: defects === 0 }),
  ];
}

async function throwSessions(port: number): Promise<readonly Figure[]> {
  const rows = sessionRows();
  const outcomes = await throwTable(rows, AT_ONCE, (row) => throwSession(port, row));
  const upgrades = await throwTable(sessionUpgradeRows(SESSION_PATH), AT_ONCE, async ({ upgrade }) => {
    try {
      (await RawSocket.open({ port, ...upgrade })).cut();
      return '101';
    } catch (error) {
      if (error instanceof Refused) return error.verdict;
      throw error;
    }
  });
  return [
    covers(
      'tracker: kinds of session message',
      SESSION_MESSAGE_KINDS.fromAgent,
      rows.flatMap(({ kinds }) => kinds),
    ),
    judge('tracker: messages and frames of a session', outcomes),
    judge('tracker: upgrades', upgrades),
  ];
}

async function throwSession(port: number, { isOpen, must, act }: SessionRow): Promise<string> {
  const session = await RawSocket.open({ port, path: SESSION_PATH });
  try {
    if (isOpen) await greet(session);
    act(session);
    return await (must === 'goes on' ? afterPings(session, 'error') : endOf(session, 'error'));
  } finally {
    session.cut();
  }
}

/** Says hello as an agent that nobody has met. */
async function greet(session: RawSocket): Promise<unknown> {
  session.tell({ ...HONEST_SESSION_MESSAGES.hello, peerId: anybody() });
  return session.heard('welcome');
}

async function throwAddresses(port: number): Promise<readonly Figure[]> {
  const rows = announceRows(port);
  const swarms: string[] = [];
  const outcomes = await throwTable(rows, AT_ONCE, async ({ body, must }) => {
    const infoHash = anybody();
    const isTaken = must === '200';
    if (isTaken) swarms.push(infoHash);
    const claim = isTaken ? { ...body, peerId: anybody(), swarms: [{ infoHash, left: 0 }] } : body;
    return verdictOf(await post(port, claim));
  });
  const handedOut = await Promise.all(swarms.map((infoHash) => peersOf(port, infoHash)));
  const seen = handedOut.flat().map(({ host, port: at }) => `${host} ${String(at)}`);
  return [
    judge('tracker: addresses and swarms of announces', outcomes),
    fact('tracker: hostile addresses that it hands out', {
      demand: 'none',
      seen: seen.length === 0 ? `none of ${String(swarms.length)}` : seen.join(', '),
      holds: seen.length === 0 && swarms.length > 0,
    }),
  ];
}

/** What a newcomer to a swarm is told. */
async function peersOf(port: number, infoHash: string): Promise<AnnounceReply['swarms'][number]['peers']> {
  const { text } = await post(port, { peerId: anybody(), port: 0, swarms: [{ infoHash, left: 1 }] });
  return (JSON.parse(text) as AnnounceReply).swarms.flatMap(({ peers }) => peers);
}

/** Whoever calls from nowhere special is where the connection comes from, whatever headers say. */
async function forwardedFor(port: number): Promise<Figure> {
  const forged = '203.0.113.7';
  const claims: Readonly<Record<string, Call['headers']>> = {
    once: { 'x-forwarded-for': forged },
    twice: { 'x-forwarded-for': [forged, forged] },
    'a chain': { 'x-forwarded-for': `${forged}, 10.0.0.1, 127.0.0.1` },
    'other headers': { forwarded: `for=${forged}`, 'x-real-ip': forged, 'true-client-ip': forged, via: '1.1 proxy' },
    garbage: { 'x-forwarded-for': `,,${'x'.repeat(8_000)}` },
  };
  const outcomes = await throwTable(
    Object.entries(claims).map(([name, headers]) => ({ name, headers, must: 'announced and welcomed from 127.0.0.1' })),
    1,
    async ({ headers = {} }) => {
      const infoHash = anybody();
      await post(port, { peerId: anybody(), port: 1, swarms: [{ infoHash, left: 0 }] }, headers);
      const { text } = await callHttp(port, { method: 'GET', path: `/v1/swarms/${infoHash}` });
      const [peer] = (JSON.parse(text) as SwarmReply).peers;
      const lines = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)]));
      const session = await RawSocket.open({ port, path: SESSION_PATH, headers: lines });
      const { observedHost } = (await greet(session)) as { observedHost: string };
      session.cut();
      const hosts = new Set([String(peer?.host), observedHost]);
      return `announced and welcomed from ${[...hosts].join(' and ')}`;
    },
  );
  return judge('tracker: X-Forwarded-For from a stranger', outcomes);
}

async function throwSearches({ port, url }: Tracker): Promise<Figure> {
  const client = new TrackerClient(url);
  for (const name of SPECIAL_NAMES) await client.register(honestMetainfo(name));
  const outcomes = await throwTable(searchRows(containsText), AT_ONCE, async ({ query }) => {
    const path = `/v1/shares?limit=100&query=${encodeAnything(query)}`;
    const answer = await callHttp(port, { method: 'GET', path });
    if (answer.status !== 200) return verdictOf(answer);
    const names = (JSON.parse(answer.text) as SearchReply).shares.map(({ name }) => name);
    return wordsOf(names.filter((name) => name !== 'registered.bin'));
  });
  return judge('tracker: searches find the literal text', outcomes);
}

/** Percent-encodes also what is no Unicode, byte for byte. */
function encodeAnything(text: string): string {
  if (text === '\ud800') return '%ED%A0%80';
  return encodeURIComponent(text);
}

function post(port: number, body: object, headers: Call['headers'] = {}): Promise<Answer> {
  const call = { method: 'POST', path: '/v1/announce', body: JSON.stringify(body) };
  return callHttp(port, { ...call, headers: { ...JSON_TYPE, ...headers } });
}

/** An id or info hash that nobody else has. */
function anybody(): string {
  return randomBytes(32).toString('hex');
}
