import { reportError, ShoalError } from '@shoal/protocol';
import type { Logger } from 'pino';
import type { RawData, WebSocket } from 'ws';

/** Close codes of RFC 6455. */
const GOING_AWAY = 1001;
const POLICY_VIOLATION = 1008;
const MISSED_PONGS = 2;

/** Who speaks on a connection, and what becomes of that. */
export interface ConnectionParts {
  /** For messages and the log: `a session`. */
  readonly what: string;
  /** Where the connection comes from, for the log. */
  readonly source?: string;
  readonly log: Logger;
  /** What is said beside each ping to a side that does not see pings, as a browser's page. */
  readonly sign?: string;
  /** Sends what waits to be sent, before the connection is refused. */
  flush?(): void;
  /** A message came; when it throws, the connection is refused. */
  onMessage(text: string): void;
  onClose(): void;
}

/** One WebSocket that carries text messages, with its signs of life and its end. */
export class Connection {
  readonly #socket: WebSocket;
  readonly #parts: ConnectionParts;
  #unanswered = 0;

  constructor(socket: WebSocket, parts: ConnectionParts) {
    this.#socket = socket;
    this.#parts = parts;
    socket.on('message', (data, isBinary) => {
      this.#receive(data, isBinary);
    });
    socket.on('pong', () => {
      this.#unanswered = 0;
    });
    socket.on('error', (error) => {
      parts.log.debug({ err: error, source: parts.source }, `${parts.what} broke`);
    });
    socket.once('close', () => {
      parts.onClose();
    });
  }

  get isOpen(): boolean {
    return this.#socket.readyState === this.#socket.OPEN;
  }

  /** Bytes that were sent and that the other side did not take yet. */
  get queuedBytes(): number {
    return this.#socket.bufferedAmount;
  }

  send(message: string): void {
    this.#socket.send(message);
  }

  /** Asks for a sign of life; cuts when there was none for two rounds. */
  ping(): void {
    if (this.#unanswered++ >= MISSED_PONGS) this.#socket.terminate();
    else {
      this.#socket.ping();
      if (this.#parts.sign !== undefined) this.send(this.#parts.sign);
    }
  }

  /** Tells the other side that the tracker is going away. */
  close(): void {
    this.#socket.close(GOING_AWAY, 'shutting-down');
  }

  /** Cuts the connection. */
  terminate(): void {
    this.#socket.terminate();
  }

  /** Says why, and closes. */
  refuse(error: unknown): void {
    const { code, message } = reportError(error);
    if (code === 'internal') this.#parts.log.error({ err: error }, `${this.#parts.what} failed`);
    this.#parts.flush?.();
    this.send(JSON.stringify({ kind: 'error', code, message }));
    this.#socket.close(POLICY_VIOLATION, code);
  }

  #receive(data: RawData, isBinary: boolean): void {
    try {
      if (isBinary) throw new ShoalError('bad-message', `reading a message of ${this.#parts.what}: it is binary`);
      this.#parts.onMessage(textOf(data));
    } catch (error) {
      this.refuse(error);
    }
  }
}

/** With the server's `binaryType` a whole message is one buffer. */
function textOf(data: RawData): string {
  if (!Buffer.isBuffer(data)) throw new Error('invariant: a message arrives as one buffer');
  return data.toString();
}
