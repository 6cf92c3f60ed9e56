import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { parseFromAgent, SESSION_PATH, type FromTracker, type HandedPeer } from '@shoal/protocol';
import { WebSocketServer, type WebSocket } from 'ws';

const HOST = '127.0.0.1';

/** A tracker that believes all it is told to say: every leecher gets the same peers, whoever is there. */
export class HandingTracker {
  readonly #server: WebSocketServer;
  #handOut: readonly HandedPeer[] = [];

  private constructor(server: WebSocketServer) {
    this.#server = server.on('connection', (socket) => {
      this.#serve(socket);
    });
  }

  static async start(): Promise<HandingTracker> {
    const server = new WebSocketServer({ host: HOST, port: 0, path: SESSION_PATH });
    await once(server, 'listening');
    return new HandingTracker(server);
  }

  get url(): string {
    return `http://${HOST}:${(this.#server.address() as AddressInfo).port}`;
  }

  /** What the leechers that announce from now on are handed. */
  handOut(peers: readonly HandedPeer[]): void {
    this.#handOut = peers;
  }

  async stop(): Promise<void> {
    for (const socket of this.#server.clients) socket.terminate();
    this.#server.close();
    await once(this.#server, 'close');
  }

  #serve(socket: WebSocket): void {
    const say = (message: FromTracker): void => {
      socket.send(JSON.stringify(message));
    };
    socket.on('error', () => undefined);
    socket.on('message', (data: Buffer) => {
      const message = parseFromAgent(data.toString());
      if (message.kind === 'hello') say({ kind: 'welcome', version: 1, observedHost: HOST });
      if (message.kind !== 'announce') return;
      const infoHashes = message.swarms.filter(({ left }) => left > 0).map(({ infoHash }) => infoHash);
      if (infoHashes.length > 0) say({ kind: 'peers', infoHashes, added: this.#handOut, removed: [] });
    });
  }
}
