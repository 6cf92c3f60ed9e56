import type { InfoHash, PeerId } from '@shoal/protocol';

/** A share as it enters the catalogue. */
export interface CatalogueEntry {
  readonly infoHash: InfoHash;
  readonly name: string;
  readonly length: number;
  readonly fileCount: number;
  /** RFC 3339, UTC. */
  readonly registeredAt: string;
  /** Inner paths with `/` between segments; none for a share of a single file, whose path is its name. */
  readonly paths: readonly string[];
  /** The metainfo, JSON. */
  readonly document: string;
}

/** A share of the catalogue without its documents. */
export type CatalogueShare = Omit<CatalogueEntry, 'paths' | 'document'>;

/** What a search looks for. */
export interface CatalogueQuery {
  /** Any part of a name or inner path, in any case; empty for all shares. */
  readonly text: string;
  readonly limit: number;
  /** Only shares registered before the one at this position. */
  readonly before?: number;
}

/** A share that a search found. */
export interface CatalogueHit {
  /** Grows with each registration. */
  readonly position: number;
  readonly infoHash: InfoHash;
  readonly name: string;
  readonly length: number;
  readonly fileCount: number;
  readonly registeredAt: string;
  /** Up to ten inner paths that contain the text. */
  readonly matches: readonly string[];
}

/** Names one peer in one swarm. */
export interface RegistrationKey {
  readonly infoHash: InfoHash;
  readonly peerId: PeerId;
}

/** A peer in a swarm as it is written down. */
export interface Registration extends RegistrationKey {
  readonly host: string;
  /** 0 when it cannot be dialled. */
  readonly port: number;
  /** Bytes that it still lacks. */
  readonly left: number;
}

/** What must survive a restart. Every failure is a ShoalError `database-unavailable`. */
export interface TrackerStore {
  /** Commits a share; returns false, changing nothing, when it is there already. */
  addShare(entry: CatalogueEntry): Promise<boolean>;
  hasShare(infoHash: InfoHash): Promise<boolean>;
  /** The document of a share, or undefined. */
  readDocument(infoHash: InfoHash): Promise<string | undefined>;
  /** Those of the shares that are there, in any order. */
  describe(infoHashes: readonly InfoHash[]): Promise<readonly CatalogueShare[]>;
  /** The newest hits first. */
  search(query: CatalogueQuery): Promise<readonly CatalogueHit[]>;
  countShares(): Promise<number>;
  /** Writes and deletes registrations in one transaction. */
  saveRegistrations(changed: readonly Registration[], removed: readonly RegistrationKey[]): Promise<void>;
  loadRegistrations(): Promise<readonly Registration[]>;
  /** Asks the database for something, for the health check. */
  check(): Promise<void>;
  close(): Promise<void>;
}
