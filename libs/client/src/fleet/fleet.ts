/** A page's connection to its tracker, over the WebSocket that every browser has: nothing here needs Node. */
import {
  LIMITS,
  parseFromFleet,
  reportError,
  ShoalError,
  type ErrorReport,
  type FromFleet,
  type FromPage,
  type View,
} from '@shoal/protocol';
import { retryDelay, type RetryBounds } from '../retry-delay.ts';

/** How the connection stands. `lost`: the next attempt begins in `retryMs` milliseconds. */
export type FleetState =
  | { readonly kind: 'connecting' }
  | { readonly kind: 'standing' }
  | { readonly kind: 'lost'; readonly problem: ErrorReport; readonly retryMs: number };

/** What a tracker says of its fleet, beside signs of life. */
export type FleetNews = Exclude<FromFleet, { kind: 'alive' }>;

/** What the owner of a connection is told. */
export interface FleetHandlers {
  onMessage(message: FleetNews): void;
  onState(state: FleetState): void;
}

/** What a connection may be given instead of the usual. */
export interface FleetOptions {
  /** Uniform in [0, 1). */
  readonly random?: () => number;
  readonly retry?: RetryBounds;
}

/** A connection that comes back by itself and then looks where it looked before. */
export interface FleetConnection {
  /** Looks there from now on, and again after every reconnect. */
  look(view: View): void;
  /** Does not wait for the next attempt; nothing happens while the connection stands. */
  retryNow(): void;
  /** Lets go of everything; no handler is called any more. */
  close(): void;
}

/** Without a word for this long the connection is dead: the tracker gives a sign of life every `LIMITS.pingMs`. */
const SILENCE_MS = 3 * LIMITS.pingMs;
/** A connection that stood this long was a good one: the next attempt comes soon. */
const GOOD_MS = 5_000;
const USUAL_RETRY: RetryBounds = { baseMs: 500, capMs: 10_000 };

/**
 * Opens a connection to a tracker's fleet and keeps it. What becomes of it, `onState` tells.
 * @param url `ws:` or `wss:`, with the path
 */
export function openFleet(url: string, handlers: FleetHandlers, options: FleetOptions = {}): FleetConnection {
  return new ReconnectingFleet(url, handlers, { random: Math.random, retry: USUAL_RETRY, ...options });
}

class ReconnectingFleet implements FleetConnection {
  readonly #url: string;
  readonly #handlers: FleetHandlers;
  readonly #options: Required<FleetOptions>;
  #socket: FleetSocket | undefined;
  #view: View | undefined;
  #failures = 0;
  #retryTimer: ReturnType<typeof setTimeout> | undefined;

  constructor(url: string, handlers: FleetHandlers, options: Required<FleetOptions>) {
    this.#url = url;
    this.#handlers = handlers;
    this.#options = options;
    this.#connect();
  }

  look(view: View): void {
    this.#view = view;
    this.#socket?.send({ kind: 'look', view });
  }

  retryNow(): void {
    if (this.#retryTimer === undefined) return;
    this.#failures = 0;
    this.#connect();
  }

  close(): void {
    clearTimeout(this.#retryTimer);
    this.#retryTimer = undefined;
    this.#socket?.close();
    this.#socket = undefined;
    this.#view = undefined;
  }

  #connect(): void {
    clearTimeout(this.#retryTimer);
    this.#retryTimer = undefined;
    this.#handlers.onState({ kind: 'connecting' });
    this.#socket = new FleetSocket(this.#url, {
      onOpen: () => {
        if (this.#view !== undefined) this.look(this.#view);
      },
      onMessage: (message) => {
        if (message.kind === 'welcome') this.#handlers.onState({ kind: 'standing' });
        this.#handlers.onMessage(message);
      },
      onEnd: (problem, stoodMs) => {
        this.#retry(problem, stoodMs);
      },
    });
  }

  #retry(problem: ShoalError, stoodMs: number): void {
    this.#socket = undefined;
    if (stoodMs >= GOOD_MS) this.#failures = 0;
    const retryMs = retryDelay(this.#failures++, this.#options.retry, this.#options.random());
    this.#retryTimer = setTimeout(() => {
      this.#connect();
    }, retryMs);
    this.#handlers.onState({ kind: 'lost', problem: reportError(problem), retryMs });
  }
}

interface SocketHandlers {
  onOpen(): void;
  onMessage(message: FleetNews): void;
  /** Called once, unless we closed. `stoodMs`: how long the tracker had us in. */
  onEnd(problem: ShoalError, stoodMs: number): void;
}

/** One WebSocket, from the dial to its end. */
class FleetSocket {
  readonly #socket: WebSocket;
  readonly #doing: string;
  readonly #handlers: SocketHandlers;
  /** Takes the listeners off: a WebSocket whose other side is dead takes long to say that it closed. */
  readonly #listening = new AbortController();
  /** Waits for the welcome, then for the next word. */
  #silenceTimer: ReturnType<typeof setTimeout>;
  #problem: ShoalError | undefined;
  #welcomedAt = Infinity;

  constructor(url: string, handlers: SocketHandlers) {
    this.#doing = `looking at the fleet at ${url}`;
    this.#handlers = handlers;
    this.#socket = new WebSocket(url);
    this.#silenceTimer = this.#endAfter(LIMITS.trackerReplyMs, 'no welcome in time');
    const { signal } = this.#listening;
    const onOpen = (): void => {
      handlers.onOpen();
    };
    const onMessage = ({ data }: { readonly data: unknown }): void => {
      this.#receive(data);
    };
    const onClose = (): void => {
      this.#end(this.#problem ?? new ShoalError('tracker-unreachable', `${this.#doing}: the connection closed`));
    };
    this.#socket.addEventListener('open', onOpen, { signal });
    this.#socket.addEventListener('message', onMessage, { signal });
    this.#socket.addEventListener('close', onClose, { signal });
  }

  /** Sends a message while the connection stands; otherwise nothing happens. */
  send(message: FromPage): void {
    if (this.#socket.readyState === this.#socket.OPEN) this.#socket.send(JSON.stringify(message));
  }

  close(): void {
    clearTimeout(this.#silenceTimer);
    this.#listening.abort();
    this.#socket.close();
  }

  #receive(data: unknown): void {
    let message: FromFleet;
    try {
      message = readMessage(data);
    } catch (cause) {
      const reason = 'it does not speak like a Shoal tracker of this version';
      this.#end(new ShoalError('tracker-refused', `${this.#doing}: ${reason}`, { cause }));
      return;
    }
    if (message.kind === 'welcome') this.#welcomedAt = performance.now();
    if (message.kind === 'error') {
      this.#problem = new ShoalError('tracker-refused', `${this.#doing}: ${message.message} (${message.code})`);
    }
    if (this.#welcomedAt < Infinity) {
      clearTimeout(this.#silenceTimer);
      this.#silenceTimer = this.#endAfter(SILENCE_MS, `not a word for ${SILENCE_MS / 1_000} s`);
    }
    if (message.kind !== 'alive') this.#handlers.onMessage(message);
  }

  #endAfter(ms: number, why: string): ReturnType<typeof setTimeout> {
    return setTimeout(() => {
      this.#end(new ShoalError('timed-out', `${this.#doing}: ${why}`));
    }, ms);
  }

  #end(problem: ShoalError): void {
    this.close();
    this.#handlers.onEnd(problem, Math.max(0, performance.now() - this.#welcomedAt));
  }
}

function readMessage(data: unknown): FromFleet {
  if (typeof data !== 'string') throw new ShoalError('bad-message', 'reading a binary message of the fleet');
  return parseFromFleet(data);
}
