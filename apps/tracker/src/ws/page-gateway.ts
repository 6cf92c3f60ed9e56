import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { LIMITS, ShoalError } from '@shoal/protocol';
import type { Logger } from 'pino';
import { WebSocketServer } from 'ws';
import type { Fleet } from '../core/fleet/fleet.ts';
import { FleetPage } from './fleet-page.ts';
import { OpenSockets } from './open-sockets.ts';
import { refuse } from './refuse.ts';

/** What pages are let in with. */
export interface PageGatewayParts {
  readonly fleet: Pick<Fleet, 'look' | 'leave'>;
  readonly log: Logger;
  readonly maxPages: number;
}

/** Lets pages in that look at the fleet: only those that this tracker served, and programs. */
export class PageGateway {
  readonly #parts: PageGatewayParts;
  readonly #pages = new OpenSockets();
  #isClosing = false;
  readonly #sockets = new WebSocketServer({
    noServer: true,
    clientTracking: false,
    perMessageDeflate: false,
    maxPayload: LIMITS.controlMessageBytes,
    maxFragments: LIMITS.messageFragments,
    maxBufferedChunks: 1_024,
  });

  constructor(parts: PageGatewayParts) {
    this.#parts = parts;
  }

  /** Takes an HTTP upgrade at the path of the fleet. */
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    try {
      this.#admit(request);
    } catch (error) {
      refuse(socket, error);
      return;
    }
    this.#sockets.handleUpgrade(request, socket, head, (webSocket) => {
      this.#pages.add(webSocket, new FleetPage(webSocket, this.#parts));
    });
  }

  /** Closes all pages; cuts those that do not answer in time. */
  stop(): Promise<void> {
    this.#isClosing = true;
    return this.#pages.stop();
  }

  #admit({ headers }: IncomingMessage): void {
    if (!isOwnPage(headers.origin, headers.host)) {
      throw new ShoalError('forbidden-origin', 'looking at the fleet from a page of another site');
    }
    if (this.#isClosing) throw new ShoalError('shutting-down', 'looking at the fleet');
    if (this.#pages.size >= this.#parts.maxPages) {
      throw new ShoalError('overloaded', `looking at the fleet: ${this.#parts.maxPages} pages do already`);
    }
  }
}

/**
 * Whether a page comes from the host that it calls, which is this tracker; a program names no origin, and may look as it may
 * read the catalogue.
 */
export function isOwnPage(origin: string | undefined, host: string | undefined): boolean {
  if (origin === undefined) return true;
  if (host === undefined || !URL.canParse(origin)) return false;
  const page = new URL(origin);
  const called = `${page.protocol}//${host}`;
  return page.host !== '' && URL.canParse(called) && new URL(called).host === page.host;
}
