import type { FromTracker, InfoHash, PeerId } from '@shoal/protocol';
import type { Naming } from './sight.ts';

/** What an agent is asked to tell. */
export type Watch = Extract<FromTracker, { readonly kind: 'watch' }>;

/** An agent's session, as the fleet sees it. */
export interface Reporter extends Naming {
  readonly peerId: PeerId;
  readonly ask: (watch: Watch) => void;
}

/** The agents with a session, and what each was asked to tell. */
export class Reporters {
  readonly #reporters = new Map<PeerId, Reporter>();
  readonly #asked = new WeakMap<Reporter, string>();
  #isLookedAt = false;
  #watched: ReadonlyMap<PeerId, readonly InfoHash[]> = new Map();

  /** Whether agents were told that somebody looks. */
  get isLookedAt(): boolean {
    return this.#isLookedAt;
  }

  get(peerId: PeerId): Reporter | undefined {
    return this.#reporters.get(peerId);
  }

  /** An agent comes, and takes the place of an older session of it. */
  add(reporter: Reporter): void {
    this.#reporters.set(reporter.peerId, reporter);
    this.#ask(reporter, NONE);
  }

  /** @returns whether it was there and not replaced */
  remove(reporter: Reporter): boolean {
    return this.#reporters.get(reporter.peerId) === reporter && this.#reporters.delete(reporter.peerId);
  }

  /**
   * Asks all whom something else was asked before.
   * @param watched the swarms whose pieces each is to tell
   * @returns whether anybody was asked
   */
  askAll(isLookedAt: boolean, watched: ReadonlyMap<PeerId, readonly InfoHash[]>): boolean {
    const isForAll = isLookedAt !== this.#isLookedAt;
    const concerned = isForAll ? this.#reporters.keys() : new Set([...this.#watched.keys(), ...watched.keys()]);
    this.#isLookedAt = isLookedAt;
    this.#watched = watched;
    let isAsked = false;
    for (const peerId of concerned) {
      const reporter = this.#reporters.get(peerId);
      if (reporter !== undefined) isAsked = this.#ask(reporter, watched.get(peerId) ?? NONE) || isAsked;
    }
    return isAsked;
  }

  #ask(reporter: Reporter, infoHashes: readonly InfoHash[]): boolean {
    const isLookedAt = this.#isLookedAt;
    const asked = String(isLookedAt) + infoHashes.join('');
    if (this.#asked.get(reporter) === asked) return false;
    this.#asked.set(reporter, asked);
    reporter.ask({ kind: 'watch', isLookedAt, infoHashes });
    return true;
  }
}

const NONE: readonly InfoHash[] = [];
