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
  #pending = new Map<string, Word>();
  #flushed: Promise<void> = Promise.resolve();

  constructor(store: RegistrationStore) {
    this.#store = store;
  }

  put(registration: Registration): void {
    this.#pending.set(registration.infoHash + registration.peerId, registration);
  }

  remove(infoHash: InfoHash, peerId: PeerId): void {
    this.#pending.set(infoHash + peerId, { infoHash, peerId });
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
    this.#pending = new Map();
    while (words.size > 0) {
      const batch = firstOf(words);
      try {
        await this.#store.saveRegistrations(batch.filter(isRegistration), batch.filter(isRemoval));
      } catch (error) {
        this.#pending = new Map([...words, ...this.#pending]);
        throw error;
      }
      for (const { infoHash, peerId } of batch) words.delete(infoHash + peerId);
      await nextTurn();
    }
  }
}

function firstOf(words: ReadonlyMap<string, Word>): Word[] {
  const batch: Word[] = [];
  for (const word of words.values()) {
    if (batch.length === AT_ONCE) break;
    batch.push(word);
  }
  return batch;
}

function isRegistration(word: Word): word is Registration {
  return 'left' in word;
}

function isRemoval(word: Word): boolean {
  return !isRegistration(word);
}
