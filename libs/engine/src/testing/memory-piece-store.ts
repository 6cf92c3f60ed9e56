import { LIMITS, ShoalError, type Block } from '@shoal/protocol';
import type { PieceStore } from '../shell/ports.ts';

const HEADER_ROOM_BYTES = 12;

/** A block of zeros, with room for a frame's header before it, so that a simulated link need not copy it. */
export function zeroBlock(length: number): Uint8Array {
  return ZEROS.subarray(0, length);
}

const ZEROS = new Uint8Array(new ArrayBuffer(HEADER_ROOM_BYTES + LIMITS.blockBytes), HEADER_ROOM_BYTES);

/** What the blocks of a share are. */
type Content = (block: Block) => Uint8Array | Promise<Uint8Array>;

/** A store that keeps the views it was given, without copying. */
export class MemoryPieceStore implements PieceStore {
  /** Called before each write: takes the time that the disk would, and throws what it would. */
  onWrite: (piece: number, parts: readonly Uint8Array[]) => void | Promise<void> = () => undefined;
  /** Called before each read: throws what the disk would. */
  onRead: (block: Block) => void = () => undefined;
  readonly #pieces = new Map<number, readonly Uint8Array[]>();
  readonly #content: Content | undefined;
  readonly #onCall: () => void;

  /**
   * @param content what a seeder's blocks are; absent for an empty store
   * @param onCall called whenever a promise was made, for a simulated world
   */
  constructor(content?: Content, onCall: () => void = () => undefined) {
    this.#content = content;
    this.#onCall = onCall;
  }

  /** The pieces that were written. */
  get pieces(): number[] {
    return [...this.#pieces.keys()];
  }

  async readBlock(block: Block): Promise<Uint8Array> {
    this.#onCall();
    this.onRead(block);
    const inBlock = block.begin % LIMITS.blockBytes;
    const whole = this.#pieces.get(block.piece)?.[(block.begin - inBlock) / LIMITS.blockBytes];
    const part = whole?.subarray(inBlock, inBlock + block.length) ?? (await this.#content?.(block));
    if (part !== undefined) return part;
    throw new ShoalError('storage-failed', `reading piece ${String(block.piece)}, which is not stored`);
  }

  async writePiece(piece: number, parts: readonly Uint8Array[]): Promise<void> {
    this.#onCall();
    await this.onWrite(piece, parts);
    this.#pieces.set(piece, parts);
  }

  finish(): Promise<void> {
    this.#onCall();
    return Promise.resolve();
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}
