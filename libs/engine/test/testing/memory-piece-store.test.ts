import { describe, expect, it } from 'vitest';
import { describePieceStore, MemoryPieceStore, zeroBlock } from '@shoal/engine/testing';

describePieceStore('the memory store', () => Promise.resolve(new MemoryPieceStore()));

describe('the memory store', () => {
  it('lists what was written', async () => {
    const store = new MemoryPieceStore();
    await store.writePiece(3, [zeroBlock(10)]);
    await store.writePiece(1, [zeroBlock(10)]);
    expect(store.pieces).toEqual([3, 1]);
  });

  it('prefers what was written to what a seeder’s content is', async () => {
    const store = new MemoryPieceStore(({ length }) => new Uint8Array(length).fill(1));
    const block = { piece: 0, begin: 0, length: 10 };
    expect((await store.readBlock(block))[0]).toBe(1);
    await store.writePiece(0, [zeroBlock(10)]);
    expect((await store.readBlock(block))[0]).toBe(0);
  });

  it('fails as the disk that a test makes of it', async () => {
    const store = new MemoryPieceStore();
    store.onWrite = () => Promise.reject(new Error('full'));
    await expect(store.writePiece(0, [])).rejects.toThrow('full');
    expect(store.pieces).toEqual([]);
  });
});
