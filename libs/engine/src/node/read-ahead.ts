import { LIMITS, type Block, type PieceLayout } from '@shoal/protocol';

/** So many blocks are read with one call of the system. */
const ROW_BLOCKS = 4;
/** So many that nobody has asked for yet are kept. */
const MOST_WAITING = 16;

/** A block as whoever read it sees it: its first byte in the share names it. */
type Position = number;

/**
 * Blocks of a share that were read along with the one before them. Who asks for a block of a piece asks for the rest of
 * it, and a read costs more for being one than for its bytes.
 */
export class ReadAhead {
  readonly #layout: PieceLayout;
  readonly #waiting = new Map<Position, Promise<Uint8Array>>();

  constructor(layout: PieceLayout) {
    this.#layout = layout;
  }

  /** A block that was read already, which then belongs to the caller. */
  take(block: Block): Promise<Uint8Array> | undefined {
    const position = this.#positionOf(block);
    const reading = block.length === LIMITS.blockBytes ? this.#waiting.get(position) : undefined;
    if (reading !== undefined) this.#waiting.delete(position);
    return reading;
  }

  /** The run of whole blocks to read when a block is asked for: itself, and what follows in its piece. */
  rowFrom(block: Block): Block {
    if (block.length !== LIMITS.blockBytes) return block;
    const blocks = Math.floor((this.#layout.bytesOf(block.piece) - block.begin) / LIMITS.blockBytes);
    return { ...block, length: Math.min(ROW_BLOCKS, blocks) * LIMITS.blockBytes };
  }

  /** Keeps the blocks of a row that is being read, but for the first, which the caller asked for. */
  keep(row: Block, reading: Promise<readonly Uint8Array[]>): void {
    for (let at = 1; at < row.length / LIMITS.blockBytes; at++) {
      const block = reading.then((blocks) => blocks[at] ?? Promise.reject(new Error('invariant: a row is read whole')));
      // Awaited by whoever asks for it, or by nobody.
      block.catch(() => undefined);
      this.#waiting.set(this.#positionOf(row) + at * LIMITS.blockBytes, block);
    }
    for (const oldest of this.#waiting.keys()) {
      if (this.#waiting.size <= MOST_WAITING) break;
      this.#waiting.delete(oldest);
    }
  }

  #positionOf({ piece, begin }: Block): Position {
    return piece * this.#layout.pieceLength + begin;
  }
}
