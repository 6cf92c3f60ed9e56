import type { InfoHash, PeerId, SwarmReport } from '@shoal/protocol';

/** How one agent stands in one swarm, without what only those see who look at that swarm. */
export type PlainReport = Omit<SwarmReport, 'pieces' | 'feeders'>;

/** Sums over all agents, in bytes a second. */
export interface Rates {
  readonly receivedBytesPerSecond: number;
  readonly sentBytesPerSecond: number;
}

interface SwarmReports {
  readonly byPeer: Map<PeerId, PlainReport>;
  receivedBytesPerSecond: number;
}

/** What agents said last of their swarms. Kept only while somebody looks. */
export class Reports {
  readonly #swarms = new Map<InfoHash, SwarmReports>();
  readonly #swarmsOf = new Map<PeerId, Set<InfoHash>>();
  #receivedBytesPerSecond = 0;
  #sentBytesPerSecond = 0;

  /** What is sent and received by all. */
  get totals(): Rates {
    const { received, sent } = { received: this.#receivedBytesPerSecond, sent: this.#sentBytesPerSecond };
    return { receivedBytesPerSecond: received, sentBytesPerSecond: sent };
  }

  /** What one swarm receives. */
  receivedBytesPerSecond(infoHash: InfoHash): number {
    return this.#swarms.get(infoHash)?.receivedBytesPerSecond ?? 0;
  }

  /** What an agent said of a swarm. */
  get(infoHash: InfoHash, peerId: PeerId): PlainReport | undefined {
    return this.#swarms.get(infoHash)?.byPeer.get(peerId);
  }

  /** What all agents said of a swarm. */
  of(infoHash: InfoHash): ReadonlyMap<PeerId, PlainReport> | undefined {
    return this.#swarms.get(infoHash)?.byPeer;
  }

  put(peerId: PeerId, report: PlainReport): void {
    const { infoHash } = report;
    this.delete(peerId, infoHash);
    const swarm = this.#swarms.get(infoHash) ?? { byPeer: new Map<PeerId, PlainReport>(), receivedBytesPerSecond: 0 };
    this.#swarms.set(infoHash, swarm);
    swarm.byPeer.set(peerId, report);
    this.#count(swarm, report, 1);
    const swarms = this.#swarmsOf.get(peerId) ?? new Set();
    this.#swarmsOf.set(peerId, swarms.add(infoHash));
  }

  /** The agent has left a swarm. */
  delete(peerId: PeerId, infoHash: InfoHash): void {
    const swarm = this.#swarms.get(infoHash);
    const report = swarm?.byPeer.get(peerId);
    if (swarm === undefined || report === undefined) return;
    swarm.byPeer.delete(peerId);
    this.#count(swarm, report, -1);
    if (swarm.byPeer.size === 0) this.#swarms.delete(infoHash);
    const swarms = this.#swarmsOf.get(peerId);
    swarms?.delete(infoHash);
    if (swarms?.size === 0) this.#swarmsOf.delete(peerId);
  }

  /** The agent is gone. */
  deleteAll(peerId: PeerId): void {
    for (const infoHash of [...(this.#swarmsOf.get(peerId) ?? [])]) this.delete(peerId, infoHash);
  }

  clear(): void {
    this.#swarms.clear();
    this.#swarmsOf.clear();
    this.#receivedBytesPerSecond = 0;
    this.#sentBytesPerSecond = 0;
  }

  /** Agents tell whole numbers, so that nothing is left of those that are taken out again. */
  #count(swarm: SwarmReports, report: PlainReport, times: 1 | -1): void {
    swarm.receivedBytesPerSecond += times * Math.round(report.receivedBytesPerSecond);
    this.#receivedBytesPerSecond += times * Math.round(report.receivedBytesPerSecond);
    this.#sentBytesPerSecond += times * Math.round(report.sentBytesPerSecond);
  }
}
