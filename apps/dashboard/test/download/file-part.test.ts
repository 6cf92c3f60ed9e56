import { expect, test } from 'vitest';
import { FilePieces } from '../../src/download/file-part.ts';
import { sampleShare } from './sample-share.ts';

const KiB = 1024;

test.each([
  ['at the beginning', [100 * KiB, 10, 80 * KiB], 0, [0, 1]],
  ['that begins and ends within one piece', [100 * KiB, 10, 80 * KiB], 1, [1]],
  ['that begins within a piece and ends the share', [100 * KiB, 10, 80 * KiB], 2, [1, 2]],
  ['between empty ones', [0, 70 * KiB, 0], 1, [0, 1]],
  ['of whole pieces', [64 * KiB, 128 * KiB, 64 * KiB], 1, [1, 2]],
])('the parts of its pieces are a file %s', (_where, lengths, index, pieces) => {
  const share = sampleShare(lengths);
  const file = new FilePieces(share.metainfo, index);
  expect(file.pieces).toEqual(pieces);
  const written = new Uint8Array(lengths[index]!);
  let bytes = 0;
  for (const piece of file.pieces) {
    const part = file.partOf(piece, share.piece(piece));
    written.set(part.bytes, part.position);
    bytes += part.bytes.length;
  }
  expect(written).toEqual(share.file(index));
  expect(bytes).toBe(lengths[index]);
});

test('an empty file has no pieces', () => {
  expect(new FilePieces(sampleShare([10, 0]).metainfo, 1).pieces).toEqual([]);
});
