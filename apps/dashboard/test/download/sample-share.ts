import { createMetainfo, createSha256, sha256Hex, type Metainfo } from '@shoal/protocol';

const PIECE_BYTES = 64 * 1024;

export interface SampleShare {
  readonly metainfo: Metainfo;
  /** All files laid end to end. */
  readonly content: Uint8Array<ArrayBuffer>;
  /** The bytes of a piece. */
  piece(piece: number): Uint8Array<ArrayBuffer>;
  /** The bytes of a file. */
  file(index: number): Uint8Array<ArrayBuffer>;
}

/** A share of files of these lengths, with bytes that differ everywhere. */
export function sampleShare(lengths: readonly number[], pieceLength = PIECE_BYTES): SampleShare {
  const total = lengths.reduce((sum, length) => sum + length, 0);
  const content = new Uint8Array(total);
  for (let at = 0; at < total; at++) content[at] = (at * 31 + (at >> 8) * 17 + (at >> 16)) & 0xff;
  const starts = lengths.map((_, index) => lengths.slice(0, index).reduce((sum, length) => sum + length, 0));
  const file = (index: number): Uint8Array<ArrayBuffer> =>
    content.slice(starts[index], (starts[index] ?? 0) + (lengths[index] ?? 0));
  const piece = (index: number): Uint8Array<ArrayBuffer> =>
    content.slice(index * pieceLength, (index + 1) * pieceLength);
  const pieces = Array.from({ length: Math.ceil(total / pieceLength) }, (_, index) => piece(index));
  const metainfo = createMetainfo({
    announce: 'http://localhost:8000',
    name: 'sample',
    pieceLength,
    files: lengths.map((length, index) => ({ path: [`file-${index}`], length, sha256: sha256Hex(file(index)) })),
    digests: new Uint8Array(pieces.flatMap((bytes) => [...sha256(bytes)])),
  });
  return { metainfo, content, piece, file };
}

/** The digest of bytes. */
export function sha256(bytes: Uint8Array): Uint8Array {
  const stream = createSha256();
  stream.update(bytes);
  return stream.digest();
}
