import { choosePieceLength, digestHex, ShoalError, type NewShare } from '@shoal/protocol';
import { forEachBounded } from './bounded-work.ts';
import type { FileSlice } from './digest-thread.ts';
import { codeOf, readError } from './file-errors.ts';
import { createHasher, type ThreadHasher } from './hasher.ts';
import { factsOf, isSameFile, lstatIfThere } from './share-tree.ts';
import { walkShare, type FoundFile, type FoundShare } from './share-walk.ts';

/** What is read at a time: by one thread for the files' digests, by another for the pieces', while it is in memory. */
const WINDOW_BYTES = 4 * 1024 * 1024;
const WINDOW_FILES = 1_024;
/** One being hashed, one waiting at the threads. */
const WINDOWS_AT_ONCE = 2;
const LSTATS_AT_ONCE = 16;

/** What to hash, and how. */
export interface ShareHashing {
  /** The file or folder to share. */
  readonly path: string;
  /** Threads to do it; absent for ones that end with it. */
  readonly hasher?: ThreadHasher;
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
  const found = await walkShare(hashing.path, hashing.signal);
  const hasher = hashing.hasher ?? createHasher();
  try {
    const hashed = await hashFiles(found, hasher, hashing);
    await refuseChanged(found.files);
    return hashed;
  } finally {
    if (hashing.hasher === undefined) await hasher.stop();
  }
}

/** A run of bytes over the files laid end to end. */
interface Window {
  readonly slices: FileSlice[];
  readonly begin: number;
  bytes: number;
  /** The first file that ends in it, and where each that does so ends. */
  readonly firstFile: number;
  readonly fileCuts: number[];
}

async function hashFiles(found: FoundShare, hasher: ThreadHasher, hashing: ShareHashing): Promise<HashedShare> {
  const { name, files, totalBytes } = found;
  const { pieceLength = choosePieceLength(totalBytes), signal, onProgress } = hashing;
  const fileDigests: Uint8Array[] = [];
  const pieceDigests: Uint8Array[] = [];
  const [fileStream, pieceStream] = [hasher.openStream(), hasher.openStream()];
  let bytesDone = 0;
  onProgress?.(0, totalBytes);
  try {
    await forEachBounded(windowsOf(files), WINDOWS_AT_ONCE, async (window) => {
      signal?.throwIfAborted();
      const [ofFiles, ofPieces] = await Promise.all([
        fileStream.digestFiles(window.slices, window.fileCuts),
        pieceStream.digestFiles(window.slices, pieceCuts(window, pieceLength, totalBytes)),
      ]).catch((cause: unknown) => {
        throw hashError(hashing.path, cause);
      });
      for (const [at, digest] of ofFiles.entries()) fileDigests[window.firstFile + at] = digest;
      for (const [at, digest] of ofPieces.entries()) pieceDigests[Math.floor(window.begin / pieceLength) + at] = digest;
      bytesDone += window.bytes;
      onProgress?.(bytesDone, totalBytes);
    });
  } finally {
    fileStream.close();
    pieceStream.close();
  }
  const described = files.map(({ path, facts }, at) => {
    const digest = fileDigests[at];
    if (digest === undefined) throw new Error('invariant: every file has a digest');
    return { path, length: facts.size, sha256: digestHex(digest) };
  });
  return { name, files: described, pieceLength, digests: Buffer.concat(pieceDigests) };
}

function* windowsOf(files: readonly FoundFile[]): Generator<Window> {
  let window: Window = { slices: [], begin: 0, bytes: 0, firstFile: 0, fileCuts: [] };
  for (const [at, { location, facts }] of files.entries()) {
    for (let offset = 0; offset < facts.size;) {
      const length = Math.min(facts.size - offset, WINDOW_BYTES - window.bytes);
      window.slices.push({ path: location, offset, length });
      window.bytes += length;
      offset += length;
      if (offset < facts.size) {
        yield window;
        window = { slices: [], begin: window.begin + window.bytes, bytes: 0, firstFile: at, fileCuts: [] };
      }
    }
    window.fileCuts.push(window.bytes);
    if (window.bytes < WINDOW_BYTES && window.fileCuts.length < WINDOW_FILES) continue;
    yield window;
    window = { slices: [], begin: window.begin + window.bytes, bytes: 0, firstFile: at + 1, fileCuts: [] };
  }
  yield window;
}

/** Where pieces end in a window, the last piece with the last byte. */
function pieceCuts({ begin, bytes }: Window, pieceLength: number, totalBytes: number): number[] {
  const cuts: number[] = [];
  for (let end = (Math.floor(begin / pieceLength) + 1) * pieceLength; end <= begin + bytes; end += pieceLength) {
    cuts.push(end - begin);
  }
  if (begin + bytes === totalBytes && bytes > 0 && totalBytes % pieceLength !== 0) cuts.push(bytes);
  return cuts;
}

/** A file that is not what it was when it was found: the digests may be of bytes that never stood there together. */
async function refuseChanged(files: readonly FoundFile[]): Promise<void> {
  await forEachBounded(files, LSTATS_AT_ONCE, async ({ location, facts }) => {
    const stats = await lstatIfThere(location);
    if (stats === undefined || !isSameFile(facts, factsOf(stats))) {
      throw new ShoalError('changed-while-read', `sharing ${location}: it changed while it was read`);
    }
  });
}

function hashError(path: string, cause: unknown): ShoalError {
  const isGone = ['ENOENT', 'ENOTDIR', 'ELOOP'].includes(codeOf(cause));
  if (isGone)
    return new ShoalError('changed-while-read', `sharing ${path}: a file went away while it was read`, { cause });
  return readError(`sharing ${path}`, cause);
}
