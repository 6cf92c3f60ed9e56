import type { Bitfield, Metainfo } from '@shoal/protocol';
import type { ThreadHasher } from './hasher.ts';
import { checkPieces } from './piece-check.ts';
import { treeAt } from './share-store.ts';

/** What to verify, and how. */
export interface Verification {
  readonly metainfo: Metainfo;
  /** The file or folder itself. */
  readonly path: string;
  readonly hasher: ThreadHasher;
  readonly onPiece?: (piece: number, isGood: boolean) => void;
  readonly signal?: AbortSignal;
}

/** What stands on disk of a share. */
export interface VerifyReport {
  /** Pieces that are right. */
  readonly good: Bitfield;
  /** Paths below the share of files that are not there as regular files. */
  readonly missingFiles: readonly string[];
  /** Paths of files that are there with a wrong size. */
  readonly wrongSizeFiles: readonly string[];
  /** Everything is there, and as the metainfo says. */
  readonly isGood: boolean;
}

/**
 * Compares data on disk with a metainfo, piece by piece.
 * @throws ShoalError `not-found` when there is nothing at the path, `unreadable`, `changed-while-read`, `storage-failed`; the signal's reason
 */
export async function verifyShare({ metainfo, path, ...rest }: Verification): Promise<VerifyReport> {
  const tree = await treeAt({ metainfo, path });
  const sizes = await tree.sizes();
  const good = await checkPieces({ tree, sizes, ...rest });
  const filesWhere = (isSo: (size: number, file: number) => boolean): string[] =>
    sizes.flatMap((size, file) => (isSo(size, file) ? [tree.nameOf(file)] : []));
  const missingFiles = filesWhere((size) => size < 0);
  const wrongSizeFiles = filesWhere((size, file) => size >= 0 && size !== tree.lengthOf(file));
  const isGood = good.isFull && missingFiles.length === 0 && wrongSizeFiles.length === 0;
  return { good, missingFiles, wrongSizeFiles, isGood };
}
