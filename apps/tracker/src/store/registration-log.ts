import { setImmediate as nextTurn } from 'node:timers/promises';
import type { InfoHash, PeerId } from '@shoal/protocol';
import type { Registration, RegistrationKey, TrackerStore } from './tracker-store.ts';

/** The part of the store that it writes to. */
type RegistrationStore = Pick<TrackerStore, 'saveRegistrations'>;

/** The last word on a registration: how it is, or that it is to be deleted. */
type Word = Registration | RegistrationKey;

/** Registrations in one transaction: the event loop stands still meanwhile, for a few milliseconds. */
const AT_ONCE = 250;

/** Writes registrations behind: what changed since the last flush. A crash loses one interval. */
export class RegistrationLog {
  readonly #store: RegistrationStore;
  #pending = new Words();
  #flushed: Promise<void> = Promise.resolve();

  constructor(store: RegistrationStore) {
    this.#store = store;
  }

  put(registration: Registration): void {
    this.#pending.say(registration);
  }

  remove(infoHash: InfoHash, peerId: PeerId): void {
    this.#pending.say({ infoHash, peerId });
  }

  /**
   * Commits what is pending, after any flush that is under way: an older word must not come after a newer one. What
   * could not be written stays pending, unless a later change overtook it.
   * @throws ShoalError `database-unavailable`
   */
  flush(): Promise<void> {
    this.#flushed = this.#flushed.catch(() => undefined).then(() => this.#writePending());
    return this.#flushed;
  }

  async #writePending(): Promise<void> {
    const words = this.#pending;
    this.#pending = new Words();
    for (let batch = words.first(AT_ONCE); batch.length > 0; batch = words.first(AT_ONCE)) {
      try {
        await this.#store.saveRegistrations(batch.filter(isRegistration), batch.filter(isRemoval));
      } catch (error) {
        for (const word of this.#pending.first(Infinity)) words.say(word);
        this.#pending = words;
        throw error;
      }
      for (const word of batch) words.drop(word);
      await nextTurn();
    }
  }
}

/** The last word on each registration, by peer and then by swarm: texts that exist already, and are compared as they are. */
class Words {
  readonly #ofPeers = new Map<PeerId, Map<InfoHash, Word>>();

  say(word: Word): void {
    const { infoHash, peerId } = word;
    const ofPeer = this.#ofPeers.get(peerId);
    if (ofPeer === undefined) this.#ofPeers.set(peerId, new Map([[infoHash, word]]));
    else ofPeer.set(infoHash, word);
  }

  drop({ infoHash, peerId }: Word): void {
    const ofPeer = this.#ofPeers.get(peerId);
    ofPeer?.delete(infoHash);
    if (ofPeer?.size === 0) this.#ofPeers.delete(peerId);
  }

  /** Some of them, up to so many. */
  first(count: number): Word[] {
    const found: Word[] = [];
    for (const ofPeer of this.#ofPeers.values()) {
      for (const word of ofPeer.values()) {
        if (found.length >= count) return found;
        found.push(word);
      }
    }
    return found;
  }
}

function isRegistration(word: Word): word is Registration {
  return 'left' in word;
}

function isRemoval(word: Word): boolean {
  return !isRegistration(word);
}
