import { createHash } from 'node:crypto';
import { createMetainfo, sha256Hex, type Block, type Metainfo } from '@shoal/protocol';

/** A small share with known bytes. */
export interface SampleShare {
  readonly metainfo: Metainfo;
  /** The bytes of each file, in the metainfo's order. */
  readonly contents: readonly Uint8Array[];
  /** The bytes of a block, fresh ones at each call. */
  bytesOf(block: Block): Uint8Array;
  /** The bytes of a piece, in its blocks. */
  partsOf(piece: number): Uint8Array[];
}

/** What a sample share is made of. */
export interface SampleOptions {
  readonly name?: string;
  /** Its tracker. */
  readonly announce?: string;
  readonly pieceLength?: number;
  /** Equal seeds give equal bytes. */
  readonly seed?: number;
}

const PIECE_BYTES = 256 * 1024;

/** Makes a share of files with these lengths, by their paths. */
export function sampleShare(
  lengths: Readonly<Record<string, number>>,
  { name = 'sample', announce = 'http://localhost:8000', pieceLength = PIECE_BYTES, seed = 1 }: SampleOptions = {},
): SampleShare {
  const random = noise(seed);
  const contents = Object.values(lengths).map((length) => {
    return new Uint8Array(new Uint32Array(Math.ceil(length / 4)).map(random).buffer, 0, length);
  });
  const bytes = Buffer.concat(contents);
  const pieces = Array.from({ length: Math.ceil(bytes.length / pieceLength) }, (_, piece) =>
    createHash('sha256')
      .update(bytes.subarray(piece * pieceLength, (piece + 1) * pieceLength))
      .digest(),
  );
  const files = Object.keys(lengths).map((path, file) => {
    const content = contents[file] ?? new Uint8Array(0);
    return { path: path.split('/'), length: content.length, sha256: sha256Hex(content) };
  });
  const digests = Buffer.concat(pieces);
  const metainfo = createMetainfo({ announce, name, pieceLength, files, digests });
  const bytesOf = ({ piece, begin, length }: Block): Uint8Array => {
    const from = piece * pieceLength + begin;
    return Uint8Array.from(bytes.subarray(from, from + length));
  };
  return { metainfo, contents, bytesOf, partsOf: (piece) => metainfo.layout.blocksOf(piece).map(bytesOf) };
}

/** A cheap generator of 32-bit words, so that no two files are equal by accident (xorshift32). */
function noise(seed: number): () => number {
  let state = seed * 2_654_435_761;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return state;
  };
}
