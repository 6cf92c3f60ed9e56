import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LIMITS } from '../src/limits.ts';
import { choosePieceLength, PieceLayout, type Block } from '../src/piece-layout.ts';

const KiB = 1024;
const MiB = 1024 * KiB;
const TiB = 1024 * 1024 * MiB;
const { minPieceBytes } = LIMITS;

/** Shares of up to a dozen files, with empty ones and with borders on, before and behind those of pieces and blocks. */
const layouts = fc
  .record({
    pieceLength: fc.constantFrom(minPieceBytes, minPieceBytes * 2, minPieceBytes * 4),
    files: fc.array(
      fc.oneof(
        fc.constant(0),
        fc.integer({ min: 1, max: 3 * minPieceBytes }),
        fc.tuple(fc.constantFrom(1, 2, 3), fc.constantFrom(-1, 0, 1)).map(([n, by]) => n * minPieceBytes + by),
      ),
      { minLength: 1, maxLength: 12 },
    ),
  })
  .filter(({ files }) => files.some((length) => length > 0))
  .map(({ pieceLength, files }) => ({ files, layout: new PieceLayout(pieceLength, files) }));

const allPieces = (layout: PieceLayout): number[] => [...Array(layout.pieceCount).keys()];
const allBlocks = (layout: PieceLayout): Block[] => allPieces(layout).flatMap((piece) => layout.blocksOf(piece));

