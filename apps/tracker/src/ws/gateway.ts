import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { LIMITS, ShoalError } from '@shoal/protocol';
import { WebSocketServer, type WebSocket } from 'ws';
import type { Connection } from './connection.ts';
import { refuse } from './refuse.ts';

const CLOSE_MS = 1_000;
const LOOK_MS = 10;

/** Who comes in by a gateway. */
export interface GatewayParts {
  /** What they come for, as messages say it: `opening a session`. */
  readonly doing: string;
  /** Connections that may be open at once. */
  readonly most: number;
  readonly maxMessageBytes: number;
  readonly maxFragments: number;
  /** Throws a ShoalError at whoever may not come in. */
  admit(request: IncomingMessage): void;
  /** Begins to speak with who came in. */
  open(socket: WebSocket, request: IncomingMessage): Connection;
}

/** Lets WebSockets in: upgrades, limits, heartbeat. */
export class Gateway {
  readonly #parts: GatewayParts;
  readonly #connections = new Set<Connection>();
  readonly #sockets: WebSocketServer;
  readonly #heartbeat: NodeJS.Timeout;
  #isClosing = false;

  constructor(parts: GatewayParts) {
    this.#parts = parts;
    this.#sockets = new WebSocketServer({
      noServer: true,
      clientTracking: false,
      perMessageDeflate: false,
      maxPayload: parts.maxMessageBytes,
      maxFragments: parts.maxFragments,
      maxBufferedChunks: 1_024,
    });
    this.#heartbeat = setInterval(() => {
      for (const connection of this.#connections) connection.ping();
    }, LIMITS.pingMs);
  }

  /** How many are in. */
  get size(): number {
    return this.#connections.size;
  }

  /** Takes an HTTP upgrade. */
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    try {
      this.#admit(request);
    } catch (error) {
      refuse(socket, error);
      return;
    }
    this.#sockets.handleUpgrade(request, socket, head, (webSocket) => {
      const connection = this.#parts.open(webSocket, request);
      this.#connections.add(connection);
      webSocket.once('close', () => this.#connections.delete(connection));
    });
  }

  /** Closes all; cuts those that do not answer in time. */
  async stop(): Promise<void> {
    this.#isClosing = true;
    clearInterval(this.#heartbeat);
    for (const connection of this.#connections) connection.close();
    const giveUpAt = performance.now() + CLOSE_MS;
    while (this.#connections.size > 0 && performance.now() < giveUpAt) {
      await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
    }
    for (const connection of this.#connections) connection.terminate();
  }

  #admit(request: IncomingMessage): void {
    const { doing, most } = this.#parts;
    this.#parts.admit(request);
    if (this.#isClosing) throw new ShoalError('shutting-down', doing);
    if (this.#connections.size >= most) {
      throw new ShoalError('overloaded', `${doing}: ${most} do already, and no more may`);
    }
  }
}
