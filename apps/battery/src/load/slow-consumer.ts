import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { encodePeerMessage, LIMITS, PEER_PATH, peerIdSchema, SESSION_PATH } from '@shoal/protocol';
import { eventually, usageOf } from '@shoal/testbed';
import { WebSocket, WebSocketServer } from 'ws';
import type { Part } from '../battery.ts';
import { atTrackerHome, type TrackerHome } from '../catalogue/tracker-home.ts';
import { atMost, fact, type Figure } from '../figure.ts';

const MiB = 1024 * 1024;
/** Enough to fill the system's buffers of both ends, and then what the tracker keeps for one agent. */
const MAX_ROUNDS = 1_000;
const MEMORY_MIB = 50;

const infoHashes = Array.from({ length: LIMITS.announceSwarms }, (_, number) => hex(`swarm ${number}`));

/** An agent that reads nothing of what it is told, while others come and go in its thousand swarms. */
export const SLOW_CONSUMER: Part = {
  name: 'a session that reads nothing',
  run: () => atTrackerHome(tellMuch),
};

async function tellMuch(home: TrackerHome): Promise<readonly Figure[]> {
  const { url, port, program } = await home.start();
  const listener = await open(port, 'listener');
  await announce(listener, 1);
  const slow = await open(port, 'slow');
  await announce(slow, 1);
  slow.pause();
  const door = await listen('restless');
  const restless = await open(port, 'restless', door);
  await untilReachable(restless);
  await announce(restless, 0);
  const before = usageOf(program.pid)?.residentBytes ?? NaN;
  let rounds = 0;
  let isThere = true;
  for (; isThere && rounds < MAX_ROUNDS; rounds++) {
    restless.send(JSON.stringify({ kind: 'leave', infoHashes }));
    await announce(restless, 0);
    if (rounds % 20 === 0) isThere = await isIn(url, 'slow');
  }
  const grownMiB = ((usageOf(program.pid)?.peakResidentBytes ?? NaN) - before) / MiB;
  const others = [listener, restless].filter(({ readyState }) => readyState === WebSocket.OPEN).length;
  const left = await eventually(
    'the slow one to be gone',
    async () => ((await isIn(url, 'slow')) ? undefined : 'gone'),
    5_000,
  ).catch(() => 'there');
  for (const socket of [listener, slow, restless]) socket.terminate();
  door.close();
  return [
    fact(`a session that reads nothing, after ${2 * rounds} messages of ${LIMITS.announceSwarms} swarms`, {
      demand: 'gone',
      seen: left,
      holds: left === 'gone',
    }),
    fact('the sessions beside it', { demand: '2 stand', seen: `${others} stand`, holds: others === 2 }),
    atMost({
      what: 'memory that the tracker grows by for it',
      unit: 'MiB',
      limit: MEMORY_MIB,
      seen: grownMiB,
      isTiming: true,
    }),
  ];
}

/** Accepts links as an agent does: nobody is told of an agent that cannot be dialled. */
async function listen(name: string): Promise<WebSocketServer> {
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1', path: PEER_PATH });
  server.on('connection', (link) => {
    const hello = {
      kind: 'hello',
      version: 1,
      peerId: peerIdSchema.parse(hex(name)),
      port: 1,
      agent: 'load/1',
    } as const;
    link.send(encodePeerMessage(hello));
  });
  await once(server, 'listening');
  return server;
}

/** Waits until the tracker has dialled an agent, and found it. */
async function untilReachable(socket: WebSocket): Promise<void> {
  for (;;) {
    const [data] = (await once(socket, 'message')) as [Buffer];
    if (data.toString().startsWith('{"kind":"reachability"')) return;
  }
}

async function open(tracker: number, name: string, door?: WebSocketServer): Promise<WebSocket> {
  const socket = new WebSocket(`ws://127.0.0.1:${tracker}${SESSION_PATH}`, { perMessageDeflate: false });
  socket.on('error', () => undefined);
  await once(socket, 'open');
  const address = door?.address();
  const port = typeof address === 'object' ? (address?.port ?? 0) : 0;
  socket.send(JSON.stringify({ kind: 'hello', version: 1, peerId: hex(name), port, agent: 'load/1' }));
  return socket;
}

/** Enters all swarms, and waits until the tracker has taken it. */
async function announce(socket: WebSocket, left: number): Promise<void> {
  socket.send(JSON.stringify({ kind: 'announce', swarms: infoHashes.map((infoHash) => ({ infoHash, left })) }));
  socket.ping();
  await once(socket, 'pong');
}

async function isIn(url: string, name: string): Promise<boolean> {
  return (await (await fetch(`${url}/v1/swarms/${infoHashes[0] ?? ''}`)).text()).includes(hex(name));
}

function hex(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
