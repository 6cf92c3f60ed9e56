/**
 * The control API: exactly the calls of `AgentApi`, over HTTP on the loopback address. On Node's own HTTP, because every
 * command of the program would take in a framework with it (docs/adr/0015).
 */
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AgentApi } from '@shoal/client';
import { LIMITS, reportError, ShoalError, type ErrorCode } from '@shoal/protocol';
import { createCalls, SHUTDOWN_PATH, type Asked } from './control-calls.ts';
import { guardControl } from './control-guard.ts';

/** A control API that listens. */
export interface ControlServer {
  readonly port: number;
  stop(): Promise<void>;
}

/** What a control server needs. */
export interface ControlServerOptions {
  readonly api: AgentApi;
  /** Opens every route. */
  readonly token: string;
  /** Ends the daemon; called after the answer to `POST /v1/shutdown` is out. */
  readonly onShutdown: () => void;
}

const HEADERS_MS = 10_000;
const HEADERS_BYTES = 16 * 1024;

/** Starts the control API on a free port of the loopback address. */
export async function startControlServer(options: ControlServerOptions): Promise<ControlServer> {
  const server = createServer({ maxHeaderSize: HEADERS_BYTES, headersTimeout: HEADERS_MS });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('invariant: a TCP server has a port');
  const { port } = address;
  const call = createCalls(options.api);
  server.on('request', (request, response) => {
    void answer({ request, response, port }, call, options);
  });
  return { port, stop: () => close(server) };
}

async function close(server: Server): Promise<void> {
  const closed = once(server, 'close');
  server.close();
  server.closeAllConnections();
  await closed;
}

/** One request on the port of the API. */
interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly port: number;
}

async function answer(
  { request, response, port }: Exchange,
  call: (asked: Asked) => Promise<unknown>,
  { token, onShutdown }: ControlServerOptions,
): Promise<void> {
  try {
    guardControl(request.headers, port, token);
    const asked = askedBy(request);
    const value = await call(asked);
    if (asked.path === SHUTDOWN_PATH) response.on('finish', onShutdown);
    send(response, 200, value);
  } catch (error) {
    const problem = reportError(error);
    send(response, STATUS_OF[problem.code] ?? 422, problem);
  }
}

function askedBy(request: IncomingMessage): Asked {
  const { method = '', url = '' } = request;
  const [path = '', ...query] = url.split('?');
  return { method, path, query: new URLSearchParams(query.join('?')), body: () => readJson(request, path) };
}

async function readJson(request: IncomingMessage, path: string): Promise<Uint8Array> {
  const [type = ''] = (request.headers['content-type'] ?? '').split(';');
  if (type.trim().toLowerCase() !== 'application/json') {
    throw new ShoalError('wrong-content-type', `reading the body of ${path}`);
  }
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  return new Promise((resolve, reject) => {
    // What comes after the refusal is read and thrown away: whoever is still sending sees the answer all the same.
    request.on('data', (chunk: Uint8Array) => {
      bytes += chunk.length;
      if (bytes <= LIMITS.largeMessageBytes) chunks.push(chunk);
      else reject(new ShoalError('too-large', `reading the body of ${path}`));
    });
    request.on('end', () => {
      resolve(Buffer.concat(chunks));
    });
    request.on('error', reject);
  });
}

function send(response: ServerResponse, status: number, value: unknown): void {
  const body = Buffer.from(JSON.stringify(value));
  response.writeHead(status, { 'content-type': 'application/json; charset=utf-8', 'content-length': body.length });
  response.end(body);
}

const STATUS_OF: Partial<Record<ErrorCode, number>> = {
  'bad-argument': 400,
  'bad-json': 400,
  'bad-metainfo': 400,
  'unsafe-path': 400,
  'bad-tracker-url': 400,
  unauthorized: 401,
  'forbidden-origin': 403,
  'not-found': 404,
  'unknown-share': 404,
  'method-not-allowed': 405,
  'target-exists': 409,
  'already-here': 409,
  'too-large': 413,
  'wrong-content-type': 415,
  internal: 500,
  'peer-unreachable': 502,
  'tracker-unreachable': 502,
  'timed-out': 504,
  'disk-full': 507,
};
