import { createServer, type Server } from 'node:http';
import { FLEET_PATH, LIMITS, type InfoHash } from '@shoal/protocol';
import type { Logger } from 'pino';
import * as z from 'zod';
import type { TrackerConfig } from './config.ts';
import { AnnounceDesk } from './core/announce-desk.ts';
import { Catalogue } from './core/catalogue.ts';
import { Fleet, FLEET_TICK_MS } from './core/fleet/fleet.ts';
import { Followers } from './core/followers.ts';
import { SwarmRegistry } from './core/swarm-registry.ts';
import { createApp } from './http/app.ts';
import { dialledAddress, sourceAddress } from './http/source-address.ts';
import { closeServers, listen, type Listeners } from './listeners.ts';
import { Metrics } from './metrics.ts';
import { Probe } from './probe.ts';
import { openPrismaStore } from './store/prisma-store.ts';
import { RegistrationLog } from './store/registration-log.ts';
import type { TrackerStore } from './store/tracker-store.ts';
import type { Gateway } from './ws/gateway.ts';
import { pageGateway } from './ws/page-gateway.ts';
import { sessionGateway } from './ws/session-gateway.ts';

const HOUSEKEEPING_MS = 1_000;
const CLOSE_MS = 1_000;
/** What comes to the catalogue within this is told to its followers as one. */
const LISTED_MS = 100;
/** Of the file descriptors: sessions; these and calls by HTTP together; the rest is for probes and the database. */
const SESSION_SHARE = 0.8;
const CONNECTION_SHARE = 0.9;
const FALLBACK_DESCRIPTORS = 1_024;
const userLimitsSchema = z.object({ open_files: z.object({ soft: z.number() }) });

/** A tracker that can be started once, and then stopped. */
export interface Tracker {
  /**
   * Opens the database, restores the swarms and begins to listen.
   * @returns the address for people, `http://localhost:8000`
   * @throws ShoalError `port-in-use`, `bad-config`, `database-unavailable`, `database-newer`
   */
  start(): Promise<string>;
  /** Closes sessions and calls, writes what is pending and lets go of the database. */
  stop(): Promise<void>;
}

/** Puts a tracker together; nothing is opened before `start`. */
export function createTracker(config: TrackerConfig, log: Logger): Tracker {
  let running: RunningTracker | undefined;
  return {
    async start() {
      const store = await openPrismaStore(config.database);
      try {
        running = new RunningTracker(config, log, store);
        return await running.open();
      } catch (error) {
        await running?.stop();
        throw error;
      }
    },
    async stop() {
      await running?.stop();
    },
  };
}

class RunningTracker {
  readonly #config: TrackerConfig;
  readonly #log: Logger;
  readonly #store: TrackerStore;
  readonly #registry = new SwarmRegistry(LIMITS.trackerEntries);
  readonly #probe = new Probe();
  readonly #registrations: RegistrationLog;
  readonly #followers: Followers;
  readonly #desk: AnnounceDesk;
  readonly #catalogue: Catalogue;
  readonly #fleet: Fleet;
  readonly #sessions: Gateway;
  readonly #pages: Gateway;
  readonly #metrics: Metrics;
  readonly #openFiles = openFilesLimit();
  #listeners: Listeners | undefined;
  #housekeeping: NodeJS.Timeout | undefined;
  #telling: NodeJS.Timeout | undefined;
  #looking: NodeJS.Timeout | undefined;
  #isStopping = false;

