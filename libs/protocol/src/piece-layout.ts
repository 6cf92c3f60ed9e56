import { LIMITS } from './limits.ts';

/** A run of bytes inside one piece. Requested and sent are blocks of `LIMITS.blockBytes`, or parts of them. */
export interface Block {
  readonly piece: number;
  readonly begin: number;
  readonly length: number;
}

/** A run of bytes inside one file. */
export interface FileSpan {
  /** Index into the metainfo's `files`. */
  readonly file: number;
  readonly offset: number;
  readonly length: number;
}

/** Below this a piece costs more for being one than for its bytes. */
const THRIFTY_PIECE_BYTES = 1024 * 1024;

/**
 * The piece length for a share of `totalBytes`: the smallest power of two that keeps to `LIMITS.targetPieces`, and to half
 * as many while pieces are short (ADR 0011).
 */
export function choosePieceLength(totalBytes: number): number {
  let pieceLength: number = LIMITS.minPieceBytes;
  while (pieceLength < LIMITS.maxPieceBytes && totalBytes / pieceLength > mostPieces(pieceLength)) pieceLength *= 2;
  return pieceLength;
}

function mostPieces(pieceLength: number): number {
  return pieceLength < THRIFTY_PIECE_BYTES ? LIMITS.targetPieces / 2 : LIMITS.targetPieces;
}

/** All arithmetic of one share: pieces over the files laid end to end, and the blocks inside a piece. */
export class PieceLayout {
  readonly totalBytes: number;
  readonly pieceLength: number;
  readonly pieceCount: number;
  /** Where each file begins in the share, and the end of the last: one more entry than files. */
  readonly #starts: readonly number[];

  constructor(pieceLength: number, fileLengths: readonly number[]) {
    const starts = [0];
    let end = 0;
    for (const length of fileLengths) starts.push((end += length));
    this.#starts = starts;
    this.totalBytes = end;
    this.pieceLength = pieceLength;
    this.pieceCount = Math.ceil(end / pieceLength);
  }

  /** Bytes in a piece: the last one may be shorter. */
  bytesOf(piece: number): number {
    return Math.min(this.pieceLength, this.totalBytes - piece * this.pieceLength);
  }

  /** The blocks of a piece, in order. */
  blocksOf(piece: number): Block[] {
    const bytes = this.bytesOf(piece);
    const blocks: Block[] = [];
    for (let begin = 0; begin < bytes; begin += LIMITS.blockBytes) {
      blocks.push({ piece, begin, length: Math.min(LIMITS.blockBytes, bytes - begin) });
    }
    return blocks;
  }

  /** Whether a run has bytes, and lies inside one of the blocks of its piece. */
  isWithinBlock({ piece, begin, length }: Block): boolean {
    if (piece < 0 || piece >= this.pieceCount || begin < 0 || length < 1) return false;
    const blockEnd = begin - (begin % LIMITS.blockBytes) + LIMITS.blockBytes;
    return begin + length <= Math.min(blockEnd, this.bytesOf(piece));
  }

  /** The parts of files that a run covers, in order; files without bytes never appear. */
  spansOf({ piece, begin, length }: Block): FileSpan[] {
    const from = piece * this.pieceLength + begin;
    const to = from + length;
    const spans: FileSpan[] = [];
    for (let file = this.#fileAt(from); file < this.#starts.length - 1; file++) {
      const start = this.#starts[file] ?? 0;
      const end = this.#starts[file + 1] ?? 0;
      if (start >= to) break;
      const offset = Math.max(from, start) - start;
      const bytes = Math.min(to, end) - start - offset;
      if (bytes > 0) spans.push({ file, offset, length: bytes });
    }
    return spans;
  }

  /** First and last piece that hold bytes of a file; undefined for an empty file. */
  piecesOf(file: number): { readonly first: number; readonly last: number } | undefined {
    const start = this.#starts[file] ?? 0;
    const end = this.#starts[file + 1] ?? 0;
    if (start === end) return undefined;
    return { first: Math.floor(start / this.pieceLength), last: Math.floor((end - 1) / this.pieceLength) };
  }

  /** The last file that starts at or before a byte of the share. */
  #fileAt(byte: number): number {
    let low = 0;
    let high = this.#starts.length - 2;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((this.#starts[middle] ?? 0) <= byte) low = middle;
      else high = middle - 1;
    }
    return low;
  }
}
