import { LIMITS, parseFromAgent, ShoalError, toText, type FromAgent, type FromTracker } from '@shoal/protocol';
import type { Logger } from 'pino';
import type { WebSocket } from 'ws';
import type { AgentSession, AnnounceDesk } from '../core/announce-desk.ts';
import { contactOf } from '../core/contact.ts';
import type { Fleet, FleetAgent } from '../core/fleet/fleet.ts';
import { Connection } from './connection.ts';
import { Outbox } from './outbox.ts';

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
  readonly connection: Connection;
  readonly #parts: SessionParts;
  readonly #helloTimer: NodeJS.Timeout;
  readonly #outbox = new Outbox((messages) => {
    this.#deliver(messages);
  });
  #agent: AgentSession | undefined;
  #fleetAgent: FleetAgent | undefined;

  constructor(socket: WebSocket, parts: SessionParts) {
    this.#parts = parts;
    this.#helloTimer = setTimeout(() => {
      this.connection.refuse(new ShoalError('timed-out', `waiting for a hello for ${LIMITS.helloMs} ms`));
    }, LIMITS.helloMs);
    this.connection = new Connection(socket, {
      what: 'a session',
      source: parts.source,
      log: parts.log,
      flush: () => {
        this.#outbox.flush();
      },
      onMessage: (text) => {
        this.#handle(parseFromAgent(text));
      },
      onClose: () => {
        clearTimeout(this.#helloTimer);
        this.#agent?.close();
        this.#fleetAgent?.close();
      },
    });
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
        this.connection.refuse(
          new ShoalError('duplicate-link', `a newer session of ${hello.peerId} took the place of this one`),
        );
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
      if (!this.connection.isOpen) return;
      if (this.connection.queuedBytes > LIMITS.sessionQueueBytes) this.connection.terminate();
      else this.connection.send(JSON.stringify(message));
    }
  }
}
