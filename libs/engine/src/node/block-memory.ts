import { BLOCK_HEADER_BYTES, LIMITS } from '@shoal/protocol';

/** One slot: a whole block behind the header of its frame. */
export const SLOT_BYTES = BLOCK_HEADER_BYTES + LIMITS.blockBytes;
/** Slots that are kept when nobody uses them. */
const MOST_FREE = 64;

/**
 * Memory for blocks on their way between disk and network, used again and again: fresh memory for each block costs a
 * page fault every 4 KiB, and makes V8 collect. It is shared memory, which every thread reads where it lies.
 *
 * Who takes a slot may forget it: then the garbage collector has it, and another is made.
 */
class BlockMemory {
  readonly #free: ArrayBufferLike[] = [];
  readonly #lent = new WeakSet<ArrayBufferLike>();

  /** A slot with whatever bytes it had before. */
  take(): Buffer {
    const buffer = this.#free.pop() ?? new SharedArrayBuffer(SLOT_BYTES);
    this.#lent.add(buffer);
    return Buffer.from(buffer);
  }

  /** Takes back the slot that bytes lie in, which nobody may look at any more; bytes that lie elsewhere are left alone. */
  give({ buffer }: Uint8Array): void {
    if (this.#lent.delete(buffer) && this.#free.length < MOST_FREE) this.#free.push(buffer);
  }
}

/** The slots of this process. */
export const blockMemory = new BlockMemory();
