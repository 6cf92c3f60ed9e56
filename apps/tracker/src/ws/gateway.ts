import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { STATUS_CODES } from 'node:http';
import { LIMITS, SESSION_PATH, ShoalError } from '@shoal/protocol';
import { WebSocketServer } from 'ws';
import { problemOf } from '../http/problem.ts';
import { Session, type SessionParts } from './session.ts';

const CLOSE_MS = 1_000;

/** What the gateway works with. */
export interface GatewayParts extends Omit<SessionParts, 'source' | 'trackerHost'> {
  readonly sourceOf: (request: IncomingMessage) => string;
  readonly trackerHostOf: (request: IncomingMessage) => string | undefined;
  readonly maxSessions: number;
}

/** Lets agents in: upgrades, limits, heartbeat. */
export class Gateway {
  readonly #parts: GatewayParts;
  readonly #sessions = new Set<Session>();
  readonly #heartbeat: NodeJS.Timeout;
  #isClosing = false;
  readonly #sockets = new WebSocketServer({
    noServer: true,
    clientTracking: false,
    perMessageDeflate: false,
    maxPayload: LIMITS.sessionMessageBytes,
    maxFragments: 128,
    maxBufferedChunks: 1_024,
  });

  constructor(parts: GatewayParts) {
    this.#parts = parts;
    this.#heartbeat = setInterval(() => {
      for (const session of this.#sessions) session.ping();
    }, LIMITS.pingMs);
  }

  get sessionCount(): number {
    return this.#sessions.size;
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
      const { sourceOf, trackerHostOf, ...parts } = this.#parts;
      const session = new Session(webSocket, {
        ...parts,
        source: sourceOf(request),
        trackerHost: trackerHostOf(request),
      });
      this.#sessions.add(session);
      webSocket.once('close', () => this.#sessions.delete(session));
    });
  }

  /** Closes all sessions; cuts those that do not answer in time. */
  async stop(): Promise<void> {
    this.#isClosing = true;
    clearInterval(this.#heartbeat);
    for (const session of this.#sessions) session.close();
    const giveUpAt = performance.now() + CLOSE_MS;
    while (this.#sessions.size > 0 && performance.now() < giveUpAt) {
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    for (const session of this.#sessions) session.terminate();
  }

  #admit(request: IncomingMessage): void {
    const path = request.url?.split('?', 1)[0];
    if (path !== SESSION_PATH) throw new ShoalError('not-found', `opening a session at ${String(path).slice(0, 200)}`);
    if (request.headers.origin !== undefined) {
      throw new ShoalError('forbidden-origin', 'opening a session from a web page');
    }
    if (this.#isClosing) throw new ShoalError('shutting-down', 'opening a session');
    if (this.#sessions.size >= this.#parts.maxSessions) {
      throw new ShoalError('overloaded', `opening a session: all ${this.#parts.maxSessions} are taken`);
    }
  }
}

function refuse(socket: Duplex, error: unknown): void {
  const { status, headers, body } = problemOf(error);
  const text = JSON.stringify(body);
  const lines = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}`,
    'Connection: close',
    'Content-Type: application/json',
    `Content-Length: ${Buffer.byteLength(text)}`,
    ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`),
  ];
  socket.on('error', () => socket.destroy());
  socket.end(`${lines.join('\r\n')}\r\n\r\n${text}`);
}
