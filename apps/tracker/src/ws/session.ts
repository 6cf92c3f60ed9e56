import {
  LIMITS,
  parseFromAgent,
  reportError,
  ShoalError,
  toText,
  type FromAgent,
  type FromTracker,
} from '@shoal/protocol';
import type { Logger } from 'pino';
import type { RawData, WebSocket } from 'ws';
import type { AgentSession, AnnounceDesk } from '../core/announce-desk.ts';
import { contactOf } from '../core/contact.ts';
import type { Fleet, FleetAgent } from '../core/fleet/fleet.ts';
import { Outbox } from './outbox.ts';

/** Close codes of RFC 6455. */
const GOING_AWAY = 1001;
const POLICY_VIOLATION = 1008;
const MISSED_PONGS = 2;

/** What a session works with. */
export interface SessionParts {
  readonly desk: AnnounceDesk;
  readonly fleet: Pick<Fleet, 'enter'>;
  /** Origins of web pages that may open links to agents. */
  readonly pageOrigins: readonly string[];
  readonly log: Logger;
  /** The address that the connection came from. */
  readonly source: string;
  /** The tracker's address that it goes to, if the agent dialled it itself. */
  readonly trackerHost: string | undefined;
  readonly onAnnounce: (swarms: number) => void;
}

/** One agent's WebSocket: decodes, hands on to the desk, encodes. */
export class Session {
  readonly #socket: WebSocket;
  readonly #parts: SessionParts;
  readonly #helloTimer: NodeJS.Timeout;
  readonly #outbox = new Outbox((messages) => {
    this.#deliver(messages);
  });
  #agent: AgentSession | undefined;
  #fleetAgent: FleetAgent | undefined;
  #unanswered = 0;

  constructor(socket: WebSocket, parts: SessionParts) {
    this.#socket = socket;
    this.#parts = parts;
    this.#helloTimer = setTimeout(() => {
      this.#refuse(new ShoalError('timed-out', `waiting for a hello for ${LIMITS.helloMs} ms`));
    }, LIMITS.helloMs);
    socket.on('message', (data, isBinary) => {
      this.#receive(data, isBinary);
    });
    socket.on('pong', () => {
      this.#unanswered = 0;
    });
    socket.on('error', (error) => {
      parts.log.debug({ err: error, source: parts.source }, 'a session broke');
    });
    socket.once('close', () => {
      clearTimeout(this.#helloTimer);
      this.#agent?.close();
      this.#fleetAgent?.close();
    });
  }

  /** Asks for a sign of life; closes when there was none for two rounds. */
  ping(): void {
    if (this.#unanswered++ >= MISSED_PONGS) this.#socket.terminate();
    else this.#socket.ping();
  }

  /** Tells the agent that the tracker is going away. */
  close(): void {
    this.#socket.close(GOING_AWAY, 'shutting-down');
  }

  /** Cuts the connection. */
  terminate(): void {
    this.#socket.terminate();
  }

  #receive(data: RawData, isBinary: boolean): void {
    try {
      if (isBinary) throw new ShoalError('bad-message', 'reading a session message: it is binary');
      this.#handle(parseFromAgent(textOf(data)));
    } catch (error) {
      this.#refuse(error);
    }
  }

  #handle(message: FromAgent): void {
    if (message.kind === 'hello') {
      this.#open(message);
      return;
    }
    if (this.#agent === undefined) throw new ShoalError('bad-message', `reading "${message.kind}" before a hello`);
    switch (message.kind) {
      case 'announce':
        this.#parts.onAnnounce(message.swarms.length);
        this.#agent.announce(message.swarms);
        return;
      case 'progress':
        this.#agent.progress(message.swarms);
        return;
      case 'leave':
        this.#agent.leave(message.infoHashes);
        this.#fleetAgent?.leave(message.infoHashes);
        return;
      case 'follow':
        this.#agent.follow();
        return;
      case 'report':
        this.#fleetAgent?.report(message.swarms);
    }
  }

  #open(hello: Extract<FromAgent, { kind: 'hello' }>): void {
    if (this.#agent !== undefined) throw new ShoalError('bad-message', 'reading a second hello');
    clearTimeout(this.#helloTimer);
    const { desk, fleet, pageOrigins, source, trackerHost, log } = this.#parts;
    const origins = pageOrigins.length === 0 ? {} : { pageOrigins };
    this.#outbox.put({ kind: 'welcome', version: 1, observedHost: source, ...origins });
    this.#agent = desk.openSession(hello.peerId, contactOf(source, hello, trackerHost), {
      send: (tidings) => {
        this.#outbox.put(tidings);
      },
      replaced: () => {
        this.#refuse(new ShoalError('duplicate-link', `a newer session of ${hello.peerId} took the place of this one`));
      },
    });
    const naming = { name: hello.name ?? '', agent: toText(hello.agent.slice(0, LIMITS.machineNameLength)) };
    this.#fleetAgent = fleet.enter(hello.peerId, naming, (watch) => {
      this.#outbox.put(watch);
    });
    log.debug({ peerId: hello.peerId, source, port: hello.port, agent: hello.agent }, 'a session opened');
  }

  /** An agent that does not read what it is sent would fill the tracker's memory. */
  #deliver(messages: readonly FromTracker[]): void {
    for (const message of messages) {
      if (this.#socket.readyState !== this.#socket.OPEN) return;
      if (this.#socket.bufferedAmount > LIMITS.sessionQueueBytes) this.#socket.terminate();
      else this.#socket.send(JSON.stringify(message));
    }
  }

  #refuse(error: unknown): void {
    const { code, message } = reportError(error);
    if (code === 'internal') this.#parts.log.error({ err: error }, 'a session failed');
    this.#outbox.put({ kind: 'error', code, message });
    this.#outbox.flush();
    this.#socket.close(POLICY_VIOLATION, code);
  }
}

/** With the server's `binaryType` a whole message is one buffer. */
function textOf(data: RawData): string {
  if (!Buffer.isBuffer(data)) throw new Error('invariant: a message arrives as one buffer');
  return data.toString();
}
