import type { InfoHash, PeerId } from '@shoal/protocol';
import type { Registration, RegistrationKey, TrackerStore } from './tracker-store.ts';

/** The part of the store that it writes to. */
type RegistrationStore = Pick<TrackerStore, 'saveRegistrations'>;

/** Writes registrations behind: what changed since the last flush, in one transaction. A crash loses one interval. */
export class RegistrationLog {
  readonly #store: RegistrationStore;
  /** The last word on each registration; undefined for one that is to be deleted. */
  #pending = new Map<string, { readonly key: RegistrationKey; readonly registration: Registration | undefined }>();

  constructor(store: RegistrationStore) {
    this.#store = store;
  }

  put(registration: Registration): void {
    const { infoHash, peerId } = registration;
    this.#pending.set(infoHash + peerId, { key: { infoHash, peerId }, registration });
  }

  remove(infoHash: InfoHash, peerId: PeerId): void {
    this.#pending.set(infoHash + peerId, { key: { infoHash, peerId }, registration: undefined });
  }

  /**
   * Commits what is pending. What could not be written stays pending, unless a later change overtook it.
   * @throws ShoalError `database-unavailable`
   */
  async flush(): Promise<void> {
    if (this.#pending.size === 0) return;
    const batch = this.#pending;
    this.#pending = new Map();
    const changed: Registration[] = [];
    const removed: RegistrationKey[] = [];
    for (const { key, registration } of batch.values()) {
      if (registration === undefined) removed.push(key);
      else changed.push(registration);
    }
    try {
      await this.#store.saveRegistrations(changed, removed);
    } catch (error) {
      this.#pending = new Map([...batch, ...this.#pending]);
      throw error;
    }
  }
}
