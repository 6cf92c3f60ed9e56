/** How soon a waiting leecher hears of a seeder that arrives, with a thousand sessions at the tracker. */
import { once } from 'node:events';
import { SESSION_PATH, type InfoHash } from '@shoal/protocol';
import { WebSocket, type RawData } from 'ws';
import type { AnsweringAgents } from './answering-agents.ts';
import { AGENTS, infoHashOfSwarm, peerIdOfAgent } from './population.ts';
import type { Server } from './servers.ts';
import { helloOf, openSession, textOf } from './sessions.ts';

/** Sessions of leechers that wait. */
export const WAITERS = 1_000;
/** Sessions are opened by so many at once. */
const BATCH = 50;

/** Leechers that wait, so many in each swarm, and seeders that arrive one after the other. */
export class WaitingRoom {
  readonly #server: Server;
  readonly #agents: AnsweringAgents;
  readonly #leechers: readonly WebSocket[];
  #swarmsUsed = 0;

  private constructor(server: Server, agents: AnsweringAgents, leechers: readonly WebSocket[]) {
    this.#server = server;
    this.#agents = agents;
    this.#leechers = leechers;
  }

  static async open(server: Server, agents: AnsweringAgents): Promise<WaitingRoom> {
    const leechers: WebSocket[] = [];
    while (leechers.length < WAITERS) {
      const batch = Array.from({ length: BATCH }, (_, at) => openSession(server, AGENTS + leechers.length + at));
      leechers.push(...(await Promise.all(batch)));
    }
    return new WaitingRoom(server, agents, leechers);
  }

  /**
   * All leechers wait, in new swarms of the same size, and each swarm gets its seeder when the one before has been heard of.
   * @param arrival whether the seeder has a session already, or connects in that moment and is to be tried first
   * @returns for each leecher the milliseconds from the seeder's announce, or its connecting, to the news
   */
  async arrivals(perSwarm: number, seeders: number, arrival: 'has a session' | 'connects'): Promise<number[]> {
    const swarms = Array.from({ length: seeders }, () => infoHashOfSwarm(-1 - this.#swarmsUsed++));
    await this.#wait(swarms, perSwarm);
    const times: number[] = [];
    for (const [at, infoHash] of swarms.entries()) {
      const waiting = this.#leechers.slice(at * perSwarm, (at + 1) * perSwarm);
      times.push(...(await this.#arrive(infoHash, waiting, { seeder: at % AGENTS, arrival })));
    }
    return times;
  }

  close(): void {
    for (const socket of this.#leechers) socket.terminate();
  }

  async #wait(swarms: readonly InfoHash[], perSwarm: number): Promise<void> {
    const entered = this.#leechers.slice(0, swarms.length * perSwarm).map(async (socket, at) => {
      const infoHash = swarms[Math.floor(at / perSwarm)];
      socket.send(JSON.stringify({ kind: 'announce', swarms: [{ infoHash, left: 1 }] }));
      socket.ping();
      await once(socket, 'pong');
    });
    await Promise.all(entered);
  }

  async #arrive(
    infoHash: InfoHash,
    waiting: readonly WebSocket[],
    { seeder, arrival }: { readonly seeder: number; readonly arrival: 'has a session' | 'connects' },
  ): Promise<number[]> {
    const announce = JSON.stringify({ kind: 'announce', swarms: [{ infoHash, left: 0 }] });
    const heard = waiting.map((socket) => whenTold(socket, infoHash, seeder));
    let begunAt = performance.now();
    let session: WebSocket;
    if (arrival === 'has a session') {
      session = await openSession(this.#server, seeder, this.#agents);
      begunAt = performance.now();
    } else {
      session = new WebSocket(`ws://${this.#server.host}:${this.#server.port}${SESSION_PATH}`, {
        perMessageDeflate: false,
      });
      await once(session, 'open');
      session.send(helloOf(seeder, this.#agents));
    }
    session.send(announce);
    const times = (await Promise.all(heard)).map((at) => at - begunAt);
    session.terminate();
    await once(session, 'close');
    return times;
  }
}

/** When a leecher is told of the seeder. */
function whenTold(socket: WebSocket, infoHash: InfoHash, seeder: number): Promise<number> {
  const [start, who] = [`{"kind":"peers","infoHashes":["${infoHash}"]`, `{"peerId":"${peerIdOfAgent(seeder)}"`];
  return new Promise((resolve) => {
    const look = (data: RawData): void => {
      const now = performance.now();
      const text = textOf(data);
      if (!text.startsWith(start) || !text.includes(who)) return;
      socket.off('message', look);
      resolve(now);
    };
    socket.on('message', look);
  });
}
