import { Bitfield } from '@shoal/protocol';
import { forEachBounded } from './bounded-work.ts';
import { readError } from './file-errors.ts';
import type { ThreadHasher } from './hasher.ts';
import type { ShareTree } from './share-tree.ts';

/** Small pieces are read this much at a time: a digest thread is asked seldom, and still stops soon. */
const RUN_BYTES = 4 * 1024 * 1024;
/** Enough for every thread to have a run, and one more waiting. */
const RUNS_AT_ONCE = 4;

/** Which pieces to check against the metainfo, and on whose threads. */
export interface PieceCheck {
  readonly tree: ShareTree;
  readonly hasher: ThreadHasher;
  /** Bytes of each file on disk; -1 where there is none. */
  readonly sizes: readonly number[];
  /** All when absent. */
  readonly pieces?: Iterable<number>;
  readonly onPiece?: (piece: number, isGood: boolean) => void;
  readonly signal?: AbortSignal;
}

/**
 * Reads pieces from disk and compares them with the metainfo.
 * @returns the pieces that are there and right
 * @throws ShoalError `unreadable`, `changed-while-read`, `storage-failed`; the signal's reason
 */
export async function checkPieces(check: PieceCheck): Promise<Bitfield> {
  const { tree, hasher, pieces, signal, onPiece } = check;
  const { layout } = tree.metainfo;
  const good = new Bitfield(layout.pieceCount);
  const report = (piece: number, isGood: boolean): void => {
    if (isGood) good.add(piece);
    onPiece?.(piece, isGood);
  };
  const present = presentPieces(check, pieces ?? Array(layout.pieceCount).keys(), report);
  await forEachBounded(runsOf(present, layout.pieceLength), RUNS_AT_ONCE, async (run) => {
    signal?.throwIfAborted();
    const digests = await digestRun(run, tree, hasher);
    for (const [at, piece] of run.entries()) report(piece, isEqual(digests[at], tree.metainfo.digestOf(piece)));
  });
  return good;
}

/** Pieces whose files are long enough to hold them; the others are reported as bad without a read. */
function* presentPieces(
  { tree, sizes }: PieceCheck,
  pieces: Iterable<number>,
  report: (piece: number, isGood: boolean) => void,
): Generator<number> {
  const { layout } = tree.metainfo;
  for (const piece of pieces) {
    const spans = layout.spansOf({ piece, begin: 0, length: layout.bytesOf(piece) });
    if (spans.every(({ file, offset, length }) => (sizes[file] ?? -1) >= offset + length)) yield piece;
    else report(piece, false);
  }
}

function* runsOf(pieces: Iterable<number>, pieceLength: number): Generator<number[]> {
  const most = Math.max(1, Math.floor(RUN_BYTES / pieceLength));
  let run: number[] = [];
  for (const piece of pieces) {
    run.push(piece);
    if (run.length < most) continue;
    yield run;
    run = [];
  }
  if (run.length > 0) yield run;
}

async function digestRun(
  run: readonly number[],
  tree: ShareTree,
  hasher: ThreadHasher,
): Promise<readonly Uint8Array[]> {
  const { layout } = tree.metainfo;
  let end = 0;
  const cuts = run.map((piece) => (end += layout.bytesOf(piece)));
  const slices = run.flatMap((piece) => tree.slicesOf({ piece, begin: 0, length: layout.bytesOf(piece) }));
  try {
    return await hasher.digestFiles(slices, cuts);
  } catch (cause) {
    throw readError(`checking ${tree.root}`, cause);
  }
}

function isEqual(a: Uint8Array | undefined, b: Uint8Array): boolean {
  return a !== undefined && Buffer.compare(a, b) === 0;
}
