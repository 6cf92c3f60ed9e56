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
/** Notes a promise and requests all of it. */
const accept = (piece: number, peerId = anne, nowMs = 0): Block[] => {
  book.accept(piece, peerId);
  const blocks: Block[] = [];
  while (book.isOpen(piece, peerId)) blocks.push(book.request(piece, peerId, PIECE_BYTES, nowMs));
  return blocks;
};
const receive = (peerId = anne, block: Block = layout.blocksOf(0)[0]!, nowMs = 0) =>
  book.receive(peerId, block, bytesOf(block), nowMs);

describe('a peer that delivers a byte now and then', () => {
  const drip = (everyMs: number, bytesEach: number): number => {
    accept(0);
    let nowMs = 0;
    for (let begin = 0; book.late(nowMs).length === 0 && begin + bytesEach < PIECE_BYTES; begin += bytesEach) {
      nowMs += everyMs;
      book.receive(anne, { piece: 0, begin, length: bytesEach }, new Uint8Array(bytesEach), nowMs);
    }
    return nowMs;
  };

  it('lets its promise wait', () => {
    const deadlineMs = pieceDeadlineMs(4 * PIECE_BYTES);
    expect(drip(1_000, 1)).toBe(deadlineMs + 1_000);
  });

  it('does not, when it is a slow line that delivers a kilobyte a second', () => {
    expect(drip(1_000, 1_024)).toBe((PIECE_BYTES / 1_024 - 1) * 1_000);
  });
});

describe('a promised piece', () => {
  it('is requested in all its blocks', () => {
    expect(accept(1, anne, 0)).toEqual(layout.blocksOf(1));
    expect(accept(2, anne, 0)).toEqual([{ piece: 2, begin: 0, length: 100 }]);
    expect(book.pieceCount).toBe(2);
  });

  it('is complete with its last block', () => {
    const blocks = accept(1);
    for (const block of blocks.slice(0, 3)) expect(receive(anne, block)).toEqual({ kind: 'progress' });
    const verdict = receive(anne, blocks[3]);
    const parts = verdict.kind === 'complete' ? verdict.parts : [];
    expect(parts.map((part) => [part[0], part.length])).toEqual([16, 17, 18, 19].map((mark) => [mark, PIECE_BYTES]));
    expect(book.pieceCount).toBe(0);
  });

  it('is requested in parts that never reach over the end of a block', () => {
    book.accept(0, anne);
    const most = PIECE_BYTES - 100;
    const parts = [1, 2, 3].map(() => book.request(0, anne, most, 0));
    expect(parts.map(({ begin, length }) => [begin, length])).toEqual([
      [0, most],
      [most, 100],
      [PIECE_BYTES, most],
    ]);
    expect(book.isOpen(0, anne)).toBe(true);
  });

  it('is put together of whatever parts its blocks come in', () => {
    accept(1);
    const bytes = Uint8Array.from({ length: 4 * PIECE_BYTES }, (_, at) => at % 251);
    const cuts = [0, 1, 1000, PIECE_BYTES, PIECE_BYTES + 7, 2 * PIECE_BYTES, 3 * PIECE_BYTES, 4 * PIECE_BYTES];
    const verdicts = cuts.slice(1).map((end, at) => {
      const begin = cuts[at]!;
      return book.receive(anne, { piece: 1, begin, length: end - begin }, bytes.slice(begin, end), 0);
    });
    expect(verdicts.slice(0, -1)).toEqual(Array(6).fill({ kind: 'progress' }));
    const last = verdicts.at(-1)!;
    expect(Buffer.concat(last.kind === 'complete' ? last.parts : []).equals(bytes)).toBe(true);
  });

  it('may be promised by two, each of whom delivers all of it', () => {
    const blocks = accept(0, anne, 0);
    accept(0, bert, 0);
    expect(book.claimants(0)).toEqual([anne, bert]);
    expect([book.claimCount(0), book.pieceCount]).toEqual([2, 1]);
    for (const block of blocks.slice(0, 3)) receive(anne, block);
    expect(receive(bert, blocks[0]).kind).toBe('progress');
    expect(receive(anne, blocks[3]).kind).toBe('complete');
    expect(book.claimants(0)).toEqual([bert]);
  });

  it('is nobody’s again when it is dropped', () => {
    accept(0, anne, 0);
    expect(book.drop(0, bert)).toBe(false);
    expect(book.drop(0, anne)).toBe(true);
    expect(book.drop(0, anne)).toBe(false);
    expect([book.claimCount(0), book.pieceCount, book.claimants(0)]).toEqual([0, 0, []]);
  });

  it('stands in the list of whoever promised it', () => {
    accept(0, anne, 0);
    accept(1, bert, 0);
    accept(2, anne, 0);
    expect(book.piecesOf(anne)).toEqual([0, 2]);
  });
});

