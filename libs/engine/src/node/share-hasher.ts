import { choosePieceLength, ShoalError, type NewShare } from '@shoal/protocol';
import { codeOf, readError } from './file-errors.ts';
import { isSameFile, lookAtFiles, type Sight } from './file-facts.ts';
import {
  hashOneWindow,
  isOneWindow,
  ShareThreads,
  type ByteDigests,
  type BytesToHash,
  type HashWatch,
} from './share-threads.ts';
import { walkShare, type FoundFile, type FoundShare } from './share-walk.ts';

/** Below it, threads take longer to start than the work takes here. */
const FEW_FILES = 64;
const DIGEST_DIGITS = 64;

/** What to hash, and how. */
export interface ShareHashing {
  /** The file or folder to share. */
  readonly path: string;
  /** Threads to do it; absent for ones that end with it. */
  readonly threads?: ShareThreads;
  /** Chosen by the size when absent. */
  readonly pieceLength?: number;
  readonly onProgress?: (bytesDone: number, bytesTotal: number) => void;
  readonly signal?: AbortSignal;
}

/** All that `createMetainfo` needs to know of the files. */
export type HashedShare = Pick<NewShare, 'name' | 'files' | 'pieceLength' | 'digests'>;

/**
 * Reads a file or folder once and takes the digests of its files and of its pieces. Folders without files leave no trace.
 * @throws ShoalError `not-found`, `unreadable`, `unshareable-file`, `unsafe-path`, `empty-share`, `too-large`,
 * `changed-while-read`; the signal's reason
 */
export async function hashShare(hashing: ShareHashing): Promise<HashedShare> {
  const threads = hashing.threads ?? new ShareThreads();
  const look = (paths: readonly string[]): Promise<Sight[]> =>
    paths.length <= FEW_FILES ? lookAtFiles(paths) : threads.look(paths);
  try {
    const onFound = (entries: number): void => {
      if (entries > FEW_FILES) threads.start();
    };
    const found = await walkShare(hashing.path, { look, onFound, signal: hashing.signal });
    const hashed = await hashFiles(found, threads, hashing);
    refuseChanged(found.files, await look(found.files.map(({ location }) => location)));
    return hashed;
  } finally {
    if (hashing.threads === undefined) await threads.stop();
  }
}

async function hashFiles(found: FoundShare, threads: ShareThreads, hashing: ShareHashing): Promise<HashedShare> {
  const { name, files, totalBytes } = found;
  const { path, pieceLength = choosePieceLength(totalBytes), signal, onProgress } = hashing;
  const paths = files.map(({ location }) => location);
  const bytes = { paths, fileEnds: fileEndsOf(files), pieceEnds: pieceEndsOf(totalBytes, pieceLength) };
  const onBytes = (bytesDone: number): void => onProgress?.(bytesDone, totalBytes);
  onBytes(0);
  const digests = await hashBytes(bytes, threads, { onBytes, signal }).catch((cause: unknown) => {
    signal?.throwIfAborted();
    throw hashError(path, cause);
  });
  const hex = Buffer.from(digests.files).toString('hex');
  const described = files.map(({ path: inside, facts }, at) => {
    return { path: inside, length: facts.size, sha256: hex.slice(DIGEST_DIGITS * at, DIGEST_DIGITS * (at + 1)) };
  });
  return { name, files: described, pieceLength, digests: digests.pieces };
}

async function hashBytes(bytes: BytesToHash, threads: ShareThreads, watch: HashWatch): Promise<ByteDigests> {
  const { onBytes, signal } = watch;
  if (bytes.paths.length > FEW_FILES || !isOneWindow(bytes)) return threads.hash(bytes, watch);
  signal?.throwIfAborted();
  const digests = hashOneWindow(bytes);
  onBytes(bytes.fileEnds.at(-1) ?? 0);
  return digests;
}

/** Where each file ends when they are laid end to end. */
function fileEndsOf(files: readonly FoundFile[]): Float64Array {
  let end = 0;
  return Float64Array.from(files, ({ facts }) => (end += facts.size));
}

/** Where each piece ends, the last one with the last byte. */
function pieceEndsOf(totalBytes: number, pieceLength: number): Float64Array {
  const pieces = Math.ceil(totalBytes / pieceLength);
  return Float64Array.from({ length: pieces }, (_, piece) => Math.min((piece + 1) * pieceLength, totalBytes));
}

/** A file that is not what it was when it was found: the digests may be of bytes that never stood there together. */
function refuseChanged(files: readonly FoundFile[], sights: readonly Sight[]): void {
  for (const [at, { location, facts }] of files.entries()) {
    const sight = sights[at];
    if (typeof sight === 'object' && isSameFile(facts, sight)) continue;
    throw new ShoalError('changed-while-read', `sharing ${location}: it changed while it was read`);
  }
}

function hashError(path: string, cause: unknown): ShoalError {
  const isGone = ['ENOENT', 'ENOTDIR', 'ELOOP'].includes(codeOf(cause));
  if (isGone)
    return new ShoalError('changed-while-read', `sharing ${path}: a file went away while it was read`, { cause });
  return readError(`sharing ${path}`, cause);
}
