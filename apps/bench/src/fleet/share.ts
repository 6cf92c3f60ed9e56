import { createMetainfo, sha256Hex, type Metainfo } from '@shoal/protocol';

/** How the shares of this measurement are cut. */
export const BENCH_PIECES = 1_000;
export const BENCH_PIECE_BYTES = 65_536;

/** A share that nobody has. */
export type BenchShare = Metainfo;

/** The n-th of them. */
export function benchShare(n: number): BenchShare {
  const name = `share ${String(n)}`;
  const length = BENCH_PIECES * BENCH_PIECE_BYTES;
  return createMetainfo({
    announce: 'http://localhost:8000',
    name,
    pieceLength: BENCH_PIECE_BYTES,
    files: [{ path: [name], length, sha256: sha256Hex(new Uint8Array(1)) }],
    digests: new Uint8Array(32 * BENCH_PIECES),
  });
}
