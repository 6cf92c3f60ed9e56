import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { request as httpRequest, type IncomingHttpHeaders } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import {
  encodePeerMessage,
  parseFromTracker,
  PEER_PATH,
  SESSION_PATH,
  type FromAgent,
  type FromTracker,
  type PeerId,
} from '@shoal/protocol';
import { pino } from 'pino';
import { vi } from 'vitest';
import { WebSocket, WebSocketServer, type ClientOptions } from 'ws';
import type { TrackerConfig } from '../src/config.ts';
import { createTracker, type Tracker } from '../src/tracker.ts';

/** What a call answered. */
export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  readonly json: unknown;
}

/** What to send besides method and path. */
export interface CallOptions {
  readonly body?: string | Uint8Array;
  readonly headers?: Readonly<Record<string, string>>;
}

const JSON_TYPE = { 'content-type': 'application/json' };
const WAIT = { timeout: 5_000, interval: 2 };

/** A tracker that runs, on a port of its own with a database of its own. It cannot be called once it has stopped. */
export class StartedTracker {
  readonly url: string;
  readonly #tracker: Tracker;
  readonly #folder: string;
  readonly #config: TrackerConfig;
  /** Lines of the log. */
  readonly logged: string[];

  private constructor(
    url: string,
    tracker: Tracker,
    parts: { folder: string; config: TrackerConfig; logged: string[] },
  ) {
    this.url = url;
    this.#tracker = tracker;
    this.#folder = parts.folder;
    this.#config = parts.config;
    this.logged = parts.logged;
  }

  static async start(settings: Partial<TrackerConfig> = {}, folder = mkdtempSync(join(tmpdir(), 'shoal-tracker-'))) {
    const database = join(folder, 'tracker.db');
    const usual = {
      host: 'localhost',
      port: 0,
      announceInterval: 60,
      logLevel: 'debug',
      trustProxy: 0,
      pageOrigins: [],
    } as const;
    const config: TrackerConfig = { ...usual, database, ...settings };
    const logged: string[] = [];
    const lines = new Writable({
      write: (chunk, _encoding, done) => {
        logged.push(String(chunk));
        done();
      },
    });
    const tracker = createTracker(config, pino({ level: 'debug' }, lines));
    return new StartedTracker(await tracker.start(), tracker, { folder, config, logged });
  }

  get port(): number {
    return Number(new URL(this.url).port);
  }

  /** One HTTP call; the path goes out as it is written. */
  call(method: string, path: string, { body, headers = {} }: CallOptions = {}): Promise<Answer> {
    const type = body === undefined ? {} : JSON_TYPE;
    return new Promise((resolve, reject) => {
      const options = {
        host: '127.0.0.1',
        port: this.port,
        method,
        path,
        agent: false,
        headers: { ...type, ...headers },
      };
      const call = httpRequest(options, (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('end', () => {
          const text = Buffer.concat(chunks).toString();
          const isJson = response.headers['content-type']?.startsWith('application/json') === true;
          const json: unknown = isJson && text !== '' ? JSON.parse(text) : undefined;
          resolve({ status: response.statusCode ?? 0, headers: response.headers, text, json });
        });
      });
      call.on('error', reject);
      call.end(body);
    });
  }

  /** Opens a session without saying anything. */
  async connect(options: ClientOptions = {}): Promise<TestSession> {
    const socket = new WebSocket(`ws://127.0.0.1:${String(this.port)}${SESSION_PATH}`, options);
    const session = new TestSession(socket);
    await once(socket, 'open');
    return session;
  }

  /** Opens a session and says hello. */
  async enter(peerId: PeerId, port: number, host?: string): Promise<TestSession> {
    const session = await this.connect();
    const advertised = host === undefined ? {} : { advertised: { host, port } };
    session.send({ kind: 'hello', version: 1, peerId, port, agent: 'test', ...advertised });
    await session.next('welcome');
    return session;
  }

  async stop(): Promise<StoppedTracker> {
    await this.#tracker.stop();
    return new StoppedTracker(this.#folder, this.#config);
  }

  /** Stops it and deletes what it wrote. */
  async discard(): Promise<void> {
    (await this.stop()).discard();
  }
}

/** A tracker that has stopped: all that can be done is to start it again. */
export class StoppedTracker {
  readonly #folder: string;
  readonly #config: TrackerConfig;

  constructor(folder: string, config: TrackerConfig) {
    this.#folder = folder;
    this.#config = config;
  }

  start(): Promise<StartedTracker> {
    return StartedTracker.start(this.#config, this.#folder);
  }

  discard(): void {
    rmSync(this.#folder, { recursive: true });
  }
}

/** One agent's session, as a test drives it. */
export class TestSession {
  readonly inbox: FromTracker[] = [];
  readonly socket: WebSocket;
  closed: { readonly code: number; readonly reason: string } | undefined;

  constructor(socket: WebSocket) {
    this.socket = socket;
    socket.on('message', (data: Buffer) => this.inbox.push(parseFromTracker(data.toString())));
    socket.on('error', () => undefined);
    socket.on('close', (code, reason) => {
      this.closed = { code, reason: reason.toString() };
    });
  }

  send(message: FromAgent): void {
    this.socket.send(JSON.stringify(message));
  }

  /** Takes the first message of a kind out of the inbox, waiting for it. */
  next<K extends FromTracker['kind']>(kind: K): Promise<Extract<FromTracker, { kind: K }>> {
    return vi.waitFor(() => {
      const at = this.inbox.findIndex((message) => message.kind === kind);
      const message = at < 0 ? undefined : this.inbox[at];
      if (message === undefined || !isOfKind(message, kind)) throw new Error(`no ${kind} has come`);
      this.inbox.splice(at, 1);
      return message;
    }, WAIT);
  }

  /** Waits until the tracker has closed the session. */
  end(): Promise<{ readonly code: number; readonly reason: string }> {
    return vi.waitFor(() => {
      if (this.closed === undefined) throw new Error('the session stands');
      return this.closed;
    }, WAIT);
  }

  async close(): Promise<void> {
    this.socket.close();
    await this.end();
  }
}

function isOfKind<K extends FromTracker['kind']>(
  message: FromTracker,
  kind: K,
): message is Extract<FromTracker, { kind: K }> {
  return message.kind === kind;
}

/** Something that accepts links and says hello as an agent does. */
export interface ListeningAgent {
  readonly port: number;
  /** Visits so far, and what each said. */
  readonly visits: readonly { readonly socket: WebSocket; readonly said: readonly unknown[] }[];
  close(): Promise<void>;
}

/** An agent of that id, as far as whoever dials it can tell. */
export async function listeningAgent(peerId: PeerId): Promise<ListeningAgent> {
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1', path: PEER_PATH });
  const visits: { socket: WebSocket; said: unknown[] }[] = [];
  server.on('connection', (socket) => {
    const said: unknown[] = [];
    visits.push({ socket, said });
    socket.on('message', (data) => said.push(data));
    socket.send(encodePeerMessage({ kind: 'hello', version: 1, peerId, port: 1, agent: 'test' }));
  });
  await once(server, 'listening');
  const address = server.address();
  if (typeof address !== 'object' || address === null) throw new Error('the agent does not listen');
  return {
    port: address.port,
    visits,
    close: async () => {
      server.close();
      await once(server, 'close');
    },
  };
}
