/**
 * Takes whole blocks out of the bytes of a WebSocket before `ws` sees them, into memory that is used again; all other
 * frames go on to `ws`. Left to itself `ws` gathers a message from chunks into fresh memory of its own.
 *
 * It takes only what it need not judge: a binary message in one frame, about as long as a block, with the mask that ours
 * has, which is none or zero. Whatever else a frame may be, right or wrong, is for `ws` to say.
 */
import { blockMemory, LEAST_SLOT_BYTES, SLOT_BYTES } from './block-memory.ts';

/** The first byte of a frame that is a whole binary message. */
const WHOLE_BINARY = 0x82;
const FINAL_BIT = 0x80;
const MASK_BIT = 0x80;
const OPCODE_BITS = 0x0f;
const FIRST_CONTROL_OPCODE = 8;
const CLOSE_OPCODE = 8;
const MASK_BYTES = 4;
const MOST_HEADER_BYTES = 14;

/** Where the bytes of a WebSocket go. */
export interface IntakeTargets {
  /** A message, in a slot of the block memory. */
  onBlock(message: Uint8Array): void;
  /** The bytes of all other frames, in order, in memory of their own. */
  onRest(bytes: Buffer): void;
}

export class BlockIntake {
  /** Bit of a frame's second byte that those of the other side must have: who dialled masks. */
  readonly #maskBit: number;
  readonly #targets: IntakeTargets;
  readonly #header = Buffer.alloc(MOST_HEADER_BYTES);
  #headerBytes = 0;
  #isFragmented = false;
  /** The block that is arriving, and how much of it is here. */
  #block: Buffer | undefined;
  #blockBytes = 0;
  /** So much of the current frame is not ours. */
  #restBytes = 0;

  constructor(dialledBy: 'us' | 'them', targets: IntakeTargets) {
    this.#maskBit = dialledBy === 'them' ? MASK_BIT : 0;
    this.#targets = targets;
  }

  /** Where the next bytes belong, when it is known that they are bytes of a block. */
  get room(): Uint8Array | undefined {
    return this.#block?.subarray(this.#blockBytes);
  }

  /** The next bytes were written to `room`, from its beginning on. */
  wroteToRoom(bytes: number): void {
    const block = this.#block;
    if (block === undefined) throw new Error('invariant: only a block that is arriving has room');
    this.#blockBytes += bytes;
    if (this.#blockBytes < block.length) return;
    this.#block = undefined;
    this.#targets.onBlock(block);
  }

  /** Takes the next bytes of the connection, and keeps none of their memory. */
  take(chunk: Buffer): void {
    for (let at = 0; at < chunk.length;) {
      if (this.#block !== undefined) at += this.#fill(this.#block, chunk, at);
      else if (this.#restBytes > 0) at += this.#passOn(chunk, at);
      else at += this.#readHeader(chunk, at);
    }
  }

  #fill(block: Buffer, chunk: Buffer, at: number): number {
    const bytes = chunk.subarray(at, at + block.length - this.#blockBytes);
    // `set` copies into shared memory a word at a time.
    block.fill(bytes, this.#blockBytes, this.#blockBytes + bytes.length);
    this.wroteToRoom(bytes.length);
    return bytes.length;
  }

  #passOn(chunk: Buffer, at: number): number {
    const bytes = chunk.subarray(at, at + this.#restBytes);
    this.#restBytes -= bytes.length;
    this.#targets.onRest(Buffer.from(bytes));
    return bytes.length;
  }

  #readHeader(chunk: Buffer, at: number): number {
    const count = chunk.copy(this.#header, this.#headerBytes, at, at + this.#headerLength - this.#headerBytes);
    this.#headerBytes += count;
    if (this.#headerBytes === this.#headerLength) this.#beginFrame();
    return count;
  }

  /** Bytes of the current header, as far as one can tell from those that are here. */
  get #headerLength(): number {
    const second = this.#headerBytes < 2 ? 0 : this.#header.readUInt8(1);
    const mask = second & MASK_BIT ? MASK_BYTES : 0;
    const length = second & ~MASK_BIT;
    if (length === 127) return 2 + 8 + mask;
    return length === 126 ? 2 + 2 + mask : 2 + mask;
  }

  #beginFrame(): void {
    const header = Buffer.from(this.#header.subarray(0, this.#headerBytes));
    this.#headerBytes = 0;
    const length = payloadLength(header);
    if (this.#isBlock(header, length)) {
      this.#block = blockMemory.take(length);
      this.#blockBytes = 0;
      return;
    }
    const first = header.readUInt8(0);
    const opcode = first & OPCODE_BITS;
    if (opcode < FIRST_CONTROL_OPCODE) this.#isFragmented = (first & FINAL_BIT) === 0;
    // Whatever follows a close is no frame any more.
    this.#restBytes = opcode === CLOSE_OPCODE ? Number.POSITIVE_INFINITY : length;
    this.#targets.onRest(header);
  }

  #isBlock(header: Buffer, length: number): boolean {
    if (header.readUInt8(0) !== WHOLE_BINARY || this.#isFragmented) return false;
    if (length < LEAST_SLOT_BYTES || length > SLOT_BYTES) return false;
    if ((header.readUInt8(1) & MASK_BIT) !== this.#maskBit) return false;
    return this.#maskBit === 0 || header.readUInt32BE(header.length - MASK_BYTES) === 0;
  }
}

function payloadLength(header: Buffer): number {
  const length = header.readUInt8(1) & ~MASK_BIT;
  if (length === 126) return header.readUInt16BE(2);
  return length === 127 ? Number(header.readBigUInt64BE(2)) : length;
}
