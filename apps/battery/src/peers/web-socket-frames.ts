/** The frames of RFC 6455 as a stranger may write them: right ones, and ones that no library would send. */
export const OPCODE = { continuation: 0, text: 1, binary: 2, close: 8, ping: 9, pong: 10 } as const;

const FINAL = 0x80;
const MASKED = 0x80;
const MASK_BYTES = 4;

/** What to write. */
export interface FrameStart {
  readonly opcode: number;
  /** Bytes that the header claims to follow. */
  readonly length: number;
  readonly isFinal?: boolean;
}

/** The header of a frame from the side that dialled; its mask is all zeros, so that the payload follows as it is. */
export function frameHeader({ opcode, length, isFinal = true }: FrameStart): Buffer {
  const [marker, extraBytes] = length < 126 ? [length, 0] : length < 0x10000 ? [126, 2] : [127, 8];
  const header = Buffer.alloc(2 + extraBytes + MASK_BYTES);
  header[0] = (isFinal ? FINAL : 0) | opcode;
  header[1] = MASKED | marker;
  if (extraBytes === 2) header.writeUInt16BE(length, 2);
  if (extraBytes === 8) header.writeBigUInt64BE(BigInt(length), 2);
  return header;
}

/** A whole frame from the side that dialled. */
export function frame(opcode: number, payload: Uint8Array | string, isFinal = true): Buffer {
  const bytes = Buffer.from(payload);
  return Buffer.concat([frameHeader({ opcode, length: bytes.length, isFinal }), bytes]);
}

/** A message in as many frames as asked for, of which all but the last are short. */
export function fragments(opcode: number, payload: string, count: number): Buffer {
  const parts = Array.from({ length: count }, (_, at) =>
    at === count - 1 ? payload.slice(at) : payload.slice(at, at + 1),
  );
  return Buffer.concat(parts.map((part, at) => frame(at === 0 ? opcode : OPCODE.continuation, part, at === count - 1)));
}

/** Takes the messages out of what the side that was dialled sends, whose frames have no mask. */
export class FrameReader {
  readonly #onMessage: (opcode: number, payload: Buffer) => void;
  #rest: Buffer = Buffer.alloc(0);
  #message: { opcode: number; parts: Buffer[] } | undefined;

  constructor(onMessage: (opcode: number, payload: Buffer) => void) {
    this.#onMessage = onMessage;
  }

  /** Takes the next bytes of the connection. */
  take(bytes: Buffer): void {
    this.#rest = this.#rest.length === 0 ? bytes : Buffer.concat([this.#rest, bytes]);
    for (let end = this.#frameEnd(); end !== undefined && end <= this.#rest.length; end = this.#frameEnd()) {
      const begin = end - this.#payloadLength();
      this.#frame(this.#rest.readUInt8(0), this.#rest.subarray(begin, end));
      this.#rest = this.#rest.subarray(end);
    }
  }

  /** Where the first frame ends; undefined while its header is not whole. */
  #frameEnd(): number | undefined {
    if (this.#rest.length < 2) return undefined;
    const headerBytes = { 126: 4, 127: 10 }[this.#rest.readUInt8(1)] ?? 2;
    return this.#rest.length < headerBytes ? undefined : headerBytes + this.#payloadLength();
  }

  #payloadLength(): number {
    const short = this.#rest.readUInt8(1);
    if (short === 126) return this.#rest.readUInt16BE(2);
    return short === 127 ? Number(this.#rest.readBigUInt64BE(2)) : short;
  }

  #frame(first: number, payload: Buffer): void {
    const [opcode, isFinal] = [first & 0x0f, (first & FINAL) !== 0];
    if (opcode >= OPCODE.close) {
      this.#onMessage(opcode, payload);
      return;
    }
    this.#message ??= { opcode, parts: [] };
    this.#message.parts.push(payload);
    if (!isFinal) return;
    const { opcode: kind, parts } = this.#message;
    this.#message = undefined;
    this.#onMessage(kind, Buffer.concat(parts));
  }
}
