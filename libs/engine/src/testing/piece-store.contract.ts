import { LIMITS, type Metainfo } from '@shoal/protocol';
import { describe, expect, it } from 'vitest';
import type { PieceStore } from '../shell/ports.ts';
import { sampleShare, type SampleShare } from './sample-share.ts';

/**
 * The rules of every `PieceStore`.
 * @param create makes an empty store for a share; the caller closes what is left open
 */
export function describePieceStore(name: string, create: (metainfo: Metainfo) => Promise<PieceStore>): void {
  const folder = (): SampleShare =>
    sampleShare({ 'a.bin': 700_000, 'sub/empty': 0, 'sub/b': 5, 'sub/deep/c.bin': 300_001, last: 1 });

  const fill = async (store: PieceStore, share: SampleShare): Promise<void> => {
    for (const piece of Array(share.metainfo.layout.pieceCount).keys()) {
      await store.writePiece(piece, share.partsOf(piece));
    }
  };

  const expectAll = async (store: PieceStore, share: SampleShare): Promise<void> => {
    const { layout } = share.metainfo;
    for (const block of [...Array(layout.pieceCount).keys()].flatMap((piece) => layout.blocksOf(piece))) {
      expect(Buffer.compare(await store.readBlock(block), share.bytesOf(block))).toBe(0);
    }
  };

  describe(`${name} as a piece store`, () => {
    it('reads what was written, in whatever order the pieces came', async () => {
      const share = folder();
      const store = await create(share.metainfo);
      const pieces = [...Array(share.metainfo.layout.pieceCount).keys()].reverse();
      for (const piece of pieces) await store.writePiece(piece, share.partsOf(piece));
      await expectAll(store, share);
    });

    it('takes pieces at the same time', async () => {
      const share = folder();
      const store = await create(share.metainfo);
      const pieces = [...Array(share.metainfo.layout.pieceCount).keys()];
      await Promise.all(pieces.map((piece) => store.writePiece(piece, share.partsOf(piece))));
      await expectAll(store, share);
    });

    it('takes a piece of several blocks, and gives each of them', async () => {
      const share = sampleShare({ one: 1_300_000 }, { pieceLength: 1024 * 1024 });
      const store = await create(share.metainfo);
      await fill(store, share);
      await expectAll(store, share);
    });

    it('gives parts of blocks', async () => {
      const share = sampleShare({ one: 1_300_000 }, { pieceLength: 1024 * 1024 });
      const store = await create(share.metainfo);
      await fill(store, share);
      const part = { piece: 0, begin: LIMITS.blockBytes + 1_000, length: 5_000 };
      expect(Buffer.compare(await store.readBlock(part), share.bytesOf(part))).toBe(0);
    });

    it('gives blocks while other pieces are still lacking', async () => {
      const share = folder();
      const store = await create(share.metainfo);
      await store.writePiece(1, share.partsOf(1));
      const block = share.metainfo.layout.blocksOf(1)[0]!;
      expect(Buffer.compare(await store.readBlock(block), share.bytesOf(block))).toBe(0);
    });

    it('gives blocks after it is finished', async () => {
      const share = folder();
      const store = await create(share.metainfo);
      await fill(store, share);
      await store.finish();
      await expectAll(store, share);
    });

    it('can be closed at any time, finished or not', async () => {
      const share = folder();
      const finished = await create(share.metainfo);
      await fill(finished, share);
      await finished.finish();
      await finished.close();
      const begun = await create(sampleShare({ other: 300_000 }, { name: 'other' }).metainfo);
      await begun.close();
    });
  });
}
