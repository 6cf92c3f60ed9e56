/**
 * Takes whole blocks out of the bytes of a WebSocket before `ws` sees them, into memory that is used again; all other
 * frames go on to `ws`. Left to itself `ws` gathers a message from chunks into fresh memory of its own.
 *
 * It takes only what it need not judge: a binary message in one frame, about as long as a block, with the mask that ours
 * has, which is none or zero. Whatever else a frame may be, right or wrong, is for `ws` to say, but that it is too large: `ws`
 * knows one limit for all messages, and would gather so much of any.
 */
import { BLOCK_HEADER_BYTES, LIMITS } from '@shoal/protocol';
import { blockMemory, LEAST_SLOT_BYTES, SLOT_BYTES } from './block-memory.ts';

/** The first byte of a frame that is a whole binary message. */
const WHOLE_BINARY = 0x82;
const FINAL_BIT = 0x80;
const MASK_BIT = 0x80;
const OPCODE_BITS = 0x0f;
const FIRST_CONTROL_OPCODE = 8;
const CLOSE_OPCODE = 8;
const TEXT_OPCODE = 1;
const CONTINUATION_OPCODE = 0;
const BLOCK_FRAME_BYTES = BLOCK_HEADER_BYTES + LIMITS.blockBytes;
const MASK_BYTES = 4;
const MOST_HEADER_BYTES = 14;

/** Where the bytes of a WebSocket go. */
export interface IntakeTargets {
  /** A message, in a slot of the block memory. */
  onBlock(message: Uint8Array): void;
  /** The bytes of all other frames, in order, in memory of their own. */
  onRest(bytes: Buffer): void;
  /** A message begins or goes on that is larger than any may be now; nothing is taken from here on. */
  onTooLarge(): void;
  /** Whether the next frame may be taken; what has come of a block always is. */
  mayGoOn(): boolean;
}

export class BlockIntake {
  /** Bit of a frame's second byte that those of the other side must have: who dialled masks. */
  readonly #maskBit: number;
  readonly #targets: IntakeTargets;
  readonly #header = Buffer.alloc(MOST_HEADER_BYTES);
  #headerBytes = 0;
  #isFragmented = false;
  #isText = false;
  /** Bytes of the message that is arriving, as far as its frames have begun. */
  #messageBytes = 0;
  /** Messages that may yet be as large as a metainfo. */
  #largeMessages = 0;
  #isOver = false;
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

  /** One more message may be as large as a metainfo. */
  expectLarge(): void {
    this.#largeMessages++;
  }

  /** Takes the next bytes of the connection as long as it may go on, and keeps none of their memory; returns how many. */
  take(chunk: Buffer): number {
    let at = 0;
    while (at < chunk.length && (this.#block !== undefined || this.#targets.mayGoOn())) at += this.takeSome(chunk, at);
    return at;
  }

  /** Takes no more of the next bytes than belongs to one frame; returns how many. */
  takeSome(chunk: Buffer, at = 0): number {
    if (this.#isOver) return chunk.length - at;
    if (this.#block !== undefined) return this.#fill(this.#block, chunk, at);
    return this.#restBytes > 0 ? this.#passOn(chunk, at) : this.#readHeader(chunk, at);
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
    if (opcode < FIRST_CONTROL_OPCODE) {
      this.#isFragmented = (first & FINAL_BIT) === 0;
      if (!this.#hasRoomFor(opcode, length)) {
        this.#isOver = true;
        this.#targets.onTooLarge();
        return;
      }
    }
    // Whatever follows a close is no frame any more.
    this.#restBytes = opcode === CLOSE_OPCODE ? Number.POSITIVE_INFINITY : length;
    this.#targets.onRest(header);
  }

  #hasRoomFor(opcode: number, length: number): boolean {
    if (opcode !== CONTINUATION_OPCODE) {
      this.#isText = opcode === TEXT_OPCODE;
      this.#messageBytes = 0;
    }
    this.#messageBytes += length;
    if (!this.#isText) return this.#messageBytes <= BLOCK_FRAME_BYTES;
    if (this.#messageBytes <= LIMITS.controlMessageBytes) return true;
    if (!this.#isFragmented && this.#largeMessages > 0) this.#largeMessages--;
    else if (this.#largeMessages === 0) return false;
    return this.#messageBytes <= LIMITS.largeMessageBytes;
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
