import { readdir, rm } from 'node:fs/promises';
import { Bitfield, ShoalError, type Metainfo } from '@shoal/protocol';
import type { Clock, PieceStore } from '../shell/ports.ts';
import { claimDownload } from './download-claim.ts';
import { placeDownload, type DownloadPlace } from './download-place.ts';
import { DownloadStore } from './download-store.ts';
import { lstatIfThere } from './file-facts.ts';
import { fileSystemSyncOf } from './file-system-sync.ts';
import { readHaveMap, removeHaveMap, type WriteHaveMap } from './have-map.ts';
import type { ThreadHasher } from './hasher.ts';
import type { OpenFile } from './part-files.ts';
import { checkPieces } from './piece-check.ts';
import { writtenPieces } from './written-pieces.ts';
import { openShare } from './share-store.ts';
import { ShareTree } from './share-tree.ts';
import type { SmallFiles } from './small-files.ts';

/** What to download, and where to. */
export interface Download {
  readonly metainfo: Metainfo;
  /** The folder that the file or folder of the share comes into; made when it is not there. */
  readonly folder: string;
  readonly clock: Clock;
  readonly hasher: ThreadHasher;
  /** Opens the small files of a share that has many; absent to do so from the calling thread. */
  readonly smallFiles?: SmallFiles | undefined;
  /** Ends a check of what is on disk. */
  readonly signal?: AbortSignal;
  /** How files are opened, when not as usual: for tests of a failing disk. */
  readonly openFile?: OpenFile;
  /** How the have-map is replaced, when not as usual: for tests of a failing disk. */
  readonly writeMap?: WriteHaveMap;
}

/** A download as it stands on disk. */
export interface OpenedDownload {
  readonly store: PieceStore;
  /** The pieces that are verified. */
  readonly have: Bitfield;
}

/**
 * Opens a download: a new one, one that an earlier process left, or one that is complete already. Of what was left, the
 * pieces that the have-map claims are not read again, and what was written after it is checked. A have-map that is damaged,
 * of another share or ahead of the files is not believed: then all that is on disk is checked.
 * @throws ShoalError `target-exists` when something else has the name, `not-found` when the folder cannot be one,
 * `download-locked`, `unreadable`, `disk-full`, `storage-failed`; the signal's reason
 */
export async function openDownload(download: Download): Promise<OpenedDownload> {
  const place = await placeDownload(download.metainfo, download.folder);
  const complete = await openTarget(download, place);
  if (complete !== undefined) return complete;
  const release = await claimDownload(place.part);
  try {
    // Whoever held the claim may have finished meanwhile.
    const finished = await openTarget(download, place);
    if (finished === undefined) return await resume(download, place, release);
    await release();
    return finished;
  } catch (error) {
    await release();
    throw error;
  }
}

async function resume(
  { metainfo, hasher, clock, ...options }: Download,
  place: DownloadPlace,
  release: () => Promise<void>,
): Promise<OpenedDownload> {
  const { smallFiles, openFile } = options;
  const tree = new ShareTree(metainfo, place.part, smallFiles);
  const sizes = await tree.sizes();
  const saved = await readHaveMap(place.haveMap, metainfo.infoHash, metainfo.layout.pieceCount);
  const isBelieved = saved !== undefined && isCovered(saved.pieces, metainfo, sizes);
  const durable = isBelieved ? saved.pieces : new Bitfield(metainfo.layout.pieceCount);
  const isRestLost = isBelieved && saved.isRestLost;
  const pieces = isBelieved ? await writtenPieces(tree, sizes, saved) : undefined;
  const have = await checkPieces({ tree, hasher, sizes, ...(pieces && { pieces }), ...options });
  for (const piece of durable) have.add(piece);
  const isTogether = tree.hasManyFiles && openFile === undefined;
  const syncAll = isTogether ? await fileSystemSyncOf(place.folder) : undefined;
  const parts = { metainfo, hasher, clock, place, release, have: have.clone(), durable, isRestLost };
  return { store: new DownloadStore({ ...parts, syncAll, ...options }), have };
}

/** Whether the files are long enough for the pieces that a have-map claims. */
function isCovered(have: Bitfield, { layout }: Metainfo, sizes: readonly number[]): boolean {
  for (const piece of have) {
    const spans = layout.spansOf({ piece, begin: 0, length: layout.bytesOf(piece) });
    if (spans.some(({ file, offset, length }) => (sizes[file] ?? -1) < offset + length)) return false;
  }
  return true;
}

/** What has the share's final name: nothing, or the share itself, complete; anything else is refused. */
async function openTarget(
  { metainfo, hasher, ...options }: Download,
  place: DownloadPlace,
): Promise<OpenedDownload | undefined> {
  if (await isFree(place.target, metainfo)) return undefined;
  const { smallFiles } = options;
  const tree = new ShareTree(metainfo, place.target, smallFiles);
  const sizes = await tree.sizes();
  const hasSizes = sizes.every((size, file) => size === tree.lengthOf(file));
  const have = hasSizes ? await checkPieces({ tree, hasher, sizes, ...options }) : undefined;
  if (have?.isFull !== true) {
    throw new ShoalError('target-exists', `${place.target} is there already, and is not what is to be downloaded`);
  }
  await removeTraces(place);
  return { store: await openShare({ metainfo, path: place.target, smallFiles }), have };
}

/** Nothing has the name; or an empty folder, which a folder may replace. */
async function isFree(target: string, { isSingleFile }: Metainfo): Promise<boolean> {
  const stats = await lstatIfThere(target);
  if (stats === undefined) return true;
  return !isSingleFile && stats.isDirectory() && (await readdir(target)).length === 0;
}

/** Tidies up after a process that ended between giving the final name and removing the temporary one. */
async function removeTraces({ part, target, haveMap }: DownloadPlace): Promise<void> {
  const [before, after] = [await lstatIfThere(part), await lstatIfThere(target)];
  if (before !== undefined && before.ino !== after?.ino) return;
  await rm(part, { force: true });
  await removeHaveMap(haveMap);
}
