import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { LIMITS, SESSION_PATH, ShoalError } from '@shoal/protocol';
import { WebSocketServer } from 'ws';
import { OpenSockets } from './open-sockets.ts';
import { refuse } from './refuse.ts';
import { Session, type SessionParts } from './session.ts';

/** What the gateway works with. */
export interface GatewayParts extends Omit<SessionParts, 'source' | 'trackerHost'> {
  readonly sourceOf: (request: IncomingMessage) => string;
  readonly trackerHostOf: (request: IncomingMessage) => string | undefined;
  readonly maxSessions: number;
}

/** Lets agents in: upgrades, limits, heartbeat. */
export class Gateway {
  readonly #parts: GatewayParts;
  readonly #sessions = new OpenSockets();
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
      this.#sessions.add(webSocket, session);
    });
  }

  /** Closes all sessions; cuts those that do not answer in time. */
  stop(): Promise<void> {
    this.#isClosing = true;
    return this.#sessions.stop();
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
