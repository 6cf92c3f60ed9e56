/** Tells trackers of shares, and keeps telling them until each has acknowledged. */
import { reportError, ShoalError, type ErrorReport, type InfoHash, type Metainfo } from '@shoal/protocol';
import type { Clock, Random } from '@shoal/engine';

/** One call to one tracker; rejects with a ShoalError. */
type Register = (tracker: string, metainfo: Metainfo) => Promise<unknown>;

/** What a registrar needs from the world. */
export interface RegistrarPorts {
  readonly clock: Clock;
  readonly random: Random;
  readonly register: Register;
  /** Whether a tracker has a share; rejects with a ShoalError. */
  readonly has: (tracker: string, infoHash: InfoHash) => Promise<boolean>;
}

interface Queue {
  readonly pending: Map<InfoHash, Metainfo>;
  failures: number;
  cancelTimer: (() => void) | undefined;
}

const FIRST_RETRY_MS = 1_000;
const LONGEST_RETRY_MS = 30_000;
/** Shares that a tracker is asked for when it was away: an empty catalogue has none of them, one of last week not the latest. */
const ASKED_FOR = 8;

export class Registrar {
  readonly #ports: RegistrarPorts;
  readonly #queues = new Map<string, Queue>();
  readonly #problems = new Map<InfoHash, ErrorReport>();
  /** What each tracker has acknowledged, the latest last. */
  readonly #acknowledged = new Map<string, Map<InfoHash, Metainfo>>();
  #isStopped = false;

  constructor(ports: RegistrarPorts) {
    this.#ports = ports;
  }

  /** Tries once now; when the tracker does not take it, `problemOf` says why and further tries follow by themselves. */
  async register(tracker: string, metainfo: Metainfo): Promise<void> {
    if ((await this.#attempt(tracker, metainfo)) === 'done') return;
    this.#enqueue(tracker, metainfo);
  }

  /** Registers in the background, among others that wait for the same tracker. */
  registerLater(tracker: string, metainfo: Metainfo): void {
    this.#enqueue(tracker, metainfo);
  }

  /** The tracker was away. It is asked for the latest shares that it acknowledged: one that lacks any is told of all again. */
  async trackerIsBack(tracker: string): Promise<void> {
    const acknowledged = [...(this.#acknowledged.get(tracker)?.values() ?? [])];
    for (const metainfo of acknowledged.slice(-ASKED_FOR)) {
      const has = await this.#ports.has(tracker, metainfo.infoHash).catch(() => undefined);
      if (has === true) continue;
      const lost = has === false ? acknowledged : [metainfo];
      for (const one of lost) if (this.#isAcknowledged(tracker, one)) this.#enqueue(tracker, one);
      return;
    }
  }

  /** Why a share is not registered yet. */
  problemOf(infoHash: InfoHash): ErrorReport | undefined {
    return this.#problems.get(infoHash);
  }

  forget(infoHash: InfoHash): void {
    this.#problems.delete(infoHash);
    for (const queue of this.#queues.values()) queue.pending.delete(infoHash);
    for (const shares of this.#acknowledged.values()) shares.delete(infoHash);
  }

  stop(): void {
    this.#isStopped = true;
    for (const queue of this.#queues.values()) queue.cancelTimer?.();
    this.#queues.clear();
  }

  async #attempt(tracker: string, metainfo: Metainfo): Promise<'done' | 'refused' | 'unreachable'> {
    try {
      await this.#ports.register(tracker, metainfo);
      this.#problems.delete(metainfo.infoHash);
      this.#acknowledge(tracker, metainfo);
      return 'done';
    } catch (error) {
      this.#problems.set(metainfo.infoHash, reportError(error));
      const isRefusal =
        error instanceof ShoalError && error.code !== 'tracker-unreachable' && error.code !== 'timed-out';
      return isRefusal ? 'refused' : 'unreachable';
    }
  }

  #acknowledge(tracker: string, metainfo: Metainfo): void {
    const shares = this.#acknowledged.get(tracker) ?? new Map<InfoHash, Metainfo>();
    this.#acknowledged.set(tracker, shares);
    shares.set(metainfo.infoHash, metainfo);
  }

  /** Whatever was forgotten meanwhile is not. */
  #isAcknowledged(tracker: string, { infoHash }: Metainfo): boolean {
    return this.#acknowledged.get(tracker)?.has(infoHash) === true;
  }

  #enqueue(tracker: string, metainfo: Metainfo): void {
    if (this.#isStopped) return;
    const queue = this.#queues.get(tracker) ?? { pending: new Map(), failures: 0, cancelTimer: undefined };
    this.#queues.set(tracker, queue);
    queue.pending.set(metainfo.infoHash, metainfo);
    if (queue.cancelTimer === undefined) this.#schedule(tracker, queue);
  }

  /** Full jitter, so that a fleet does not come back to a restarted tracker all at once. */
  #schedule(tracker: string, queue: Queue): void {
    const ceiling = Math.min(LONGEST_RETRY_MS, FIRST_RETRY_MS * 2 ** queue.failures);
    const delayMs = ceiling * (0.1 + 0.9 * this.#ports.random.next());
    queue.cancelTimer = this.#ports.clock.setTimer(delayMs, () => void this.#retry(tracker, queue));
  }

  async #retry(tracker: string, queue: Queue): Promise<void> {
    for (const [infoHash, metainfo] of [...queue.pending]) {
      const outcome = queue.pending.has(infoHash) ? await this.#attempt(tracker, metainfo) : 'done';
      if (this.#isStopped) return;
      if (outcome === 'done') queue.pending.delete(infoHash);
      if (outcome === 'unreachable') break;
    }
    if (queue.pending.size === 0) {
      this.#queues.delete(tracker);
      return;
    }
    queue.failures++;
    this.#schedule(tracker, queue);
  }
}
