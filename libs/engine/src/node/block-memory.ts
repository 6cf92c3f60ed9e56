import { BLOCK_HEADER_BYTES, LIMITS } from '@shoal/protocol';

/** One size of slots for each length that whole blocks have: a block behind the header of its frame. */
const SLOT_SIZES: readonly number[] = slotSizes();
/** The largest slot. */
export const SLOT_BYTES = BLOCK_HEADER_BYTES + LIMITS.blockBytes;
/** Bytes for which a slot is not too large. */
export const LEAST_SLOT_BYTES = (BLOCK_HEADER_BYTES + LIMITS.minPieceBytes) / 2;
/**
 * Slots of one size that are kept when nobody uses them: all that an agent receives into at once, and what it sends. Slots
 * that come and go would pile up, since V8 does not see that they take memory.
 */
const MOST_FREE = (2 * LIMITS.maxPieceBytes) / LIMITS.blockBytes + 32;

/**
 * Memory for blocks on their way between disk and network, used again and again: fresh memory for each block costs a
 * page fault every 4 KiB, and makes V8 collect. It is shared memory, which every thread reads where it lies.
 *
 * Who takes a slot may forget it: then the garbage collector has it, and another is made.
 */
class BlockMemory {
  readonly #free = new Map<number, ArrayBufferLike[]>(SLOT_SIZES.map((size) => [size, []]));
  readonly #lent = new WeakSet<ArrayBufferLike>();

  /** Whether there are slots of just so many bytes. */
  hasSize(bytes: number): boolean {
    return this.#free.has(bytes);
  }

  /** So many bytes at the beginning of a slot, with whatever was there before. */
  take(bytes: number): Buffer {
    const size = SLOT_SIZES.find((each) => each >= bytes);
    if (size === undefined) throw new Error('invariant: no block is longer than a slot');
    const buffer = this.#free.get(size)?.pop() ?? new SharedArrayBuffer(size);
    this.#lent.add(buffer);
    return Buffer.from(buffer, 0, bytes);
  }

  /** Takes back the slot that bytes lie in, which nobody may look at any more; bytes that lie elsewhere are left alone. */
  give({ buffer }: Uint8Array): void {
    const free = this.#lent.delete(buffer) ? this.#free.get(buffer.byteLength) : undefined;
    if (free !== undefined && free.length < MOST_FREE) free.push(buffer);
  }
}

function slotSizes(): number[] {
  const sizes: number[] = [];
  for (let bytes: number = LIMITS.minPieceBytes; bytes <= LIMITS.blockBytes; bytes *= 2) {
    sizes.push(BLOCK_HEADER_BYTES + bytes);
  }
  return sizes;
}

/** The slots of this process. */
export const blockMemory = new BlockMemory();
