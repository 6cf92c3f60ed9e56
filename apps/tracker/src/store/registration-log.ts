import { setImmediate as nextTurn } from 'node:timers/promises';
import type { InfoHash, PeerId } from '@shoal/protocol';
import type { Registration, RegistrationKey, TrackerStore } from './tracker-store.ts';

/** The part of the store that it writes to. */
type RegistrationStore = Pick<TrackerStore, 'saveRegistrations'>;

interface Word {
  readonly key: RegistrationKey;
  readonly registration: Registration | undefined;
}

/** Registrations in one transaction: the event loop stands still meanwhile, for a few milliseconds. */
const AT_ONCE = 250;

/** Writes registrations behind: what changed since the last flush. A crash loses one interval. */
export class RegistrationLog {
  readonly #store: RegistrationStore;
  /** The last word on each registration; undefined for one that is to be deleted. */
  #pending = new Map<string, Word>();
  #flushed: Promise<void> = Promise.resolve();

  constructor(store: RegistrationStore) {
    this.#store = store;
  }

  put(registration: Registration): void {
    const { infoHash, peerId } = registration;
    this.#pending.set(infoHash + peerId, { key: registration, registration });
  }

  remove(infoHash: InfoHash, peerId: PeerId): void {
    this.#pending.set(infoHash + peerId, { key: { infoHash, peerId }, registration: undefined });
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
    const words = [...this.#pending];
    this.#pending = new Map();
    for (let at = 0; at < words.length; at += AT_ONCE) {
      try {
        await this.#write(words.slice(at, at + AT_ONCE));
      } catch (error) {
        this.#pending = new Map([...words.slice(at), ...this.#pending]);
        throw error;
      }
      await nextTurn();
    }
  }

  async #write(words: readonly (readonly [string, Word])[]): Promise<void> {
    const changed: Registration[] = [];
    const removed: RegistrationKey[] = [];
    for (const [, { key, registration }] of words) {
      if (registration === undefined) removed.push(key);
      else changed.push(registration);
    }
    await this.#store.saveRegistrations(changed, removed);
  }
}
