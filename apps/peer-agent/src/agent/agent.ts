/**
 * The agent itself: how the calls of `AgentApi` become calls of the engine. It decides nothing about transfers (the engine
 * does) or about what is held (the holdings do), and draws nothing.
 */
import type { AgentApi, DataToSeed, ShareToGet } from '@shoal/client';
import type { Engine, EngineSnapshot, LinkSnapshot } from '@shoal/engine';
import {
  normaliseTrackerUrl,
  ShoalError,
  type AgentStatus,
  type Connect,
  type InfoHash,
  type Metainfo,
  type PeerHit,
  type PeerId,
  type PeerReport,
  type Transfer,
  type TransferState,
} from '@shoal/protocol';
import { formatAddress } from '../address.ts';
import { VERSION } from '../version.ts';
import { commonProblem, reportTransfer, stateOf, type HeldShare } from './held-share.ts';
import type { Holdings, Wanted } from './holdings.ts';
import type { Registrar } from './registrar.ts';

/** What an agent is made of. */
export interface AgentParts {
  readonly peerId: PeerId;
  readonly engine: Pick<Engine, 'start' | 'connect' | 'search' | 'fetchMetainfo' | 'follow' | 'snapshot' | 'stop'>;
  readonly holdings: Holdings;
  readonly registrar: Registrar;
  /** Lets go of what the parts hold beyond the engine; called last when the agent stops. */
  readonly release: () => Promise<void>;
}

export class Agent implements AgentApi {
  readonly #parts: AgentParts;
  #port = 0;
  #stopped: Promise<void> | undefined;

  constructor(parts: AgentParts) {
    this.#parts = parts;
  }

  /** The port that other peers can dial. */
  get port(): number {
    return this.#port;
  }

  /** Begins to listen. Throws `port-in-use`. */
  async start(): Promise<void> {
    this.#port = await this.#parts.engine.start();
  }

  /** What is held, for what the daemon does without being asked. */
  get holdings(): Holdings {
    return this.#parts.holdings;
  }

  /** Everything that is to be seen of the engine at this moment. */
  snapshot(): EngineSnapshot {
    return this.#parts.engine.snapshot();
  }

  /** What each share is doing at this moment. */
  states(): (share: HeldShare) => TransferState {
    const swarmOf = new Map(this.snapshot().swarms.map((swarm) => [swarm.infoHash, swarm]));
    return (share) => stateOf(share, swarmOf.get(share.metainfo.infoHash));
  }

  /** Holds complete data for somebody else than a person, and registers it in the background. */
  async hold(wanted: Wanted): Promise<void> {
    await this.#parts.holdings.addShare(wanted);
    for (const tracker of wanted.trackers) void this.#parts.registrar.register(tracker, wanted.metainfo);
  }

  /** Lists all that was remembered, though none of it is open yet. Throws `state-damaged`. */
  recall(): Promise<void> {
    return this.#parts.holdings.recall();
  }

  /** Opens what was remembered, and tells the trackers of it. */
  async restore(): Promise<void> {
    for (const { metainfo } of await this.#parts.holdings.restore()) {
      this.#parts.registrar.registerLater(normaliseTrackerUrl(metainfo.document.announce), metainfo);
    }
  }

