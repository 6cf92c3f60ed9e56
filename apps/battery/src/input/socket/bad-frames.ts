/** Frames that RFC 6455 forbids, or that are beyond our limits; the same must happen on every WebSocket that we accept. */
import { LIMITS } from '@shoal/protocol';
import type { Row } from '../table.ts';
import { frame, OPCODE } from '../../web-socket-frames.ts';

/** Bytes that must end the connection, as `close CODE`. */
export interface BadFrame extends Row {
  readonly bytes: Buffer;
}

const { continuation, text, binary, close, ping, pong } = OPCODE;
const PROTOCOL_ERROR = 'close 1002';
const NOT_UTF8 = 'close 1007';
const TOO_MANY = 'close 1008';

const BAD_UTF8: Readonly<Record<string, readonly number[]>> = {
  'a byte that never stands in UTF-8': [0xff],
  'a continuation byte alone': [0x22, 0x80, 0x22],
  'a slash in two bytes': [0x22, 0xc0, 0xaf, 0x22],
  'half of a surrogate pair': [0x22, 0xed, 0xa0, 0x80, 0x22],
  'a character beyond Unicode': [0x22, 0xf5, 0x80, 0x80, 0x80, 0x22],
  'a character that is cut off': [0x22, 0xe2, 0x82],
};

/** What a message may have here, and what must happen to one with more. */
export interface FrameBounds {
  readonly maxBytes: number;
  readonly tooLarge: string;
}

/** Every one of them. */
export function badFrames(bounds: FrameBounds): readonly BadFrame[] {
  return [...forbidden(), ...controlFrames(), ...fragments(), ...lengths(bounds), ...notUtf8()];
}

function forbidden(): readonly BadFrame[] {
  const masked = [text, binary, close, ping].map((opcode) => {
    return rowOf(`opcode ${String(opcode)} without a mask`, PROTOCOL_ERROR, frame({ opcode, mask: 'none' }));
  });
  const reserved = [text, binary].flatMap((opcode) =>
    [1, 2, 4, 7].map((bits) => {
      const bytes = frame({ opcode, reserved: bits, payload: Buffer.alloc(20) });
      return rowOf(`opcode ${String(opcode)} with the reserved bits ${String(bits)}`, PROTOCOL_ERROR, bytes);
    }),
  );
  const opcodes = [3, 4, 5, 6, 7, 11, 12, 13, 14, 15].map((opcode) =>
    rowOf(`opcode ${String(opcode)}, which nobody knows`, PROTOCOL_ERROR, frame({ opcode })),
  );
  return [...masked, ...reserved, ...opcodes];
}

function controlFrames(): readonly BadFrame[] {
  const inParts = [close, ping, pong].map((opcode) =>
    rowOf(`opcode ${String(opcode)} in parts`, PROTOCOL_ERROR, frame({ opcode, fin: false })),
  );
  const long = [ping, pong, close].map((opcode) =>
    rowOf(`opcode ${String(opcode)} with 126 bytes`, PROTOCOL_ERROR, frame({ opcode, payload: Buffer.alloc(126) })),
  );
  const codes = [0, 999, 1004, 1005, 1006, 1015, 2999, 5000, 65_535].map((code) => {
    const bytes = frame({ opcode: close, payload: Buffer.from([code >> 8, code & 0xff]) });
    return rowOf(`a close with the code ${String(code)}`, PROTOCOL_ERROR, bytes);
  });
  const short = rowOf('a close with half a code', PROTOCOL_ERROR, frame({ opcode: close, payload: Buffer.alloc(1) }));
  const reason = frame({ opcode: close, payload: Buffer.from([0x03, 0xe8, 0xff]) });
  return [...inParts, ...long, ...codes, short, rowOf('a close whose reason is no UTF-8', NOT_UTF8, reason)];
}

function fragments(): readonly BadFrame[] {
  const part = (opcode: number, payload = ' '): Buffer => frame({ opcode, payload, fin: false });
  const many = Array<Buffer>(2 * LIMITS.messageFragments + 1).fill(part(continuation));
  const interrupted = Buffer.concat([part(text), frame({ opcode: text, payload: '{}' })]);
  return [
    rowOf('a continuation of nothing', PROTOCOL_ERROR, frame({ opcode: continuation, payload: '{}' })),
    rowOf('a text within a text', PROTOCOL_ERROR, interrupted),
    rowOf('bytes within a text', PROTOCOL_ERROR, Buffer.concat([part(text), frame({ opcode: binary, payload: 'x' })])),
    rowOf('a text in 130 parts', TOO_MANY, Buffer.concat([part(text), ...many])),
    rowOf('bytes in 130 parts', TOO_MANY, Buffer.concat([part(binary), ...many])),
    rowOf('a text in 130 empty parts', TOO_MANY, Buffer.concat([part(text, ''), ...many.map(() => part(0, ''))])),
  ];
}

function lengths({ maxBytes, tooLarge }: FrameBounds): readonly BadFrame[] {
  return [text, binary].flatMap((opcode) => [
    rowOf(`opcode ${String(opcode)}: one byte too many`, tooLarge, frame({ opcode, claimedBytes: maxBytes + 1 })),
    rowOf(`opcode ${String(opcode)}: 4 GiB`, tooLarge, frame({ opcode, claimedBytes: 2 ** 32 })),
    rowOf(`opcode ${String(opcode)}: 2^53 bytes`, tooLarge, frame({ opcode, claimedBytes: 2n ** 53n })),
    rowOf(`opcode ${String(opcode)}: 2^64 - 1 bytes`, tooLarge, frame({ opcode, claimedBytes: 2n ** 64n - 1n })),
  ]);
}

function notUtf8(): readonly BadFrame[] {
  return Object.entries(BAD_UTF8).map(([name, bytes]) =>
    rowOf(`a text with ${name}`, NOT_UTF8, frame({ opcode: text, payload: Uint8Array.from(bytes) })),
  );
}

function rowOf(name: string, must: string, bytes: Buffer): BadFrame {
  return { name, must, bytes };
}
