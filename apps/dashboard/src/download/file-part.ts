/** One file of a share as pieces: which hold bytes of it, and which of a piece's bytes are its own. */
import type { Metainfo, MetainfoFile } from '@shoal/protocol';

/** A run of a file's bytes. */
export interface FilePart {
  /** Where it begins in the file. */
  readonly position: number;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

export class FilePieces {
  readonly metainfo: Metainfo;
  readonly file: MetainfoFile;
  /** The pieces that hold bytes of the file, in order; none for an empty file. */
  readonly pieces: readonly number[];
  readonly #index: number;

  /** @param index into the metainfo's `files` */
  constructor(metainfo: Metainfo, index: number) {
    const file = metainfo.info.files[index];
    if (file === undefined) throw new Error(`invariant: file ${index} of ${metainfo.info.files.length}`);
    const { first, last } = metainfo.layout.piecesOf(index) ?? { first: 0, last: -1 };
    this.metainfo = metainfo;
    this.file = file;
    this.pieces = Array.from({ length: last - first + 1 }, (_, at) => first + at);
    this.#index = index;
  }

  /** What is the file's of a whole piece. */
  partOf(piece: number, bytes: Uint8Array<ArrayBuffer>): FilePart {
    let begin = 0;
    for (const span of this.metainfo.layout.spansOf({ piece, begin: 0, length: bytes.length })) {
      if (span.file === this.#index)
        return { position: span.offset, bytes: bytes.subarray(begin, begin + span.length) };
      begin += span.length;
    }
    throw new Error(`invariant: piece ${piece} holds nothing of file ${this.#index}`);
  }
}
