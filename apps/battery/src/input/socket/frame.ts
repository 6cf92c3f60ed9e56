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
  /** Whether it is masked, as a client must; true unless said. */
  readonly masked?: boolean;
  /** What the header claims, if not the truth. */
  readonly claimedBytes?: number | bigint;
}

const MASK = Uint8Array.of(0x5a, 0xa5, 0x0f, 0xf0);

/** The bytes of a frame. */
export function frame(shape: FrameShape): Buffer {
  const { opcode, payload = '', fin = true, reserved = 0, masked = true, claimedBytes } = shape;
  const bytes = Buffer.from(payload);
  const first = (fin ? 0x80 : 0) | (reserved << 4) | opcode;
  const header = [Buffer.from([first]), lengthOf(claimedBytes ?? bytes.length, masked)];
  if (!masked) return Buffer.concat([...header, bytes]);
  const hidden = Buffer.from(bytes.map((byte, at) => byte ^ (MASK[at % MASK.length] ?? 0)));
  return Buffer.concat([...header, MASK, hidden]);
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
