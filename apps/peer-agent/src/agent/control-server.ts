/** The control API: exactly the calls of `AgentApi`, over HTTP on the loopback address. docs/protocol.md lists them. */
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AgentApi } from '@shoal/client';
import {
  addDownloadSchema,
  addShareSchema,
  asInfoHash,
  connectSchema,
  encodeMetainfo,
  LIMITS,
  parseJson,
  reportError,
  ShoalError,
  type ErrorCode,
  type InfoHash,
} from '@shoal/protocol';
import express, { type NextFunction, type Request, type Response } from 'express';
import * as z from 'zod';
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
  server.on('request', createControlApp(options, address.port));
  return { port: address.port, stop: () => close(server) };
}

async function close(server: Server): Promise<void> {
  const closed = once(server, 'close');
  server.close();
  server.closeAllConnections();
  await closed;
}

function createControlApp({ api, token, onShutdown }: ControlServerOptions, port: number): express.Express {
  const app = express();
  app.disable('x-powered-by');
  app.disable('etag');
  app.use((request, _response, next) => {
    guardControl(request.headers, port, token);
    next();
  });
  app.use(express.text({ type: 'application/json', limit: LIMITS.largeMessageBytes }));

  app
    .route('/v1/status')
    .get(answer(() => api.status()))
    .all(refuseMethod);
  app
    .route('/v1/transfers')
    .get(answer(() => api.transfers()))
    .all(refuseMethod);
  app
    .route('/v1/shares')
    .post(answer((request) => api.addShare(bodyOf(request, addShareSchema))))
    .all(refuseMethod);
  app
    .route('/v1/downloads')
    .post(answer((request) => api.addDownload(bodyOf(request, addDownloadSchema))))
    .all(refuseMethod);
  app
    .route('/v1/peers')
    .get(answer(() => api.peers()))
    .post(answer((request) => api.connect(bodyOf(request, connectSchema))))
    .all(refuseMethod);
  app
    .route('/v1/search')
    .get(answer((request) => api.searchPeers(queryOf(request))))
    .all(refuseMethod);
  app
    .route('/v1/transfers/:infoHash')
    .delete(answer((request) => removeOne(api, request)))
    .all(refuseMethod);
  app
    .route('/v1/metainfo/:infoHash')
    .get(answer((request) => metainfoOf(api, request)))
    .all(refuseMethod);
  app.route('/v1/shutdown').post(endAgent(onShutdown)).all(refuseMethod);

  app.use((request) => {
    throw new ShoalError('not-found', `answering ${request.method} ${request.path}: there is no such call`);
  });
  app.use(sendProblem);
  return app;
}

type Handler = (request: Request, response: Response, next: NextFunction) => void;

function answer(call: (request: Request) => Promise<unknown>): Handler {
  return (request, response, next) => {
    Promise.resolve(request)
      .then(call)
      .then((value) => response.json(value))
      .catch(next);
  };
}

function endAgent(onShutdown: () => void): Handler {
  return (_request, response) => {
    response.on('finish', onShutdown);
    response.json({});
  };
}

async function removeOne(api: AgentApi, request: Request): Promise<object> {
  await api.remove(infoHashOf(request));
  return {};
}

async function metainfoOf(api: AgentApi, request: Request): Promise<object> {
  return { document: encodeMetainfo(await api.metainfo(infoHashOf(request))) };
}

function infoHashOf(request: Request): InfoHash {
  const text = String(request.params.infoHash);
  const infoHash = asInfoHash(text);
  if (infoHash === undefined) throw new ShoalError('bad-argument', `reading "${text}": it is not an info hash`);
  return infoHash;
}

function bodyOf<T>(request: Request, schema: z.ZodType<T>): T {
  const body: unknown = request.body;
  if (typeof body !== 'string') throw new ShoalError('wrong-content-type', `reading the body of ${request.path}`);
  const what = `the body of ${request.path}`;
  return parseJson(body, { what, schema, maxBytes: LIMITS.largeMessageBytes, code: 'bad-argument' });
}

const querySchema = z.strictObject({ query: z.string().min(1).max(LIMITS.queryLength) });

function queryOf(request: Request): string {
  const result = querySchema.safeParse(request.query);
  if (result.success) return result.data.query;
  const most = String(LIMITS.queryLength);
  throw new ShoalError('bad-argument', `reading ${request.path}: give one query of 1 to ${most} characters`);
}

function refuseMethod(request: Request): void {
  throw new ShoalError('method-not-allowed', `answering ${request.method} ${request.path}`);
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

// Express knows an error handler by its four parameters.
function sendProblem(error: unknown, _request: Request, response: Response, next: NextFunction): void {
  if (response.headersSent) {
    next(error);
    return;
  }
  const problem = reportError(isBodyTooLarge(error) ? new ShoalError('too-large', 'reading the body') : error);
  response.status(STATUS_OF[problem.code] ?? 422).json(problem);
}

function isBodyTooLarge(error: unknown): boolean {
  return error instanceof Error && 'type' in error && error.type === 'entity.too.large';
}
