import { LIMITS, parseFromPage, reportError, ShoalError, type FromFleet, type View } from '@shoal/protocol';
import type { Logger } from 'pino';
import type { RawData, WebSocket } from 'ws';
import type { Fleet } from '../core/fleet/fleet.ts';
import type { Page } from '../core/fleet/page.ts';
import { VERSION } from '../version.ts';

/** Close codes of RFC 6455. */
const GOING_AWAY = 1001;
const POLICY_VIOLATION = 1008;
const MISSED_PONGS = 2;

/** What a page works with. */
export interface FleetPageParts {
  readonly fleet: Pick<Fleet, 'look' | 'leave'>;
  readonly log: Logger;
}

/** One page's WebSocket. It looks at one place at a time, and at another when it was told of that. */
export class FleetPage implements Page {
  readonly #socket: WebSocket;
  readonly #parts: FleetPageParts;
  /** Where it wants to look next; whoever types says so at every letter. */
  #wanted: View | undefined;
  #isAwaiting = false;
  #unanswered = 0;

  constructor(socket: WebSocket, parts: FleetPageParts) {
    this.#socket = socket;
    this.#parts = parts;
    socket.on('message', (data, isBinary) => {
      this.#receive(data, isBinary);
    });
    socket.on('pong', () => {
      this.#unanswered = 0;
    });
    socket.on('error', (error) => {
      parts.log.debug({ err: error }, 'a page broke');
    });
    socket.once('close', () => {
      parts.fleet.leave(this);
    });
    this.#say({ kind: 'welcome', version: VERSION });
  }

  hasRoom(): boolean {
    return this.#socket.bufferedAmount <= LIMITS.fleetQueueBytes;
  }

  send(message: string): void {
    if (this.#socket.readyState !== this.#socket.OPEN) return;
    this.#socket.send(message);
    this.#isAwaiting = false;
    // Not at once: whoever sends is in the middle of telling its pages.
    if (this.#wanted !== undefined) {
      queueMicrotask(() => {
        this.#lookNext();
      });
    }
  }

  /** Asks for a sign of life; closes when there was none for two rounds. */
  ping(): void {
    if (this.#unanswered++ >= MISSED_PONGS) this.#socket.terminate();
    else this.#socket.ping();
  }

  /** Tells the page that the tracker is going away. */
  close(): void {
    this.#socket.close(GOING_AWAY, 'shutting-down');
  }

  /** Cuts the connection. */
  terminate(): void {
    this.#socket.terminate();
  }

  #receive(data: RawData, isBinary: boolean): void {
    try {
      if (isBinary || !Buffer.isBuffer(data)) {
        throw new ShoalError('bad-message', 'reading a message of a page: it is binary');
      }
      this.#wanted = parseFromPage(data.toString()).view;
      this.#lookNext();
    } catch (error) {
      this.#refuse(error);
    }
  }

  #lookNext(): void {
    const view = this.#wanted;
    if (view === undefined || this.#isAwaiting || this.#socket.readyState !== this.#socket.OPEN) return;
    this.#wanted = undefined;
    this.#isAwaiting = true;
    if (!this.#parts.fleet.look(this, view)) this.#isAwaiting = false;
  }

  #say(message: FromFleet): void {
    this.#socket.send(JSON.stringify(message));
  }

  #refuse(error: unknown): void {
    const { code, message } = reportError(error);
    if (code === 'internal') this.#parts.log.error({ err: error }, 'a page failed');
    this.#say({ kind: 'error', code, message });
    this.#socket.close(POLICY_VIOLATION, code);
  }
}
