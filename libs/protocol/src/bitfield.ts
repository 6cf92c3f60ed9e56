import { base64Length, fromBase64, toBase64 } from './base64.ts';
import { ShoalError } from './errors.ts';

/** Which pieces a peer has: one bit a piece, the first in the highest bit of the first byte, spare bits zero. */
export class Bitfield {
  readonly size: number;
  readonly #bytes: Uint8Array;
  #count: number;

  /** An empty bitfield of `size` pieces. */
  constructor(size: number) {
    this.size = size;
    this.#bytes = new Uint8Array(Math.ceil(size / 8));
    this.#count = 0;
  }

  /** A bitfield with every piece. */
  static full(size: number): Bitfield {
    const field = new Bitfield(size);
    for (let piece = 0; piece < size; piece++) field.add(piece);
    return field;
  }

  /**
   * Reads the wire form, base64 of the bytes.
   * @throws ShoalError `bad-message` when length or spare bits do not fit `size`
   */
  static fromBase64(text: string, size: number): Bitfield {
    const field = new Bitfield(size);
    const length = base64Length(field.#bytes.length);
    if (text.length !== length) {
      const found = `${String(text.length)} characters of base64 for ${String(size)} pieces, not ${String(length)}`;
      throw new ShoalError('bad-message', `reading a bitfield: ${found}`);
    }
    const bytes = fromBase64(text);
    if (bytes.length !== field.#bytes.length) {
      throw new ShoalError(
        'bad-message',
        `reading a bitfield: ${String(bytes.length)} bytes for ${String(size)} pieces`,
      );
    }
    for (let piece = 0; piece < bytes.length * 8; piece++) {
      if (((bytes[piece >> 3] ?? 0) & (0x80 >> (piece & 7))) === 0) continue;
      if (piece >= size) throw new ShoalError('bad-message', 'reading a bitfield: a spare bit is set');
      field.add(piece);
    }
    return field;
  }

  toBase64(): string {
    return toBase64(this.#bytes);
  }

  /** How many pieces are set. */
  get count(): number {
    return this.#count;
  }

  get isFull(): boolean {
    return this.#count === this.size;
  }

  has(piece: number): boolean {
    return ((this.#bytes[piece >> 3] ?? 0) & (0x80 >> (piece & 7))) !== 0;
  }

  /** Sets a piece; returns whether it was new. */
  add(piece: number): boolean {
    this.#check(piece);
    if (this.has(piece)) return false;
    this.#bytes[piece >> 3] = (this.#bytes[piece >> 3] ?? 0) | (0x80 >> (piece & 7));
    this.#count++;
    return true;
  }

  /** Clears a piece; returns whether it was set. */
  delete(piece: number): boolean {
    if (!this.has(piece)) return false;
    this.#bytes[piece >> 3] = (this.#bytes[piece >> 3] ?? 0) & ~(0x80 >> (piece & 7));
    this.#count--;
    return true;
  }

  clone(): Bitfield {
    const copy = new Bitfield(this.size);
    copy.#bytes.set(this.#bytes);
    copy.#count = this.#count;
    return copy;
  }

  /** The pieces that are set, ascending. */
  *[Symbol.iterator](): IterableIterator<number> {
    for (let piece = 0; piece < this.size; piece++) if (this.has(piece)) yield piece;
  }

  #check(piece: number): void {
    if (!Number.isInteger(piece) || piece < 0 || piece >= this.size) {
      throw new Error(`invariant: piece ${String(piece)} of ${String(this.size)}`);
    }
  }
}
