import { LIMITS } from '@shoal/protocol';
import { describe, expect, it } from 'vitest';
import { BlockIntake } from '../../src/node/block-intake.ts';

const MESSAGE_BYTES = LIMITS.blockBytes + 12;

interface FrameShape {
  readonly first?: number;
  readonly mask?: string;
}

/** A frame as it stands on the wire: by default a whole binary message without a mask. */
function frame(payload: Buffer, { first = 0x82, mask }: FrameShape = {}): Buffer {
  const bit = mask === undefined ? 0 : 0x80;
  const header = payload.length < 126 ? Buffer.of(first, payload.length | bit) : Buffer.alloc(10);
  if (payload.length >= 126) {
    header.writeUInt8(first, 0);
    header.writeUInt8(127 | bit, 1);
    header.writeBigUInt64BE(BigInt(payload.length), 2);
  }
  return Buffer.concat([header, Buffer.from(mask ?? '', 'hex'), payload]);
}

const never = (): never => {
  throw new Error('not expected');
};

const message = (seed: number, length = MESSAGE_BYTES): Buffer =>
  Buffer.from(Uint8Array.from({ length }, (_, at) => (at * seed) >> 3));

interface Intake {
  readonly dialledBy?: 'us' | 'them';
  readonly chunkBytes?: number;
}

/** What becomes of bytes: blocks, and in their places the rest. */
function takeIn(bytes: Buffer, { dialledBy = 'us', chunkBytes = 65_536 }: Intake = {}) {
  const blocks: Buffer[] = [];
  const rest: Buffer[] = [];
  const intake = new BlockIntake(dialledBy, {
    onBlock: (block) => blocks.push(Buffer.from(block)),
    onRest: (run) => rest.push(Buffer.from(run)),
    onTooLarge: never,
    mayGoOn: () => true,
  });
  for (let at = 0; at < bytes.length; at += chunkBytes) intake.take(bytes.subarray(at, at + chunkBytes));
  return { blocks, rest: Buffer.concat(rest) };
}

describe('the intake of blocks', () => {
  it.each([1, 7, 1_000, 65_536, 10_000_000])('takes blocks out of what comes in chunks of %i bytes', (chunkBytes) => {
    const [one, two] = [message(3), message(5, MESSAGE_BYTES - 1_000)];
    const text = frame(Buffer.from('{"kind":"have"}'), { first: 0x81 });
    const long = frame(message(2, LIMITS.controlMessageBytes), { first: 0x81 });
    const bytes = Buffer.concat([text, frame(one), long, text, frame(two), text]);
    const { blocks, rest } = takeIn(bytes, { chunkBytes });
    expect(blocks.map((block, at) => block.equals([one, two][at]!))).toEqual([true, true]);
    expect(rest.equals(Buffer.concat([text, long, text, text]))).toBe(true);
  });

  it('takes blocks under a mask of zeros from who dialled', () => {
    const block = message(3);
    const { blocks, rest } = takeIn(frame(block, { mask: '00000000' }), { dialledBy: 'them' });
    expect(blocks[0]?.equals(block)).toBe(true);
    expect(rest).toHaveLength(0);
  });

  const others: Record<string, { bytes: Buffer; dialledBy?: 'us' | 'them' }> = {
    'a block under a mask': { bytes: frame(message(3), { mask: '01020304' }), dialledBy: 'them' },
    'a block without the mask that there must be': { bytes: frame(message(3)), dialledBy: 'them' },
    'a block with a mask that there must not be': { bytes: frame(message(3), { mask: '00000000' }) },
    'a short message': { bytes: frame(message(3, 1_000)) },
    'a message in fragments': {
      bytes: Buffer.concat([frame(message(3, 100_000), { first: 0x02 }), frame(message(5, 100_000), { first: 0x80 })]),
    },
    'a block inside a message in fragments': {
      bytes: Buffer.concat([frame(message(3, 5), { first: 0x01 }), frame(message(5))]),
    },
    'a block with a bit that means nothing': { bytes: frame(message(3), { first: 0xc2 }) },
    'whatever follows a close': {
      bytes: Buffer.concat([frame(Buffer.of(3, 232), { first: 0x88 }), frame(message(3))]),
    },
  };
  it.each(Object.entries(others))('leaves %s to ws', (_name, { bytes, dialledBy }) => {
    const { blocks, rest } = takeIn(bytes, { ...(dialledBy && { dialledBy }) });
    expect(blocks).toHaveLength(0);
    expect(rest.equals(bytes)).toBe(true);
  });

  it('has room for just the rest of the block that is arriving', () => {
    const block = message(3);
    const bytes = frame(block);
    const blocks: Buffer[] = [];
    const intake = new BlockIntake('us', {
      onBlock: (whole) => blocks.push(Buffer.from(whole)),
      onRest: () => undefined,
      onTooLarge: never,
      mayGoOn: () => true,
    });
    expect(intake.room).toBeUndefined();
    intake.take(bytes.subarray(0, 1_000));
    const rest = bytes.subarray(1_000);
    expect(intake.room).toHaveLength(rest.length);
    for (let at = 0; at < rest.length; at += 100_000) {
      intake.room?.set(rest.subarray(at, at + 100_000));
      intake.wroteToRoom(Math.min(100_000, rest.length - at));
    }
    expect(blocks[0]?.equals(block)).toBe(true);
    expect(intake.room).toBeUndefined();
  });

  it('takes blocks again after a message in fragments', () => {
    const fragments = [frame(message(3, 5), { first: 0x02 }), frame(message(5, 5), { first: 0x80 })];
    expect(takeIn(Buffer.concat([...fragments, frame(message(3))])).blocks).toHaveLength(1);
  });
});

