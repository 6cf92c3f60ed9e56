import type { IncomingMessage } from 'node:http';
import { LIMITS, parseFromTracker, SESSION_PATH, ShoalError, type FromAgent, type FromTracker } from '@shoal/protocol';
import { WebSocket, type RawData } from 'ws';

const MISSED_PONGS = 2;
const CLOSE_MS = 1_000;
const NORMAL_CLOSURE = 1000;

/** How a connection ended. */
export interface Ending {
  readonly problem: ShoalError;
  /** The tracker wants to be left alone for so long. */
  readonly retryAfterMs: number;
  /** How long the tracker had us in. */
  readonly stoodMs: number;
}

/** What a connection tells its owner. */
export interface ConnectionHandlers {
  onOpen(): void;
  onMessage(message: FromTracker): void;
  /** Called once, whoever closed. */
  onEnd(ending: Ending): void;
}

/** One WebSocket to a tracker, from the dial to its end, with its deadlines and its heartbeat. */
export class TrackerConnection {
  readonly #socket: WebSocket;
  readonly #doing: string;
  readonly #handlers: ConnectionHandlers;
  readonly #welcomeTimer: NodeJS.Timeout;
  readonly #heartbeat: NodeJS.Timeout;
  #problem: ShoalError | undefined;
  #retryAfterMs = 0;
  #welcomedAt = Infinity;
  #unanswered = 0;

  constructor(url: string, handlers: ConnectionHandlers, pingMs: number) {
    this.#doing = `keeping the session with the tracker ${url}`;
    this.#handlers = handlers;
    this.#socket = new WebSocket(url.replace(/^http/, 'ws') + SESSION_PATH, {
      perMessageDeflate: false,
      maxPayload: LIMITS.sessionMessageBytes,
      maxFragments: 128,
      maxBufferedChunks: 1_024,
    });
    this.#welcomeTimer = setTimeout(() => {
      this.#fail(new ShoalError('timed-out', `${this.#doing}: no welcome in time`));
    }, LIMITS.trackerReplyMs);
    this.#heartbeat = setInterval(() => {
      this.#beat();
    }, pingMs);
    this.#listen();
  }

  /** Sends a message while the connection stands; otherwise nothing happens. */
  send(message: FromAgent): void {
    if (this.#socket.readyState === WebSocket.OPEN) this.#socket.send(JSON.stringify(message));
  }

  /** Closes in order, or by force when the tracker does not answer; then nothing is left open. */
  async close(): Promise<void> {
    if (this.#socket.readyState === WebSocket.CLOSED) return;
    const closed = new Promise((resolve) => this.#socket.once('close', resolve));
    const cut = setTimeout(() => {
      this.#socket.terminate();
    }, CLOSE_MS);
    this.#socket.close(NORMAL_CLOSURE);
    await closed;
    clearTimeout(cut);
  }

  #listen(): void {
    this.#socket
      .on('open', () => {
        this.#handlers.onOpen();
      })
      .on('message', (data, isBinary) => {
        this.#receive(data, isBinary);
      })
      .on('pong', () => {
        this.#unanswered = 0;
      })
      .on('unexpected-response', (_request, response) => {
        this.#refused(response);
      })
      .on('error', (cause) => {
        this.#problem ??= new ShoalError('tracker-unreachable', `${this.#doing}: ${reasonOf(cause)}`, { cause });
      })
      .once('close', () => {
        this.#end();
      });
  }

  #receive(data: RawData, isBinary: boolean): void {
    let message: FromTracker;
    try {
      message = readMessage(data, isBinary);
    } catch (cause) {
      const reason = 'it does not speak like a Shoal tracker';
      this.#fail(new ShoalError('tracker-refused', `${this.#doing}: ${reason}`, { cause }));
      return;
    }
    if (message.kind === 'error') {
      const { code, message: reason } = message;
      this.#problem = new ShoalError('tracker-refused', `${this.#doing}: ${reason} (${code})`);
    }
    if (message.kind === 'welcome') {
      clearTimeout(this.#welcomeTimer);
      this.#welcomedAt = performance.now();
    }
    this.#handlers.onMessage(message);
  }

  #refused(response: IncomingMessage): void {
    this.#retryAfterMs = 1_000 * (Number(response.headers['retry-after']) || 0);
    const reason = `it answered with status ${String(response.statusCode)}`;
    this.#fail(new ShoalError('tracker-refused', `${this.#doing}: ${reason}`));
  }

  #fail(problem: ShoalError): void {
    this.#problem = problem;
    this.#socket.terminate();
  }

  #beat(): void {
    if (this.#socket.readyState !== WebSocket.OPEN) return;
    if (this.#unanswered++ < MISSED_PONGS) this.#socket.ping();
    else this.#fail(new ShoalError('timed-out', `${this.#doing}: it gives no sign of life`));
  }

  #end(): void {
    clearTimeout(this.#welcomeTimer);
    clearInterval(this.#heartbeat);
    this.#handlers.onEnd({
      problem: this.#problem ?? new ShoalError('tracker-unreachable', `${this.#doing}: the tracker closed it`),
      retryAfterMs: this.#retryAfterMs,
      stoodMs: Math.max(0, performance.now() - this.#welcomedAt),
    });
  }
}

function readMessage(data: RawData, isBinary: boolean): FromTracker {
  if (isBinary || !Buffer.isBuffer(data))
    throw new ShoalError('bad-message', 'reading a binary message of the tracker');
  return parseFromTracker(data.toString());
}

function reasonOf(error: Error): string {
  return 'code' in error ? String(error.code) : error.message;
}