describe('a block', () => {
  it('is unexpected when nobody asked for it', () => {
    expect(receive()).toEqual({ kind: 'unexpected' });
  });

  it('is unexpected from somebody else', () => {
    accept(0, anne, 0);
    expect(receive(bert)).toEqual({ kind: 'unexpected' });
  });

  it.each([
    ['reaches over two blocks', { begin: 0, length: PIECE_BYTES + 1 }],
    ['leaves out what lies before it', { begin: 1, length: 7 }],
    ['has no bytes', { begin: 0, length: 0 }],
    ['lies behind the piece', { begin: 4 * PIECE_BYTES, length: PIECE_BYTES }],
  ])('is unexpected when it %s', (_what, { begin, length }) => {
    accept(0);
    expect(receive(anne, { piece: 0, begin, length })).toEqual({ kind: 'unexpected' });
  });

  it('is unexpected before it was requested', () => {
    book.accept(0, anne);
    book.request(0, anne, 100, 0);
    expect(receive(anne, { piece: 0, begin: 0, length: 101 })).toEqual({ kind: 'unexpected' });
    expect(receive(anne, { piece: 0, begin: 0, length: 100 })).toEqual({ kind: 'progress' });
    expect(receive(anne, { piece: 0, begin: 100, length: 1 })).toEqual({ kind: 'unexpected' });
  });

  it('is a duplicate the second time, and changes nothing', () => {
    const blocks = accept(0, anne, 0);
    receive(anne, blocks[0]);
    expect(receive(anne, blocks[0])).toEqual({ kind: 'duplicate' });
    for (const block of blocks.slice(1, 3)) expect(receive(anne, block).kind).toBe('progress');
    expect(receive(anne, blocks[3]).kind).toBe('complete');
  });
});

describe('a promise', () => {
  const deadlineMs = pieceDeadlineMs(4 * PIECE_BYTES);

  it('is late when nothing came for longer than a piece may take, not before', () => {
    accept(0, anne, 1_000);
    expect(book.late(1_000 + deadlineMs)).toEqual([]);
    expect(book.late(1_001 + deadlineMs)).toEqual([{ piece: 0, peerId: anne }]);
  });

  it('is not late while its peer delivers anything', () => {
    const blocks = accept(0, anne, 0);
    accept(1, anne, 0);
    receive(anne, blocks[0], 15_000);
    expect(book.late(deadlineMs + 1)).toEqual([]);
    expect(book.late(deadlineMs + 15_001)).toHaveLength(2);
  });

  it('is not late while nothing of it is owed, and its time begins with what is requested next', () => {
    book.accept(0, anne);
    expect(book.late(deadlineMs + 1)).toEqual([]);
    const part = book.request(0, anne, 100, 0);
    receive(anne, part, 10);
    expect(book.late(deadlineMs + 1_000)).toEqual([]);
    book.request(0, anne, 100, 50_000);
    book.request(0, anne, 100, 60_000);
    expect(book.late(50_000 + deadlineMs)).toEqual([]);
    expect(book.late(50_001 + deadlineMs)).toEqual([{ piece: 0, peerId: anne }]);
  });

  it('is late though somebody else delivers', () => {
    accept(0, anne, 0);
    const blocks = accept(1, bert, 0);
    receive(bert, blocks[0], 15_000);
    expect(book.late(deadlineMs + 1)).toEqual([{ piece: 0, peerId: anne }]);
  });

  it('starts anew for a peer that left and came back', () => {
    const blocks = accept(0, anne, 0);
    receive(anne, blocks[0], 50_000);
    book.drop(0, anne);
    book.forget(anne);
    accept(0, anne, 1_000);
    expect(book.late(1_001 + deadlineMs)).toHaveLength(1);
  });
});
