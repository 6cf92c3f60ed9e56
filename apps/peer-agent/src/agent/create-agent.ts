/** Puts an agent together: the engine, its Node adapters, the tracker's sessions and what is held. */
import { hostname } from 'node:os';
import { openTrackerSession, TrackerClient, type Watch } from '@shoal/client';
import { Engine, type EnginePorts, type Log } from '@shoal/engine';
import {
  createHasher,
  createWsTransport,
  fingerprintShare,
  openDownload,
  openShare,
  renameShare,
  SmallFiles,
  systemClock,
  systemRandom,
  tuneV8,
  verifyShare,
} from '@shoal/engine/node';
import { ShoalError, type PeerId } from '@shoal/protocol';
import type { PeerSettings } from '../settings/settings.ts';
import { AGENT } from '../version.ts';
import { Agent } from './agent.ts';
import { FleetReporter } from './fleet-reporter.ts';
import { Holdings } from './holdings.ts';
import { localHosts } from './local-hosts.ts';
import { PageOrigins } from './page-origins.ts';
import { Registrar } from './registrar.ts';
import type { ShareDisk } from './share-disk.ts';
import type { ShareRecords } from './share-records.ts';

/** What an agent is started with. */
export interface AgentOptions {
  readonly peerId: PeerId;
  readonly peer: PeerSettings;
  readonly log: Log;
  /** Absent for a peer that is forgotten when it ends. */
  readonly records?: ShareRecords;
}

/**
 * Starts an agent in this process. Whoever starts it calls `shutdown`.
 * @throws ShoalError `port-in-use`
 */
export async function createAgent({ peerId, peer, log, records }: AgentOptions): Promise<Agent> {
  tuneV8();
  const hasher = createHasher();
  const pages = new PageOrigins(peer.pageOrigins);
  const transport = createWsTransport({
    ...(peer.host === undefined ? {} : { host: peer.host }),
    ...(peer.port === undefined ? {} : { port: peer.port }),
    log,
    acceptsPagesOf: (origin) => pages.accepts(origin),
  });
  const registrar = new Registrar({
    clock: systemClock,
    random: systemRandom,
    register: (tracker, metainfo) => new TrackerClient(tracker).register(metainfo),
    has: (tracker, infoHash) => new TrackerClient(tracker).has(infoHash),
  });
  const openTracker = sessionsOf(peer, { pages, registrar, reporter: () => reporter });
  const ports = { clock: systemClock, random: systemRandom, hasher, transport, log, openTracker };
  const engine = new Engine({
    ports,
    peerId,
    agent: AGENT,
    ...(peer.uploadLimit === undefined ? {} : { uploadBytesPerSecond: peer.uploadLimit }),
    ...(peer.downloadLimit === undefined ? {} : { downloadBytesPerSecond: peer.downloadLimit }),
  });
  const smallFiles = new SmallFiles();
  const disk = createDisk(hasher, smallFiles);
  const holdings = new Holdings({
    engine,
    disk,
    log,
    clock: systemClock,
    ...(records === undefined ? {} : { records }),
  });
  const reporter = new FleetReporter({ shares: () => holdings.list(), engine, clock: systemClock });
  const release = async (): Promise<void> => {
    reporter.stop();
    await Promise.all([hasher.stop(), smallFiles.stop()]);
  };
  const agent = new Agent({ peerId, engine, holdings, registrar, release });
  try {
    await agent.start();
  } catch (error) {
    await agent.shutdown();
    throw error;
  }
  return agent;
}

interface Listeners {
  readonly pages: PageOrigins;
  readonly registrar: Registrar;
  /** Made after the engine, which opens sessions only when it has something to announce. */
  readonly reporter: () => FleetReporter;
}

/** How sessions are opened: what a tracker says goes to the engine, and to those who listen besides. */
function sessionsOf(
  { name = hostname(), advertise }: PeerSettings,
  { pages, registrar, reporter }: Listeners,
): EnginePorts['openTracker'] {
  const whoWeAre = { name, localHosts, ...(advertise === undefined ? {} : { advertised: advertise }) };
  return (url, identity, handlers) => {
    const onPageOrigins = pages.trust(url);
    const onWelcome = (observedHost: string): void => {
      handlers.onWelcome(observedHost);
      void registrar.trackerIsBack(url);
    };
    const onWatch = (watch: Watch | undefined): void => {
      reporter().watch(url, session, watch);
    };
    const session = openTrackerSession(url, identity, { ...handlers, onWelcome, onPageOrigins, onWatch }, whoWeAre);
    return session;
  };
}

function createDisk(hasher: ReturnType<typeof createHasher>, smallFiles: SmallFiles): ShareDisk {
  return {
    openShare: (metainfo, path) => openShare({ metainfo, path, smallFiles }),
    openDownload: (metainfo, folder) => openDownload({ metainfo, folder, hasher, smallFiles, clock: systemClock }),
    fingerprint: (metainfo, path) => fingerprintShare({ metainfo, path, smallFiles }),
    move: ({ isSingleFile }, from, to) => renameShare({ from, to, isSingleFile }),
    check: async (metainfo, path) => {
      const { isGood } = await verifyShare({ metainfo, path, hasher });
      if (!isGood) throw new ShoalError('content-mismatch', `checking ${path}: it has changed since it was shared`);
    },
  };
}
