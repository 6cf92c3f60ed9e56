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

  get(peerId: PeerId): Reporter | undefined {
    return this.#reporters.get(peerId);
  }

  /** An agent comes, and takes the place of an older session of it. */
  add(reporter: Reporter, isLookedAt: boolean): void {
    this.#reporters.set(reporter.peerId, reporter);
    this.#ask(reporter, isLookedAt, NONE);
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
    let isAsked = false;
    for (const reporter of this.#reporters.values()) {
      isAsked = this.#ask(reporter, isLookedAt, watched.get(reporter.peerId) ?? NONE) || isAsked;
    }
    return isAsked;
  }

  #ask(reporter: Reporter, isLookedAt: boolean, infoHashes: readonly InfoHash[]): boolean {
    const asked = String(isLookedAt) + infoHashes.join('');
    if (this.#asked.get(reporter) === asked) return false;
    this.#asked.set(reporter, asked);
    reporter.ask({ kind: 'watch', isLookedAt, infoHashes });
    return true;
  }
}

const NONE: readonly InfoHash[] = [];