  status(): Promise<AgentStatus> {
    const snapshot = this.#parts.engine.snapshot();
    const trackers = snapshot.trackers.map((tracker) => ({ ...tracker, isConnected: tracker.problem === undefined }));
    const transfers = this.#reportAll(snapshot);
    return Promise.resolve({ peerId: this.#parts.peerId, version: VERSION, port: this.#port, trackers, transfers });
  }

  async addShare({ metainfo, path }: DataToSeed): Promise<Transfer> {
    const tracker = normaliseTrackerUrl(metainfo.document.announce);
    const share = await this.#parts.holdings.addShare({ metainfo, path, trackers: [tracker], origin: PERSON });
    await this.#parts.registrar.register(tracker, metainfo);
    return this.#report(share);
  }

  async addDownload({ metainfo, folder, tracker }: ShareToGet): Promise<Transfer> {
    const trackers = [metainfo.document.announce, ...(tracker === undefined ? [] : [tracker])].map(normaliseTrackerUrl);
    const wanted = { metainfo, path: folder, trackers: [...new Set(trackers)], origin: PERSON };
    const share = await this.#parts.holdings.addDownload(wanted);
    return this.#report(share);
  }

  transfers(): Promise<readonly Transfer[]> {
    return Promise.resolve(this.#reportAll(this.#parts.engine.snapshot()));
  }

  metainfo(infoHash: InfoHash): Promise<Metainfo> {
    return this.#parts.engine.fetchMetainfo(infoHash);
  }

  async remove(infoHash: InfoHash): Promise<void> {
    this.#parts.registrar.forget(infoHash);
    if (await this.#parts.holdings.remove(infoHash)) return;
    throw new ShoalError('unknown-share', `removing ${infoHash}: this agent does not have it`);
  }

  peers(): Promise<readonly PeerReport[]> {
    const { links, knownPeers } = this.#parts.engine.snapshot();
    const known = knownPeers.map(({ host, port }) => ({ host, port, ...UNLINKED }));
    return Promise.resolve([...links.map(reportLink), ...known]);
  }

  async connect(address: Connect): Promise<PeerReport> {
    const peerId = await this.#parts.engine.connect(address);
    const link = this.#parts.engine.snapshot().links.find((candidate) => candidate.peerId === peerId);
    if (link !== undefined) return reportLink(link);
    const where = formatAddress(address.host, address.port);
    throw new ShoalError('peer-unreachable', `connecting to ${where}: it hung up at once`);
  }

  /** Calls `onListed` when the tracker's catalogue has something new or newly seeded, and whenever that may have been missed. */
  follow(tracker: string, onListed: () => void): void {
    this.#parts.engine.follow(tracker, onListed);
  }

  async searchPeers(query: string): Promise<readonly PeerHit[]> {
    const answers = await this.#parts.engine.search(query);
    return answers.flatMap(({ host, port, shares }) =>
      shares.map((share) => ({ peer: formatAddress(host, port), ...share })),
    );
  }

  shutdown(): Promise<void> {
    this.#stopped ??= this.#stop();
    return this.#stopped;
  }

  async #stop(): Promise<void> {
    this.#parts.registrar.stop();
    this.#parts.holdings.letGo();
    await this.#parts.engine.stop();
    await this.#parts.release();
  }

  #report(share: HeldShare): Transfer {
    return this.#reporter(this.#parts.engine.snapshot())(share);
  }

  #reportAll(snapshot: EngineSnapshot): Transfer[] {
    return this.#parts.holdings.list().map(this.#reporter(snapshot));
  }

  #reporter({ swarms, trackers }: EngineSnapshot): (share: HeldShare) => Transfer {
    const swarmOf = new Map(swarms.map((swarm) => [swarm.infoHash, swarm]));
    const problemOf = new Map(trackers.map(({ url, problem }) => [url, problem]));
    return (share) => {
      const { infoHash } = share.metainfo;
      const trackerProblem = this.#parts.registrar.problemOf(infoHash) ?? commonProblem(share.trackers, problemOf);
      return reportTransfer(share, swarmOf.get(infoHash), trackerProblem);
    };
  }
}

const PERSON = { kind: 'person' } as const;
const UNLINKED = { isConnected: false, swarms: 0, receivedBytes: 0, sentBytes: 0 } as const;

function reportLink(link: LinkSnapshot): PeerReport {
  return {
    host: link.host,
    ...(link.port === 0 ? {} : { port: link.port }),
    peerId: link.peerId,
    agent: link.agent,
    isConnected: true,
    swarms: link.swarms.length,
    receivedBytes: link.receivedBytes,
    sentBytes: link.sentBytes,
  };
}
