import { createServer, STATUS_CODES, type IncomingMessage, type Server } from 'node:http';
import { isIPv6, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import {
  LIMITS,
  PEER_PATH,
  PEER_SUBPROTOCOL,
  reportError,
  ShoalError,
  toText,
  type PeerAddress,
} from '@shoal/protocol';
import { WebSocket, WebSocketServer } from 'ws';
import type { Link, Log, Transport } from '../shell/ports.ts';
import { DirectConnection } from './direct-connection.ts';
import { Newcomers } from './newcomers.ts';
import { WsLink, type OpenSocket } from './ws-link.ts';

/** How a transport is set up. */
export interface WsTransportOptions {
  /** Address to listen on; every address of the machine when absent. */
  readonly host?: string;
  /** Port to listen on; any free one when absent or 0. */
  readonly port?: number;
  readonly log?: Log;
  /** Time between signs of life that are asked for, if other than `LIMITS.pingMs`. */
  readonly pingMs?: number;
  /** Deadline of a dial, if other than `LIMITS.dialMs`. */
  readonly dialMs?: number;
  /** Whether web pages of this origin may open links; none may when absent. */
  readonly acceptsPagesOf?: (origin: string) => boolean;
}

/** Links over WebSockets: listens at `PEER_PATH`, and dials other agents there. */
export function createWsTransport(options: WsTransportOptions = {}): Transport {
  return new WsTransport(options);
}

const CLOSE_MS = 5_000;
const HEADERS_MS = 10_000;
const HEADERS_CHECK_MS = 5_000;
const HEADERS_BYTES = 16 * 1024;

const SOCKET_OPTIONS = {
  perMessageDeflate: false,
  maxPayload: LIMITS.largeMessageBytes,
  maxFragments: LIMITS.messageFragments,
  maxBufferedChunks: LIMITS.messageChunks,
  closeTimeout: CLOSE_MS,
};

/**
 * The mask that RFC 6455 demands of the dialling side, all zero, which costs no arithmetic over the payload. Masks keep a
 * script in a browser from choosing the bytes that a proxy sees; here it is an agent that dials, a program that its machine's
 * owner started. A browser makes its own masks.
 */
function zeroMask(mask: Buffer): void {
  mask.fill(0);
}

class WsTransport implements Transport {
  readonly #options: WsTransportOptions;
  readonly #links = new Set<WsLink>();
  readonly #dials = new Set<WebSocket>();
  readonly #upgrader = new WebSocketServer({
    noServer: true,
    clientTracking: false,
    handleProtocols: () => PEER_SUBPROTOCOL,
    ...SOCKET_OPTIONS,
  });
  #server: Server | undefined;
  #pinger: NodeJS.Timeout | undefined;
  #isStopped = false;

  constructor(options: WsTransportOptions) {
    this.#options = options;
  }

  async listen(onLink: (link: Link) => void): Promise<number> {
    const server = createHttpServer();
    const newcomers = new Newcomers();
    server.on('connection', (socket) => {
      if (!newcomers.admit(socket)) socket.destroy();
    });
    server.on('upgrade', (request, socket, head) => {
      newcomers.asked(request.socket);
      this.#upgrade(request, socket, head, onLink);
    });
    this.#server = server;
    const { host, port = 0 } = this.#options;
    await new Promise<void>((resolve, reject) => {
      server.once('error', (cause) => {
        reject(listenError(cause, `listening on ${host ?? 'all addresses'}, port ${port}`));
      });
      server.listen(port, host, resolve);
    });
    server.on('error', (error) => this.#options.log?.error({ error }, 'the listener for links failed'));
    const address = server.address();
    if (address === null || typeof address === 'string') throw new Error('invariant: a TCP listener has a port');
    return address.port;
  }

  async dial({ host, port }: PeerAddress, withinMs?: number): Promise<Link> {
    const authority = `${isIPv6(host) ? `[${host}]` : host}:${port}`;
    if (this.#isStopped) throw new ShoalError('shutting-down', `dialling ${authority}`);
    const url = `ws://${authority}${PEER_PATH}`;
    if (!URL.canParse(url)) throw new ShoalError('peer-unreachable', `dialling ${authority}: not a host and a port`);
    const direct = new DirectConnection({ host, port });
    const createConnection = (): Socket => direct.socket;
    const socket = new WebSocket(url, PEER_SUBPROTOCOL, {
      generateMask: zeroMask,
      createConnection,
      ...SOCKET_OPTIONS,
    });
    this.#dials.add(socket);
    try {
      return await this.#opened(socket, { direct, host, withinMs });
    } catch (cause) {
      const reason = cause instanceof Error ? cause.message : String(cause);
      throw new ShoalError('peer-unreachable', `dialling ${authority}: ${reason}`, { cause });
    } finally {
      this.#dials.delete(socket);
    }
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    for (const socket of this.#dials) socket.terminate();
    const ends = [...this.#links].map((link) => link.end());
    const server = this.#server;
    if (server?.listening === true) {
      ends.push(
        new Promise((resolve) => {
          server.close(() => {
            resolve();
          });
        }),
      );
      server.closeAllConnections();
    }
    await Promise.all(ends);
  }

  /** The deadline is our own: that of `ws` begins again with every byte that the other side sends. */
  #opened(
    socket: WebSocket,
    {
      direct,
      host,
      withinMs = LIMITS.dialMs,
    }: { direct: DirectConnection; host: string; withinMs: number | undefined },
  ): Promise<Link> {
    const deadlineMs = Math.min(withinMs, this.#options.dialMs ?? LIMITS.dialMs);
    return new Promise<Link>((resolve, reject) => {
      const deadline = setTimeout(() => {
        reject(new Error(`no answer within ${deadlineMs} ms`));
        socket.terminate();
      }, deadlineMs);
      socket.once('upgrade', ({ socket: connection }) => {
        const remoteHost = plainAddress(connection.remoteAddress ?? host);
        socket.once('open', () => {
          clearTimeout(deadline);
          resolve(this.#track({ socket, connection, direct, remoteHost }));
        });
      });
      socket.on('error', (error) => {
        clearTimeout(deadline);
        reject(error);
      });
    });
  }

  #upgrade(request: IncomingMessage, socket: Duplex, head: Buffer, onLink: (link: Link) => void): void {
    const remoteHost = plainAddress(request.socket.remoteAddress ?? '');
    const refusal = this.#refusalOf(request, remoteHost);
    if (refusal === undefined) {
      this.#upgrader.handleUpgrade(request, socket, head, (webSocket) => {
        onLink(this.#track({ socket: webSocket, connection: socket, remoteHost }));
      });
      return;
    }
    this.#options.log?.debug({ remoteHost, status: refusal.status }, 'refused a link');
    socket.on('error', () => socket.destroy());
    socket.end(refusalText(refusal), () => socket.destroy());
  }

  /** Why an upgrade is refused, or undefined. A browser always sends `Origin`, an agent never does. */
  #refusalOf({ url, headers }: IncomingMessage, remoteHost: string): Refusal | undefined {
    if (url !== PEER_PATH) return { status: 404 };
    if (!this.#acceptsOrigin(headers.origin)) return { status: 403, problem: foreignPage(headers.origin) };
    const protocols = headers['sec-websocket-protocol']?.split(',').map((name) => name.trim());
    if (protocols?.includes(PEER_SUBPROTOCOL) !== true) return { status: 400 };
    if (this.#isStopped || this.#links.size >= LIMITS.links) return { status: 503 };
    const fromThere = [...this.#links].filter((link) => link.remoteHost === remoteHost);
    return fromThere.length < LIMITS.linksPerAddress ? undefined : { status: 503 };
  }

  #acceptsOrigin(origin: string | undefined): boolean {
    return origin === undefined || this.#options.acceptsPagesOf?.(origin) === true;
  }

  #track(opened: OpenSocket): WsLink {
    const { socket } = opened;
    const link = new WsLink(opened);
    this.#links.add(link);
    this.#pinger ??= setInterval(() => {
      for (const each of this.#links) each.ping();
    }, this.#options.pingMs ?? LIMITS.pingMs);
    socket.once('close', () => {
      this.#links.delete(link);
      if (this.#links.size > 0) return;
      clearInterval(this.#pinger);
      this.#pinger = undefined;
    });
    return link;
  }
}

/** Why an upgrade is refused: an HTTP status, and a problem where a person can do something about it. */
interface Refusal {
  readonly status: number;
  readonly problem?: ShoalError;
}

function foreignPage(origin = ''): ShoalError {
  const doing = `opening a link from a page of ${JSON.stringify(toText(origin.slice(0, 200)))}`;
  const advice = 'open the page at the address of the tracker, or start the agent with --page-origin';
  return new ShoalError('forbidden-origin', `${doing}, of which nobody told this agent: ${advice}`);
}

function refusalText({ status, problem }: Refusal): string {
  const head = `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}\r\nConnection: close\r\n`;
  if (problem === undefined) return `${head}\r\n`;
  const body = JSON.stringify(reportError(problem));
  const length = Buffer.byteLength(body);
  return `${head}Content-Type: application/json\r\nContent-Length: ${length}\r\n\r\n${body}`;
}

/** A server that only upgrades, and gives nobody much time or memory before that. */
function createHttpServer(): Server {
  const options = {
    maxHeaderSize: HEADERS_BYTES,
    headersTimeout: HEADERS_MS,
    requestTimeout: HEADERS_MS,
    connectionsCheckingInterval: HEADERS_CHECK_MS,
  };
  const server = createServer(options, (_request, response) => {
    response.writeHead(426, { connection: 'close, upgrade', upgrade: 'websocket' }).end();
  });
  server.maxConnections = 2 * LIMITS.links;
  server.on('clientError', (_error, socket) => socket.destroy());
  return server;
}

/** An IPv4 address that a dual-stack socket writes as `::ffff:192.0.2.1`, in its usual form. */
function plainAddress(address: string): string {
  return address.replace(/^::ffff:(?=\d+\.)/i, '');
}

const LISTEN_REFUSALS: Readonly<Record<string, string>> = {
  EADDRINUSE: 'another program listens there',
  EADDRNOTAVAIL: 'this machine has no such address',
  ENOTFOUND: 'nobody knows this name',
  EACCES: 'this user may not listen there',
};

function listenError(cause: NodeJS.ErrnoException, doing: string): ShoalError {
  const code = cause.code === 'EADDRINUSE' ? 'port-in-use' : 'bad-config';
  return new ShoalError(code, `${doing}: ${LISTEN_REFUSALS[cause.code ?? ''] ?? cause.message}`, { cause });
}
