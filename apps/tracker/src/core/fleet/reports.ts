import type { InfoHash, PeerId, SwarmReport } from '@shoal/protocol';

/** How one agent stands in one swarm, without what only those see who look at that swarm. */
export type PlainReport = Omit<SwarmReport, 'pieces' | 'feeders'>;

/** Sums over all agents, in bytes a second. */
export interface Rates {
  readonly receivedBytesPerSecond: number;
  readonly sentBytesPerSecond: number;
}

interface SwarmReports {
  /** Each is written over by the next: most are read by nobody, and there is one a second of each agent. */
  readonly byPeer: Map<PeerId, PlainReport>;
  receivedBytesPerSecond: number;
}

/** No machine moves more than 64 GiB a second, whatever it says: sums stay exact. */
const CREDIBLE_BYTES_PER_SECOND = 2 ** 36;

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

  put(peerId: PeerId, report: PlainReport): void {
    const swarm = this.#swarms.get(report.infoHash) ?? this.#open(report.infoHash);
    const standing = swarm.byPeer.get(peerId);
    if (standing === undefined) this.#enter(swarm, peerId, standingOf(report));
    else {
      this.#count(swarm, standing, -1);
      Object.assign(standing, standingOf(report));
    }
    this.#count(swarm, report, 1);
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

  #open(infoHash: InfoHash): SwarmReports {
    const swarm: SwarmReports = { byPeer: new Map(), receivedBytesPerSecond: 0 };
    this.#swarms.set(infoHash, swarm);
    return swarm;
  }

  #enter(swarm: SwarmReports, peerId: PeerId, standing: PlainReport): void {
    swarm.byPeer.set(peerId, standing);
    const swarms = this.#swarmsOf.get(peerId);
    if (swarms === undefined) this.#swarmsOf.set(peerId, new Set([standing.infoHash]));
    else swarms.add(standing.infoHash);
  }

  #count(swarm: SwarmReports, report: PlainReport, times: 1 | -1): void {
    const received = times * countable(report.receivedBytesPerSecond);
    swarm.receivedBytesPerSecond += received;
    this.#receivedBytesPerSecond += received;
    this.#sentBytesPerSecond += times * countable(report.sentBytesPerSecond);
  }
}

/** Of a report as it came, which says more. */
function standingOf(report: PlainReport): PlainReport {
  const { infoHash, state, left, receivedBytesPerSecond, sentBytesPerSecond, secondsLeft, seconds, problem } = report;
  return { infoHash, state, left, receivedBytesPerSecond, sentBytesPerSecond, secondsLeft, seconds, problem };
}

/** Whole numbers, so that nothing is left of those that are taken out again. */
function countable(bytesPerSecond: number): number {
  return Math.min(Math.round(bytesPerSecond), CREDIBLE_BYTES_PER_SECOND);
}
