import type { InfoHash } from '@shoal/protocol';
import { foldText, matchingPaths, searchableText } from './searchable-text.ts';
import type {
  CatalogueEntry,
  CatalogueHit,
  CatalogueQuery,
  CatalogueShare,
  Registration,
  RegistrationKey,
  TrackerStore,
} from './tracker-store.ts';

/** A store without a disk, for tests of what stands above it. */
export class MemoryStore implements TrackerStore {
  readonly #shares = new Map<InfoHash, { readonly entry: CatalogueEntry; readonly text: string }>();
  readonly #registrations = new Map<string, Registration>();

  addShare(entry: CatalogueEntry): Promise<boolean> {
    const isNew = !this.#shares.has(entry.infoHash);
    if (isNew) this.#shares.set(entry.infoHash, { entry, text: searchableText(entry.name, entry.paths) });
    return Promise.resolve(isNew);
  }

  hasShare(infoHash: InfoHash): Promise<boolean> {
    return Promise.resolve(this.#shares.has(infoHash));
  }

  readDocument(infoHash: InfoHash): Promise<string | undefined> {
    return Promise.resolve(this.#shares.get(infoHash)?.entry.document);
  }

  describe(infoHashes: readonly InfoHash[]): Promise<readonly CatalogueShare[]> {
    const found = infoHashes.flatMap((infoHash) => this.#shares.get(infoHash)?.entry ?? []);
    return Promise.resolve(found.map(({ paths: _, document: __, ...share }) => share));
  }

  search({ text, limit, before = Infinity }: CatalogueQuery): Promise<readonly CatalogueHit[]> {
    const folded = foldText(text);
    const hits = [...this.#shares.values()]
      .map((share, index) => ({ ...share, position: index + 1 }))
      .filter((share) => share.position < before && share.text.includes(folded) && !folded.includes('\n'))
      .reverse()
      .slice(0, limit);
    return Promise.resolve(hits.map(({ entry, position }) => toHit(entry, position, text)));
  }

  countShares(): Promise<number> {
    return Promise.resolve(this.#shares.size);
  }

  saveRegistrations(changed: readonly Registration[], removed: readonly RegistrationKey[]): Promise<void> {
    for (const registration of changed) this.#registrations.set(keyOf(registration), registration);
    for (const key of removed) this.#registrations.delete(keyOf(key));
    return Promise.resolve();
  }

  loadRegistrations(): Promise<readonly Registration[]> {
    return Promise.resolve([...this.#registrations.values()]);
  }

  check(): Promise<void> {
    return Promise.resolve();
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}

function toHit({ paths, document: _, ...entry }: CatalogueEntry, position: number, text: string): CatalogueHit {
  return { ...entry, position, matches: matchingPaths(text, paths) };
}

function keyOf({ infoHash, peerId }: RegistrationKey): string {
  return infoHash + peerId;
}
