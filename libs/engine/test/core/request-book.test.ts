import { PieceLayout, pieceDeadlineMs, type Block } from '@shoal/protocol';
import { beforeEach, describe, expect, it } from 'vitest';
import { RequestBook } from '../../src/core/request-book.ts';
import { aPeerId, PIECE_BYTES } from './swarm-under-test.ts';

const [anne, bert] = [aPeerId(1), aPeerId(2)];
/** Three pieces of four blocks; the last piece is one short block. */
const layout = new PieceLayout(4 * PIECE_BYTES, [8 * PIECE_BYTES + 100]);
let book: RequestBook;
beforeEach(() => {
  book = new RequestBook(layout);
});

const bytesOf = ({ piece, begin, length }: Block): Uint8Array =>
  new Uint8Array(length).fill(piece * 16 + begin / PIECE_BYTES);
const receive = (peerId = anne, block: Block = layout.blocksOf(0)[0]!, nowMs = 0) =>
  book.receive(peerId, block, bytesOf(block), nowMs);

describe('a promised piece', () => {
  it('is requested in all its blocks', () => {
    expect(book.accept(1, anne, 0)).toEqual(layout.blocksOf(1));
    expect(book.accept(2, anne, 0)).toEqual([{ piece: 2, begin: 0, length: 100 }]);
    expect(book.pieceCount).toBe(2);
  });

  it('is complete with its last block, in order, in whatever order they came', () => {
    const blocks = book.accept(1, anne, 0);
    for (const at of [2, 0, 3]) expect(receive(anne, blocks[at])).toEqual({ kind: 'progress' });
    const verdict = receive(anne, blocks[1]);
    const parts = verdict.kind === 'complete' ? verdict.parts : [];
    expect(parts.map((part) => [part[0], part.length])).toEqual([16, 17, 18, 19].map((mark) => [mark, PIECE_BYTES]));
    expect(book.pieceCount).toBe(0);
  });

  it('may be promised by two, each of whom delivers all of it', () => {
    const blocks = book.accept(0, anne, 0);
    book.accept(0, bert, 0);
    expect(book.claimants(0)).toEqual([anne, bert]);
    expect([book.claimCount(0), book.pieceCount]).toEqual([2, 1]);
    for (const block of blocks.slice(0, 3)) receive(anne, block);
    expect(receive(bert, blocks[3]).kind).toBe('progress');
    expect(receive(anne, blocks[3]).kind).toBe('complete');
    expect(book.claimants(0)).toEqual([bert]);
  });

  it('is nobody’s again when it is dropped', () => {
    book.accept(0, anne, 0);
    expect(book.drop(0, bert)).toBe(false);
    expect(book.drop(0, anne)).toBe(true);
    expect(book.drop(0, anne)).toBe(false);
    expect([book.claimCount(0), book.pieceCount, book.claimants(0)]).toEqual([0, 0, []]);
  });

  it('stands in the list of whoever promised it', () => {
    book.accept(0, anne, 0);
    book.accept(1, bert, 0);
    book.accept(2, anne, 0);
    expect(book.piecesOf(anne)).toEqual([0, 2]);
  });
});

describe('a block', () => {
  it('is unexpected when nobody asked for it', () => {
    expect(receive()).toEqual({ kind: 'unexpected' });
  });

  it('is unexpected from somebody else', () => {
    book.accept(0, anne, 0);
    expect(receive(bert)).toEqual({ kind: 'unexpected' });
  });

  it.each([
    ['begins between two blocks', { begin: 1, length: PIECE_BYTES }],
    ['is shorter than was asked for', { begin: 0, length: PIECE_BYTES - 1 }],
    ['lies behind the piece', { begin: 4 * PIECE_BYTES, length: PIECE_BYTES }],
  ])('is unexpected when it %s', (_what, { begin, length }) => {
    book.accept(0, anne, 0);
    expect(receive(anne, { piece: 0, begin, length })).toEqual({ kind: 'unexpected' });
  });

  it('is a duplicate the second time, and changes nothing', () => {
    const blocks = book.accept(0, anne, 0);
    receive(anne, blocks[0]);
    expect(receive(anne, blocks[0])).toEqual({ kind: 'duplicate' });
    for (const block of blocks.slice(1, 3)) expect(receive(anne, block).kind).toBe('progress');
    expect(receive(anne, blocks[3]).kind).toBe('complete');
  });
});

describe('a promise', () => {
  const deadlineMs = pieceDeadlineMs(4 * PIECE_BYTES);

  it('is late when nothing came for longer than a piece may take, not before', () => {
    book.accept(0, anne, 1_000);
    expect(book.late(1_000 + deadlineMs)).toEqual([]);
    expect(book.late(1_001 + deadlineMs)).toEqual([{ piece: 0, peerId: anne }]);
  });

  it('is not late while its peer delivers anything', () => {
    const blocks = book.accept(0, anne, 0);
    book.accept(1, anne, 0);
    receive(anne, blocks[0], 15_000);
    expect(book.late(deadlineMs + 1)).toEqual([]);
    expect(book.late(deadlineMs + 15_001)).toHaveLength(2);
  });

  it('is late though somebody else delivers', () => {
    book.accept(0, anne, 0);
    const blocks = book.accept(1, bert, 0);
    receive(bert, blocks[0], 15_000);
    expect(book.late(deadlineMs + 1)).toEqual([{ piece: 0, peerId: anne }]);
  });

  it('starts anew for a peer that left and came back', () => {
    const blocks = book.accept(0, anne, 0);
    receive(anne, blocks[0], 50_000);
    book.drop(0, anne);
    book.forget(anne);
    book.accept(0, anne, 1_000);
    expect(book.late(1_001 + deadlineMs)).toHaveLength(1);
  });
});
