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
  /** How many have each name. */
  readonly #namesakes = new Map<string, number>();
  readonly #asked = new WeakMap<Reporter, string>();
  #isLookedAt = false;
  #watched: ReadonlyMap<PeerId, readonly InfoHash[]> = new Map();

  /** Whether agents were told that somebody looks. */
  get isLookedAt(): boolean {
    return this.#isLookedAt;
  }

  /** Whether that is the agent's newest session. */
  has(reporter: Reporter): boolean {
    return this.#reporters.get(reporter.peerId) === reporter;
  }

  /**
   * What a machine is called among the others: those of one name, as agents of one computer have, are told apart by the
   * beginning of their peer ids.
   */
  namingOf(peerId: PeerId): Naming {
    const { name, agent } = this.#reporters.get(peerId) ?? NAMELESS;
    const isShared = name !== '' && (this.#namesakes.get(name) ?? 0) > 1;
    return { name: isShared ? `${name} (${peerId.slice(0, ID_DIGITS)})` : name, agent };
  }

  /** An agent comes, and takes the place of an older session of it. */
  add(reporter: Reporter): void {
    const older = this.#reporters.get(reporter.peerId);
    if (older !== undefined) this.remove(older);
    this.#reporters.set(reporter.peerId, reporter);
    this.#countName(reporter.name, 1);
    this.#ask(reporter, NONE);
  }

  /** @returns whether it was there and not replaced */
  remove(reporter: Reporter): boolean {
    if (!this.has(reporter)) return false;
    this.#reporters.delete(reporter.peerId);
    this.#countName(reporter.name, -1);
    return true;
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

  #countName(name: string, change: 1 | -1): void {
    const count = (this.#namesakes.get(name) ?? 0) + change;
    if (count === 0) this.#namesakes.delete(name);
    else this.#namesakes.set(name, count);
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

/** Of a peer id, behind a name that others have too. */
const ID_DIGITS = 6;
const NONE: readonly InfoHash[] = [];
/** Of a machine that has no session. */
const NAMELESS: Naming = { name: '', agent: '' };
