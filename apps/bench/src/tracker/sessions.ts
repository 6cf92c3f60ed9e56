/** Announces over WebSockets: agents with a thousand shares each, at Shoal's tracker and at bittorrent-tracker. */
import { once } from 'node:events';
import { SESSION_PATH } from '@shoal/protocol';
import { WebSocket, type RawData } from 'ws';
import type { AnsweringAgents } from './answering-agents.ts';
import {
  AGENTS,
  bitTorrentInfoHash,
  bitTorrentPeerId,
  infoHashOfSwarm,
  MEMBERSHIPS,
  membershipsOf,
  peerIdOfAgent,
} from './population.ts';
import type { Server } from './servers.ts';
import { cpuSecondsOf, ownCpuSeconds } from './usage.ts';

/** How one round went: every agent announces all of its shares once. */
export interface SessionRound {
  readonly swarmsPerSecond: number;
  readonly cpuMsPerThousand: number;
  /** The part of a core that the load took. */
  readonly loadCpuShare: number;
}

/** Agents with an open WebSocket to a tracker. */
export interface SessionFleet {
  /** All enter all of their swarms, or confirm them. */
  announce(): Promise<SessionRound>;
  close(): void;
}

const OPTIONS = { perMessageDeflate: false };

/** Opens Shoal sessions, one an agent, each with a thousand swarms in one message. */
export async function openShoalFleet(server: Server, agents: AnsweringAgents): Promise<ShoalFleet> {
  const sockets = await Promise.all(Array.from({ length: AGENTS }, (_, agent) => openSession(server, agent, agents)));
  return new ShoalFleet(server, sockets);
}

/**
 * Opens a session and waits until the tracker knows where its agent is reached.
 * @param agents who answers the tracker; without them the agent accepts no links
 */
export async function openSession(server: Server, agent: number, agents?: AnsweringAgents): Promise<WebSocket> {
  const socket = new WebSocket(`ws://${server.host}:${server.port}${SESSION_PATH}`, OPTIONS);
  await once(socket, 'open');
  const settled = new Promise<void>((resolve) => {
    const look = (data: RawData): void => {
      if (!textOf(data).startsWith('{"kind":"reachability"')) return;
      socket.off('message', look);
      resolve();
    };
    socket.on('message', look);
  });
  socket.send(helloOf(agent, agents));
  await settled;
  return socket;
}

/** The first word of an agent. */
export function helloOf(agent: number, agents?: AnsweringAgents): string {
  const port = agents?.portOf(agent) ?? 0;
  return JSON.stringify({ kind: 'hello', version: 1, peerId: peerIdOfAgent(agent), port, agent: 'bench/1' });
}

/** The text of a message. */
export function textOf(data: RawData): string {
  return Buffer.isBuffer(data) ? data.toString() : '';
}

/** Shoal's agents. */
export class ShoalFleet implements SessionFleet {
  readonly #server: Server;
  readonly #sockets: readonly WebSocket[];

  constructor(server: Server, sockets: readonly WebSocket[]) {
    this.#server = server;
    this.#sockets = sockets;
  }

  announce(): Promise<SessionRound> {
    return this.#round('announce', 0);
  }

  /** All leechers tell that they have come further. */
  progress(by: number): Promise<SessionRound> {
    return this.#round('progress', by);
  }

  close(): void {
    for (const socket of this.#sockets) socket.terminate();
  }

  #round(kind: 'announce' | 'progress', by: number): Promise<SessionRound> {
    const messages = this.#sockets.map((_, agent) => {
      const swarms = membershipsOf(agent).map(({ swarm, left }) => {
        return { infoHash: infoHashOfSwarm(swarm), left: left === 0 ? 0 : left - by };
      });
      return JSON.stringify({ kind, swarms });
    });
    return timed(this.#server, async () => {
      await Promise.all(
        this.#sockets.map(async (socket, at) => {
          socket.send(messages[at] ?? '');
          // The tracker takes messages in order: what is answered now was handled, and its answers came before.
          socket.ping();
          await once(socket, 'pong');
        }),
      );
    });
  }
}

/** bittorrent-tracker's peers: a socket an agent, which keeps one announce under way and waits for its answer. */
export class BitTorrentFleet implements SessionFleet {
  readonly #server: Server;
  readonly #sockets: readonly WebSocket[];

  private constructor(server: Server, sockets: readonly WebSocket[]) {
    this.#server = server;
    this.#sockets = sockets;
  }

  static async open(server: Server): Promise<BitTorrentFleet> {
    const sockets = await Promise.all(
      Array.from({ length: AGENTS }, async () => {
        const socket = new WebSocket(`ws://${server.host}:${server.port}/`, OPTIONS);
        await once(socket, 'open');
        return socket;
      }),
    );
    return new BitTorrentFleet(server, sockets);
  }

  announce(): Promise<SessionRound> {
    const messages = this.#sockets.map((_, agent) => membershipsOf(agent).map(bitTorrentAnnounce));
    return timed(this.#server, async () => {
      await Promise.all(this.#sockets.map((socket, agent) => sendInTurn(socket, messages[agent] ?? [])));
    });
  }

  close(): void {
    for (const socket of this.#sockets) socket.terminate();
  }
}

function bitTorrentAnnounce({ swarm, agent, left }: ReturnType<typeof membershipsOf>[number]): string {
  return JSON.stringify({
    action: 'announce',
    info_hash: bitTorrentInfoHash(swarm).toString('latin1'),
    peer_id: bitTorrentPeerId(agent),
    numwant: 50,
    uploaded: 0,
    downloaded: 0,
    left,
  });
}

function sendInTurn(socket: WebSocket, messages: readonly string[]): Promise<void> {
  return new Promise((resolve) => {
    let answered = 0;
    const next = (): void => {
      const message = messages[answered];
      if (message !== undefined) {
        socket.send(message);
        return;
      }
      socket.off('message', take);
      resolve();
    };
    const take = (): void => {
      answered++;
      next();
    };
    socket.on('message', take);
    next();
  });
}

async function timed({ program }: Server, work: () => Promise<void>): Promise<SessionRound> {
  const [begunAt, before, ownBefore] = [performance.now(), cpuSecondsOf(program), ownCpuSeconds()];
  await work();
  const seconds = (performance.now() - begunAt) / 1_000;
  return {
    swarmsPerSecond: MEMBERSHIPS / seconds,
    cpuMsPerThousand: ((cpuSecondsOf(program) - before) * 1e6) / MEMBERSHIPS,
    loadCpuShare: (ownCpuSeconds() - ownBefore) / seconds,
  };
}
