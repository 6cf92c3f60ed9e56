import { createServer, type Server } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { PEER_PATH, PEER_PROTOCOL_VERSION } from '@shoal/protocol';
import { WebSocketServer } from 'ws';
import { peerIdOfAgent } from './population.ts';

/** Agents that do nothing but answer a tracker that looks whether they can be reached, each at a port of its own. */
export class AnsweringAgents {
  readonly #servers: readonly Server[];
  readonly #sockets: WebSocketServer;
  readonly #ports: readonly number[];

  private constructor(servers: readonly Server[], sockets: WebSocketServer) {
    this.#servers = servers;
    this.#sockets = sockets;
    this.#ports = servers.map((server) => (server.address() as AddressInfo).port);
  }

  static async start(count: number): Promise<AnsweringAgents> {
    const sockets = new WebSocketServer({ noServer: true, perMessageDeflate: false, path: PEER_PATH });
    const servers = Array.from({ length: count }, (_, agent) => answer(sockets, agent));
    for (const server of servers) {
      server.listen(0, '127.0.0.1');
      await once(server, 'listening');
    }
    return new AnsweringAgents(servers, sockets);
  }

  /** Where an agent accepts links. */
  portOf(agent: number): number {
    const port = this.#ports[agent];
    if (port === undefined) throw new Error(`there is no agent ${String(agent)}`);
    return port;
  }

  stop(): void {
    this.#sockets.close();
    for (const server of this.#servers) {
      server.close();
      server.closeAllConnections();
    }
    for (const socket of this.#sockets.clients) socket.terminate();
  }
}

function answer(sockets: WebSocketServer, agent: number): Server {
  const server = createServer();
  const hello = { kind: 'hello', version: PEER_PROTOCOL_VERSION, peerId: peerIdOfAgent(agent), agent: 'bench/1' };
  server.on('upgrade', (request, socket, head) => {
    sockets.handleUpgrade(request, socket, head, (webSocket) => {
      webSocket.on('error', () => undefined);
      webSocket.send(JSON.stringify({ ...hello, port: (server.address() as AddressInfo).port }));
    });
  });
  return server;
}
