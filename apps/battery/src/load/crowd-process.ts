/** A program of its own that holds thousands of sessions with a tracker, and lets some go and others come. */
import { createHash } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { SESSION_PATH } from '@shoal/protocol';
import { WebSocket } from 'ws';
import type { CrowdOrder, CrowdState } from './crowd.ts';

/** Dials under way at once: as many as a fleet has that comes back with full jitter. */
const DIALS_AT_ONCE = 100;
const CHURN_EVERY_MS = 100;
const MEMBERS_PER_SWARM = 10;

const order = JSON.parse(process.argv[2] ?? '') as CrowdOrder;
const sessions: WebSocket[] = [];
let dropped = 0;
let refused = 0;
let opened = 0;
let isCalm = false;

function hex(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

/** Opens a session and enters one swarm: resolves when the tracker has told whom else it is to know, or has refused. */
function enter(number: number): Promise<WebSocket | undefined> {
  return new Promise((resolve) => {
    const socket = new WebSocket(`ws://127.0.0.1:${order.port}${SESSION_PATH}`, { perMessageDeflate: false });
    socket.once('open', () => {
      const infoHash = hex(`swarm ${Math.floor(number / MEMBERS_PER_SWARM) % order.swarms}`);
      const peerId = hex(`${order.name} ${number}`);
      socket.send(JSON.stringify({ kind: 'hello', version: 1, peerId, port: 0, agent: 'load/1' }));
      socket.send(JSON.stringify({ kind: 'announce', swarms: [{ infoHash, left: number % 2 }] }));
      socket.ping();
    });
    let isIn = false;
    socket.once('pong', () => {
      opened++;
      isIn = true;
      resolve(socket);
    });
    socket.on('error', () => undefined);
    socket.once('close', () => {
      if (isIn) dropped++;
      else refused++;
      resolve(undefined);
    });
  });
}

function leave(socket: WebSocket): void {
  socket.removeAllListeners('close');
  socket.close();
}

async function open(): Promise<number> {
  const begunAt = performance.now();
  let next = 0;
  const dial = async (): Promise<void> => {
    while (next < order.sessions) {
      const socket = await enter(next++);
      if (socket !== undefined) sessions.push(socket);
    }
  };
  await Promise.all(Array.from({ length: DIALS_AT_ONCE }, dial));
  return (performance.now() - begunAt) / 1_000;
}

/** Every second so many go and as many come, until it is told to be calm. */
async function churn(): Promise<void> {
  const perRound = (order.churnPerSecond * CHURN_EVERY_MS) / 1_000;
  let due = 0;
  let next = order.sessions;
  for (let at = 0; !isCalm;) {
    await pause(CHURN_EVERY_MS);
    for (due += perRound; due >= 1; due--) {
      const place = at++ % sessions.length;
      const old = sessions[place];
      const socket = await enter(next++);
      if (old !== undefined) leave(old);
      if (socket !== undefined) sessions[place] = socket;
    }
  }
}

function tell(openS: number): void {
  const state: CrowdState = { openS, standing: sessions.length, opened, dropped, refused };
  process.stdout.write(`${JSON.stringify(state)}\n`);
}

const openS = await open();
tell(openS);
process.stdin.setEncoding('utf8').on('data', (text: string) => {
  if (text.includes('calm')) isCalm = true;
  else tell(openS);
});
if (order.churnPerSecond > 0) await churn();