  constructor(config: TrackerConfig, log: Logger, store: TrackerStore) {
    this.#config = config;
    this.#log = log;
    this.#store = store;
    this.#registrations = new RegistrationLog(store);
    this.#followers = new Followers((action) => {
      this.#telling = setTimeout(action, LISTED_MS);
    });
    this.#desk = new AnnounceDesk({
      followers: this.#followers,
      registry: this.#registry,
      reachability: this.#probe,
      notes: this.#registrations,
      random: Math.random,
      now: () => performance.now(),
      leaseMs: config.announceInterval * 2_000,
    });
    this.#metrics = new Metrics({
      sessions: () => this.#sessions.size,
      swarms: () => this.#registry.swarmCount,
      peers: () => this.#registry.peerCount,
      shares: () => store.countShares(),
    });
    const count = (infoHash: InfoHash) => this.#registry.counts(infoHash);
    this.#catalogue = new Catalogue(store, count, () => {
      this.#followers.tell();
    });
    this.#fleet = this.#createFleet();
    this.#pages = pageGateway({ fleet: this.#fleet, log, maxPages: LIMITS.fleetPages });
    this.#sessions = sessionGateway({
      desk: this.#desk,
      fleet: this.#fleet,
      pageOrigins: config.pageOrigins,
      log,
      maxSessions: Math.floor(this.#openFiles * SESSION_SHARE),
      sourceOf: (request) => sourceAddress(request, config.trustProxy),
      trackerHostOf: (request) => dialledAddress(request, config.trustProxy),
      onAnnounce: (swarms) => {
        this.#metrics.countAnnounce('session', swarms);
      },
    });
  }

  async open(): Promise<string> {
    this.#desk.restore(await this.#store.loadRegistrations());
    const { host, port } = this.#config;
    this.#listeners = await listen(this.#serverMaker(), host, port);
    this.#housekeeping = setInterval(() => void this.#keepHouse(), HOUSEKEEPING_MS);
    return `http://${hostForPeople(host)}:${this.#listeners.port}`;
  }

  async stop(): Promise<void> {
    if (this.#isStopping) return;
    this.#isStopping = true;
    clearInterval(this.#housekeeping);
    clearTimeout(this.#telling);
    clearTimeout(this.#looking);
    // Written before the sessions end: who is in which swarm now is what the next start should know.
    await this.#flush();
    this.#probe.stop();
    await Promise.all([this.#sessions.stop(), this.#pages.stop()]);
    clearTimeout(this.#looking);
    await closeServers(this.#listeners?.servers ?? [], CLOSE_MS);
    await this.#store.close();
  }

  #createFleet(): Fleet {
    return new Fleet({
      registry: this.#registry,
      catalogue: this.#catalogue,
      followers: this.#followers,
      now: () => performance.now(),
      timeOfDay: () => new Date().toISOString(),
      later: (action) => {
        this.#looking = setTimeout(action, FLEET_TICK_MS);
      },
      soon: (action) => {
        setImmediate(action);
      },
      failed: (error) => {
        this.#log.error({ err: error }, 'the fleet could not be looked at');
      },
    });
  }

  async #keepHouse(): Promise<void> {
    this.#desk.keepHouse();
    await this.#flush();
  }

  /** What could not be written stays pending. */
  async #flush(): Promise<void> {
    try {
      await this.#registrations.flush();
    } catch (error) {
      this.#log.error({ err: error }, 'registrations could not be written');
    }
  }

  #serverMaker(): () => Server {
    const app = createApp({
      desk: this.#desk,
      registry: this.#registry,
      catalogue: this.#catalogue,
      metrics: this.#metrics,
      log: this.#log,
      intervalSeconds: this.#config.announceInterval,
      sourceOf: (request) => sourceAddress(request, this.#config.trustProxy),
      checkDatabase: () => this.#store.check(),
    });
    return () => {
      const server = createServer({
        maxHeaderSize: LIMITS.headerBytes,
        headersTimeout: LIMITS.headersMs,
        connectionsCheckingInterval: LIMITS.headersMs / 2,
      });
      server.maxConnections = Math.floor(this.#openFiles * CONNECTION_SHARE);
      server.on('request', app);
      server.on('upgrade', (request, socket, head) => {
        const isPage = request.url?.split('?', 1)[0] === FLEET_PATH;
        (isPage ? this.#pages : this.#sessions).upgrade(request, socket, head);
      });
      return server;
    };
  }
}

function hostForPeople(host: string): string {
  if (host === '0.0.0.0' || host === '::') return 'localhost';
  return host.includes(':') ? `[${host}]` : host;
}

/** The soft limit of open files, where the system tells it. */
function openFilesLimit(): number {
  const report = process.report.getReport();
  const limits = 'userLimits' in report ? userLimitsSchema.safeParse(report.userLimits) : undefined;
  return limits?.data?.open_files.soft ?? FALLBACK_DESCRIPTORS;
}
