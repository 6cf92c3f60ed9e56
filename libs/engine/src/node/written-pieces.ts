import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import { forEachBounded } from './bounded-work.ts';
import type { FileSlice } from './digest-thread.ts';
import type { HaveMap } from './have-map.ts';
import type { ShareTree } from './share-tree.ts';

const LOOKS_AT_ONCE = 8;
/** A hole that was never written reads as zeros; this much of a piece is looked at to tell it from one. */
const PROBE_BYTES = 512;

/**
 * The pieces that a process may have written after the have-map that it left, so that they are not fetched again: those
 * whose files are long enough and whose first bytes are not all zero. They are only worth checking, and none when the map
 * says that the rest is lost.
 * @param sizes bytes of each file on disk; -1 where there is none
 */
export async function writtenPieces(
  tree: ShareTree,
  sizes: readonly number[],
  { pieces, isRestLost }: HaveMap,
): Promise<readonly number[]> {
  if (isRestLost) return [];
  const { layout } = tree.metainfo;
  const written: number[] = [];
  const unclaimed = [...Array(layout.pieceCount).keys()].filter((piece) => !pieces.has(piece));
  await forEachBounded(unclaimed, LOOKS_AT_ONCE, async (piece) => {
    const block = { piece, begin: 0, length: layout.bytesOf(piece) };
    const isThere = layout.spansOf(block).every(({ file, offset, length }) => (sizes[file] ?? -1) >= offset + length);
    const [first] = tree.slicesOf(block);
    if (isThere && first !== undefined && (await isWritten(first))) written.push(piece);
  });
  return written.sort((a, b) => a - b);
}

/** What cannot be read now is left to be fetched. */
async function isWritten({ path, offset, length }: FileSlice): Promise<boolean> {
  const probe = new Uint8Array(Math.min(length, PROBE_BYTES));
  try {
    const file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    try {
      await file.read(probe, 0, probe.length, offset);
    } finally {
      await file.close();
    }
  } catch {
    return false;
  }
  return probe.some((byte) => byte !== 0);
}
