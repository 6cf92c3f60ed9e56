import type { IncomingMessage, RequestListener } from 'node:http';
import express, { type Express } from 'express';
import { ShoalError } from '@shoal/protocol';
import type { Logger } from 'pino';
import type { AnnounceDesk } from '../core/announce-desk.ts';
import type { Catalogue } from '../core/catalogue.ts';
import type { SwarmRegistry } from '../core/swarm-registry.ts';
import type { Metrics } from '../metrics.ts';
import { ANNOUNCE_PATH, announceCall } from './announce.ts';
import { refuseMethod } from './calls.ts';
import { answerProblems } from './problem.ts';
import { addPage } from './page.ts';
import { RegisterCall, SHARE_ROUTE } from './register.ts';
import { addShareCalls } from './shares.ts';
import { addSwarmCalls } from './swarms.ts';

/** What the HTTP calls work with. */
export interface AppParts {
  readonly desk: AnnounceDesk;
  readonly registry: SwarmRegistry;
  readonly catalogue: Catalogue;
  readonly metrics: Metrics;
  readonly log: Logger;
  readonly intervalSeconds: number;
  readonly sourceOf: (request: IncomingMessage) => string;
  /** Asks the database for something. */
  readonly checkDatabase: () => Promise<void>;
  /** Where the page was built, if not beside the program. */
  readonly pageFolder?: string;
}

/** The tracker's HTTP calls: Express has them all, but for announcing and registering, which pass it by. */
export function createApp(parts: AppParts): RequestListener {
  const { catalogue, metrics, log } = parts;
  const announce = countedAnnounce(parts);
  const register = new RegisterCall({
    catalogue,
    onDefect: (error, infoHash) => {
      log.error({ err: error, method: 'PUT', infoHash }, 'a call failed');
    },
  });
  const app = createExpress(parts, announce, register);
  return (request, response) => {
    if (request.url === ANNOUNCE_PATH && request.method === 'POST') {
      announce(request, response);
      return;
    }
    const infoHash = RegisterCall.infoHashIn(request);
    if (infoHash === undefined) {
      app(request, response);
      return;
    }
    metrics.measureCall({ method: 'PUT', route: SHARE_ROUTE }, response);
    register.answer(request, response, infoHash);
  };
}

/** Every call of the protocol, also those whose paths are written in another way than usual, and a refusal of all else. */
export function createExpress(parts: AppParts, announce: RequestListener, register: RegisterCall): Express {
  const { registry, catalogue, metrics, log } = parts;
  const app = express();
  app.disable('x-powered-by');
  app.disable('etag');
  app.set('query parser', 'simple');
  app.post(ANNOUNCE_PATH, announce);
  app.use(metrics.measure());
  app.use((_request, response, next) => {
    response.set('X-Content-Type-Options', 'nosniff');
    next();
  });
  addShareCalls(app, catalogue, register);
  addSwarmCalls(app, registry, catalogue);
  app.route(ANNOUNCE_PATH).all(refuseMethod(ANNOUNCE_PATH));
  addStateCalls(app, metrics, parts.checkDatabase);
  addPage(app, parts.pageFolder);
  app.use((request) => {
    throw new ShoalError('not-found', `${request.method} ${request.path.slice(0, 200)}: there is no such call`);
  });
  app.use(answerProblems(log));
  return app;
}

function countedAnnounce({ desk, metrics, log, intervalSeconds, sourceOf }: AppParts): RequestListener {
  return announceCall({
    desk,
    intervalSeconds,
    sourceOf,
    onAnswered: ({ status, seconds, swarms }) => {
      metrics.countCall({ method: 'POST', route: ANNOUNCE_PATH, status: String(status) }, seconds);
      if (swarms > 0) metrics.countAnnounce('http', swarms);
    },
    onDefect: (error) => {
      log.error({ err: error, method: 'POST', path: ANNOUNCE_PATH }, 'a call failed');
    },
  });
}

/** How the tracker is, for those who watch it. */
function addStateCalls(app: Express, metrics: Metrics, checkDatabase: () => Promise<void>): void {
  app
    .route('/healthz')
    .get(async (_request, response) => {
      await checkDatabase();
      response.json({ status: 'ok' });
    })
    .all(refuseMethod('/healthz'));
  app
    .route('/metrics')
    .get(async (_request, response) => {
      response.type(metrics.contentType).send(await metrics.text());
    })
    .all(refuseMethod('/metrics'));
}