describe('PieceLayout', () => {
  it('has pieces that add up to the share, all but the last of one length', () => {
    fc.assert(
      fc.property(layouts, ({ layout, files }) => {
        const sizes = allPieces(layout).map((piece) => layout.bytesOf(piece));
        expect(sizes.reduce((sum, bytes) => sum + bytes, 0)).toBe(files.reduce((sum, bytes) => sum + bytes, 0));
        expect(sizes.slice(0, -1).every((bytes) => bytes === layout.pieceLength)).toBe(true);
        expect(sizes.at(-1)).toBeGreaterThan(0);
      }),
    );
  });

  it('covers every file by the blocks once, in order, and nothing else', () => {
    fc.assert(
      fc.property(layouts, ({ layout, files }) => {
        const written = files.map(() => 0);
        let lastFile = 0;
        for (const block of allBlocks(layout)) {
          const spans = layout.spansOf(block);
          expect(spans.reduce((sum, span) => sum + span.length, 0)).toBe(block.length);
          for (const { file, offset, length } of spans) {
            expect(file).toBeGreaterThanOrEqual(lastFile);
            expect(offset).toBe(written[file]);
            expect(length).toBeGreaterThan(0);
            written[file] = offset + length;
            lastFile = file;
          }
        }
        expect(written).toEqual(files);
      }),
    );
  });

  it('knows for any run, not only for blocks, where it lies', () => {
    fc.assert(
      fc.property(layouts, fc.nat(), fc.nat(), fc.nat(), ({ layout, files }, a, b, c) => {
        const piece = a % layout.pieceCount;
        const begin = b % layout.bytesOf(piece);
        const length = 1 + (c % (layout.bytesOf(piece) - begin));
        let at = piece * layout.pieceLength + begin;
        for (const span of layout.spansOf({ piece, begin, length })) {
          const start = files.slice(0, span.file).reduce((sum, bytes) => sum + bytes, 0);
          expect(start + span.offset).toBe(at);
          expect(span.offset + span.length).toBeLessThanOrEqual(files[span.file] ?? 0);
          at += span.length;
        }
        expect(at).toBe(piece * layout.pieceLength + begin + length);
      }),
    );
  });

  it('takes for parts of blocks exactly the runs inside those that it cuts', () => {
    const near = fc.constantFrom(-LIMITS.blockBytes, -1, 0, 1, LIMITS.blockBytes);
    fc.assert(
      fc.property(layouts, fc.nat(), fc.tuple(fc.constantFrom(-1, 0, 0, 0, 1), near, near), ({ layout }, at, by) => {
        const blocks = allBlocks(layout);
        const block = blocks[at % blocks.length]!;
        const other = { piece: block.piece + by[0], begin: block.begin + by[1], length: block.length + by[2] };
        const isInside = blocks.some(
          ({ piece, begin, length }) =>
            piece === other.piece && begin <= other.begin && other.begin + other.length <= begin + length,
        );
        expect(layout.isWithinBlock(block)).toBe(true);
        expect(layout.isWithinBlock(other)).toBe(isInside && other.length > 0);
      }),
    );
  });

  it('says which pieces hold bytes of a file', () => {
    fc.assert(
      fc.property(layouts, ({ layout, files }) => {
        const found = files.map(() => new Set<number>());
        for (const block of allBlocks(layout)) {
          for (const { file } of layout.spansOf(block)) found[file]?.add(block.piece);
        }
        const named = files.map((_, file) => layout.piecesOf(file));
        expect(named).toEqual(
          found.map((pieces) =>
            pieces.size === 0 ? undefined : { first: Math.min(...pieces), last: Math.max(...pieces) },
          ),
        );
      }),
    );
  });

  it('finds the file behind a hundred thousand empty ones at once', () => {
    const layout = new PieceLayout(minPieceBytes, [...Array<number>(99_999).fill(0), 10 * minPieceBytes]);
    expect(layout.spansOf({ piece: 3, begin: 0, length: 7 })).toEqual([
      { file: 99_999, offset: 3 * minPieceBytes, length: 7 },
    ]);
  });

  it('counts exactly up to the largest share', () => {
    const pieceLength = LIMITS.maxPieceBytes;
    const layout = new PieceLayout(pieceLength, [LIMITS.pieces * pieceLength - 1]);
    const last = LIMITS.pieces - 1;
    expect(layout.pieceCount).toBe(LIMITS.pieces);
    expect(layout.bytesOf(last)).toBe(pieceLength - 1);
    expect(layout.spansOf({ piece: last, begin: pieceLength - 2, length: 1 })).toEqual([
      { file: 0, offset: LIMITS.pieces * pieceLength - 2, length: 1 },
    ]);
  });

  it('cuts blocks of 256 KiB, and no longer ones', () => {
    const layout = new PieceLayout(MiB, [MiB + 1]);
    expect(layout.blocksOf(0).map(({ length }) => length)).toEqual(Array(4).fill(LIMITS.blockBytes));
    expect(layout.blocksOf(1)).toEqual([{ piece: 1, begin: 0, length: 1 }]);
    expect(layout.isWithinBlock({ piece: 0, begin: 0, length: LIMITS.blockBytes + 1 })).toBe(false);
  });
});

describe('choosePieceLength', () => {
  it.each([
    [1, 64 * KiB],
    [32 * MiB, 64 * KiB],
    [32 * MiB + 1, 128 * KiB],
    [256 * MiB, 512 * KiB],
    [256 * MiB + 1, MiB],
    [1024 * MiB, MiB],
    [1024 * MiB + 1, 2 * MiB],
    [4 * 1024 * MiB, 4 * MiB],
    [16 * 1024 * MiB, 16 * MiB],
    [2 * TiB, 16 * MiB],
  ])('gives a share of %i bytes pieces of %i bytes', (totalBytes, pieceLength) => {
    expect(choosePieceLength(totalBytes)).toBe(pieceLength);
  });

  it('keeps to a thousand pieces while pieces can grow, and to more than a quarter of that once they have', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: LIMITS.targetPieces * LIMITS.maxPieceBytes }), (totalBytes) => {
        const pieceLength = choosePieceLength(totalBytes);
        const pieces = Math.ceil(totalBytes / pieceLength);
        expect(pieces).toBeLessThanOrEqual(LIMITS.targetPieces);
        if (pieceLength > LIMITS.minPieceBytes) expect(pieces).toBeGreaterThan(LIMITS.targetPieces / 4);
      }),
    );
  });
});
