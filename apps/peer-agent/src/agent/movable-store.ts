import type { PieceStore } from '@shoal/engine';
import type { Block } from '@shoal/protocol';

/** Complete data that can be given another place while others read it: nobody reads by a name that changes. */
export class MovableStore implements PieceStore {
  #inner: PieceStore;
  readonly #reading = new Set<Promise<Uint8Array>>();
  #moving: Promise<void> | undefined;

  constructor(inner: PieceStore) {
    this.#inner = inner;
  }

  async readBlock(block: Block): Promise<Uint8Array> {
    while (this.#moving !== undefined) await this.#moving;
    const read = this.#inner.readBlock(block);
    this.#reading.add(read);
    try {
      return await read;
    } finally {
      this.#reading.delete(read);
    }
  }

  writePiece(piece: number, parts: readonly Uint8Array[]): Promise<void> {
    return this.#inner.writePiece(piece, parts);
  }

  finish(): Promise<void> {
    return this.#inner.finish();
  }

  async close(): Promise<void> {
    await this.#moving;
    await this.#inner.close();
  }

  /**
   * Lets go of the files, has them moved and opens them again. Rejects as `move` and `reopen` do; `reopen` is called after
   * a `move` that failed as well.
   */
  async relocate(move: () => Promise<void>, reopen: () => Promise<PieceStore>): Promise<void> {
    while (this.#moving !== undefined) await this.#moving;
    const moved = this.#relocate(move, reopen);
    this.#moving = moved
      .catch(() => undefined)
      .finally(() => {
        this.#moving = undefined;
      });
    await moved;
  }

  async #relocate(move: () => Promise<void>, reopen: () => Promise<PieceStore>): Promise<void> {
    await Promise.allSettled(this.#reading);
    await this.#inner.close();
    try {
      await move();
    } finally {
      this.#inner = await reopen();
    }
  }
}
