import type { PieceStore } from '@shoal/engine';
import type { Bitfield, Metainfo } from '@shoal/protocol';

/** What the agent needs of the disk; every failure is a ShoalError. */
export interface ShareDisk {
  /** Opens complete data without hashing it. */
  openShare(metainfo: Metainfo, path: string): Promise<PieceStore>;
  /** Opens or begins a download, with the pieces that are there already. */
  openDownload(metainfo: Metainfo, folder: string): Promise<{ readonly store: PieceStore; readonly have: Bitfield }>;
  /** Tells cheaply whether the data is still the same. */
  fingerprint(metainfo: Metainfo, path: string): Promise<string>;
  /** Hashes the data; rejects with `content-mismatch` when it is not what the metainfo says. */
  check(metainfo: Metainfo, path: string): Promise<void>;
  /** Gives a file or folder another name, replacing nothing; when that has happened already, nothing does. */
  move(metainfo: Metainfo, from: string, to: string): Promise<void>;
}
