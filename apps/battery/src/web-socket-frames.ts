/** WebSocket frames as RFC 6455 writes them, and as it forbids them. */

/** Opcodes of RFC 6455. */
export const OPCODE = { continuation: 0, text: 1, binary: 2, close: 8, ping: 9, pong: 10 } as const;

/** A frame, with every liberty. */
export interface FrameShape {
  readonly opcode: number;
  readonly payload?: Uint8Array | string;
  /** Whether it ends its message; true unless said. */
  readonly fin?: boolean;
  /** The three reserved bits, 4 being the one of compression. */
  readonly reserved?: number;
  /** Its mask: that of a client, unless said; zeros, which leave the payload as it is; or none. */
  readonly mask?: 'usual' | 'zeros' | 'none';
  /** What the header claims, if not the truth. */
  readonly claimedBytes?: number | bigint;
}

const MASKS = { usual: Uint8Array.of(0x5a, 0xa5, 0x0f, 0xf0), zeros: new Uint8Array(4), none: new Uint8Array() };

/** The bytes of a frame. */
export function frame(shape: FrameShape): Buffer {
  const { opcode, payload = '', fin = true, reserved = 0, mask = 'usual', claimedBytes } = shape;
  const bytes = Buffer.from(payload);
  const key = MASKS[mask];
  const first = Buffer.from([(fin ? 0x80 : 0) | (reserved << 4) | opcode]);
  const length = lengthOf(claimedBytes ?? bytes.length, key.length > 0);
  const shown = mask === 'usual' ? Buffer.from(bytes.map((byte, at) => byte ^ (key[at % key.length] ?? 0))) : bytes;
  return Buffer.concat([first, length, key, shown]);
}

/** A text in as many frames as asked for, of which all but the last have one character. */
export function fragments(text: string, count: number): Buffer {
  const parts = Array.from({ length: count }, (_, at) => text.slice(at, at === count - 1 ? undefined : at + 1));
  return Buffer.concat(
    parts.map((payload, at) =>
      frame({ opcode: at === 0 ? OPCODE.text : OPCODE.continuation, payload, fin: at === count - 1, mask: 'zeros' }),
    ),
  );
}

/** A frame that another side has sent. */
export interface ReadFrame {
  readonly opcode: number;
  readonly fin: boolean;
  readonly payload: Buffer;
}

/** Takes whole unmasked frames off the front of what has arrived; returns them and the rest. */
export function takeFrames(arrived: Buffer): { frames: ReadFrame[]; rest: Buffer } {
  const frames: ReadFrame[] = [];
  let rest = arrived;
  for (;;) {
    const size = sizeOf(rest);
    if (size === undefined || rest.length < size.header + size.payload) return { frames, rest };
    const first = rest[0] ?? 0;
    const payload = rest.subarray(size.header, size.header + size.payload);
    frames.push({ opcode: first & 0x0f, fin: (first & 0x80) !== 0, payload });
    rest = rest.subarray(size.header + size.payload);
  }
}

/** Joins the frames that another side sends to messages; control frames come between. */
export class MessageReader {
  readonly #onMessage: (opcode: number, payload: Buffer) => void;
  #arrived: Buffer = Buffer.alloc(0);
  #opcode = 0;
  #parts: Buffer[] = [];

  constructor(onMessage: (opcode: number, payload: Buffer) => void) {
    this.#onMessage = onMessage;
  }

  /** Takes the next bytes of the connection. */
  take(bytes: Buffer): void {
    const { frames, rest } = takeFrames(this.#arrived.length === 0 ? bytes : Buffer.concat([this.#arrived, bytes]));
    this.#arrived = rest;
    for (const each of frames) this.#takeFrame(each);
  }

  #takeFrame({ opcode, fin, payload }: ReadFrame): void {
    if (opcode >= OPCODE.close) {
      this.#onMessage(opcode, payload);
      return;
    }
    if (opcode !== OPCODE.continuation) this.#opcode = opcode;
    this.#parts.push(payload);
    if (!fin) return;
    const parts = this.#parts.splice(0);
    this.#onMessage(this.#opcode, Buffer.concat(parts));
  }
}

function sizeOf(bytes: Buffer): { header: number; payload: number } | undefined {
  if (bytes.length < 2) return undefined;
  const short = (bytes[1] ?? 0) & 0x7f;
  if (short < 126) return { header: 2, payload: short };
  const header = short === 126 ? 4 : 10;
  if (bytes.length < header) return undefined;
  return { header, payload: short === 126 ? bytes.readUInt16BE(2) : Number(bytes.readBigUInt64BE(2)) };
}

function lengthOf(length: number | bigint, masked: boolean): Buffer {
  const mark = masked ? 0x80 : 0;
  if (length < 126) return Buffer.from([mark | Number(length)]);
  if (length < 65_536) {
    const header = Buffer.from([mark | 126, 0, 0]);
    header.writeUInt16BE(Number(length), 1);
    return header;
  }
  const header = Buffer.alloc(9);
  header[0] = mark | 127;
  header.writeBigUInt64BE(BigInt(length), 1);
  return header;
}