describe('a message that is too large', () => {
  /** The header of a frame, and what becomes of it. */
  const judged = (frames: readonly { first: number; length: number }[], largeMessages = 0): string[] => {
    const seen: string[] = [];
    const intake = new BlockIntake('us', {
      onBlock: never,
      onRest: () => undefined,
      onTooLarge: () => seen.push('too large'),
      mayGoOn: () => true,
    });
    for (let large = 0; large < largeMessages; large++) intake.expectLarge();
    for (const { first, length } of frames) {
      const bytes = frame(Buffer.alloc(length, ' '), { first });
      seen.push(intake.take(bytes) === bytes.length ? 'taken' : 'left');
    }
    return seen;
  };
  const [TEXT, FIRST_PART, PART, LAST_PART] = [0x81, 0x01, 0x00, 0x80];

  it('is known as such by its header, one byte above the limit', () => {
    expect(judged([{ first: TEXT, length: LIMITS.controlMessageBytes }])).toEqual(['taken']);
    expect(judged([{ first: TEXT, length: LIMITS.controlMessageBytes + 1 }])).toEqual(['too large', 'taken']);
    expect(judged([{ first: 0x82, length: MESSAGE_BYTES + 1 }])).toEqual(['too large', 'taken']);
  });

  it('is the sum of its fragments', () => {
    const half = LIMITS.controlMessageBytes / 2;
    const fits = [
      { first: FIRST_PART, length: half },
      { first: LAST_PART, length: half },
    ];
    const seen = judged([...fits, { first: FIRST_PART, length: half }, { first: PART, length: half + 1 }]);
    expect(seen).toEqual(['taken', 'taken', 'taken', 'too large', 'taken']);
  });

  it('may be as large as a metainfo as often as one is expected', () => {
    const large = { first: TEXT, length: 70_000 };
    expect(judged([large, large], 1)).toEqual(['taken', 'too large', 'taken']);
    expect(judged([{ first: TEXT, length: LIMITS.largeMessageBytes + 1 }], 1)).toEqual(['too large', 'taken']);
  });

  it('lets nothing that follows through', () => {
    const seen = judged([
      { first: TEXT, length: 70_000 },
      { first: TEXT, length: 10 },
    ]);
    expect(seen).toEqual(['too large', 'taken', 'taken']);
  });
});
