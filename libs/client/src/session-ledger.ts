import { LIMITS, type FromAgent, type InfoHash, type SwarmState } from '@shoal/protocol';

/** When something that changed should be said. */
export type Urgency = 'now' | 'later' | 'never';

/**
 * What an agent wants its tracker to know, and what the present session has said of it. Decides what to say next;
 * knows nothing of sockets and time.
 */
export class SessionLedger {
  readonly #wanted = new Map<InfoHash, number>();
  /** What the session was told: bytes left by swarm. */
  #said = new Map<InfoHash, number>();
  readonly #changed = new Set<InfoHash>();
  #isFollowing = false;
  #isFollowingSaid = false;

  /** The agent is in a swarm, or has come further in it. Entering and completing cannot wait. */
  announce(infoHash: InfoHash, left: number): Urgency {
    this.#wanted.set(infoHash, left);
    const said = this.#said.get(infoHash);
    if (said === left) {
      this.#changed.delete(infoHash);
      return 'never';
    }
    this.#changed.add(infoHash);
    return said === undefined || left === 0 ? 'now' : 'later';
  }

  /** The agent has left a swarm. */
  leave(infoHash: InfoHash): Urgency {
    this.#wanted.delete(infoHash);
    if (this.#said.has(infoHash)) {
      this.#changed.add(infoHash);
      return 'now';
    }
    this.#changed.delete(infoHash);
    return 'never';
  }

  /** The agent wants to be told when the catalogue has something new. */
  follow(): Urgency {
    this.#isFollowing = true;
    return this.#isFollowingSaid ? 'never' : 'now';
  }

  /** A new session has been told nothing. */
  forgetSaid(): void {
    this.#isFollowingSaid = false;
    this.#said = new Map();
    this.#changed.clear();
    for (const infoHash of this.#wanted.keys()) this.#changed.add(infoHash);
  }

  /** The messages that bring the session up to date; afterwards they count as said. */
  takeMessages(): FromAgent[] {
    const entered: SwarmState[] = [];
    const advanced: SwarmState[] = [];
    const left: InfoHash[] = [];
    for (const infoHash of this.#changed) {
      const wanted = this.#wanted.get(infoHash);
      if (wanted === undefined) {
        this.#said.delete(infoHash);
        left.push(infoHash);
        continue;
      }
      (this.#said.has(infoHash) ? advanced : entered).push({ infoHash, left: wanted });
      this.#said.set(infoHash, wanted);
    }
    this.#changed.clear();
    const isToFollow = this.#isFollowing && !this.#isFollowingSaid;
    this.#isFollowingSaid ||= isToFollow;
    return [
      ...(isToFollow ? [{ kind: 'follow' } as const] : []),
      ...batches(left).map((infoHashes): FromAgent => ({ kind: 'leave', infoHashes })),
      ...batches(entered).map((swarms): FromAgent => ({ kind: 'announce', swarms })),
      ...batches(advanced).map((swarms): FromAgent => ({ kind: 'progress', swarms })),
    ];
  }
}

function batches<T>(items: readonly T[]): T[][] {
  const result: T[][] = [];
  for (let at = 0; at < items.length; at += LIMITS.announceSwarms) {
    result.push(items.slice(at, at + LIMITS.announceSwarms));
  }
  return result;
}
