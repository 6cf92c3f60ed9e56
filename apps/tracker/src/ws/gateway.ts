import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { LIMITS, ShoalError } from '@shoal/protocol';
import { WebSocketServer, type WebSocket } from 'ws';
import type { Line } from './line.ts';
import { refuse } from './refuse.ts';

const CLOSE_MS = 1_000;
const LOOK_MS = 10;

/** Who comes in by a gateway. */
export interface GatewayParts {
  /** What they come for, as messages say it: `opening a session`. */
  readonly doing: string;
  /** Lines that may be open at once. */
  readonly most: number;
  readonly maxMessageBytes: number;
  readonly maxFragments: number;
  /** Throws a ShoalError at whoever may not come in. */
  admit(request: IncomingMessage): void;
  /** Begins to speak with who came in. */
  open(socket: WebSocket, request: IncomingMessage): Line;
}

/** Lets WebSockets in: upgrades, limits, heartbeat. */
export class Gateway {
  readonly #parts: GatewayParts;
  readonly #lines = new Set<Line>();
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
      for (const line of this.#lines) line.ping();
    }, LIMITS.pingMs);
  }

  /** How many are in. */
  get size(): number {
    return this.#lines.size;
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
      const line = this.#parts.open(webSocket, request);
      this.#lines.add(line);
      webSocket.once('close', () => this.#lines.delete(line));
    });
  }

  /** Closes all; cuts those that do not answer in time. */
  async stop(): Promise<void> {
    this.#isClosing = true;
    clearInterval(this.#heartbeat);
    for (const line of this.#lines) line.close();
    const giveUpAt = performance.now() + CLOSE_MS;
    while (this.#lines.size > 0 && performance.now() < giveUpAt) {
      await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
    }
    for (const line of this.#lines) line.terminate();
  }

  #admit(request: IncomingMessage): void {
    const { doing, most } = this.#parts;
    this.#parts.admit(request);
    if (this.#isClosing) throw new ShoalError('shutting-down', doing);
    if (this.#lines.size >= most) throw new ShoalError('overloaded', `${doing}: ${most} do already, and no more may`);
  }
}
