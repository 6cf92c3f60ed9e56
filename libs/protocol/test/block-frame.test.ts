import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BLOCK_HEADER_BYTES, decodeBlockFrame, encodeBlockHeader } from '../src/block-frame.ts';
import { LIMITS } from '../src/limits.ts';
import { expectError } from './expect-error.ts';

const u32 = fc.integer({ min: 0, max: 0xffff_ffff });

function frameOf(header: Uint8Array, payload: Uint8Array): Uint8Array {
  return Uint8Array.from([...header, ...payload]);
}

describe('block frames', () => {
  it('say who, which and where, and carry the bytes', () => {
    const payload = fc.uint8Array({ minLength: 1, maxLength: 50 });
    fc.assert(
      fc.property(u32, u32, u32, payload, (channel, piece, begin, bytes) => {
        const frame = decodeBlockFrame(frameOf(encodeBlockHeader(channel, piece, begin), bytes));
        expect(frame).toEqual({ channel, piece, begin, bytes });
      }),
    );
  });

  it('are big-endian', () => {
    expect([...encodeBlockHeader(1, 0x0203, 0x0405_0607)]).toEqual([0, 0, 0, 1, 0, 0, 2, 3, 4, 5, 6, 7]);
  });

  it('are not copied, wherever they stand in a buffer', () => {
    const buffer = new Uint8Array(100);
    buffer.set(frameOf(encodeBlockHeader(1, 2, 3), new Uint8Array([9])), 50);
    const frame = decodeBlockFrame(buffer.subarray(50, 50 + BLOCK_HEADER_BYTES + 1));
    expect([frame.channel, frame.piece, frame.begin, ...frame.bytes]).toEqual([1, 2, 3, 9]);
    expect(frame.bytes.buffer).toBe(buffer.buffer);
  });

  it('carry up to 256 KiB, and no more', () => {
    const largest = new Uint8Array(BLOCK_HEADER_BYTES + LIMITS.blockBytes);
    expect(decodeBlockFrame(largest).bytes).toHaveLength(LIMITS.blockBytes);
    expectError('protocol-violation', () => decodeBlockFrame(new Uint8Array(largest.length + 1)));
  });

  it('carry at least one byte', () => {
    for (const length of [0, 1, BLOCK_HEADER_BYTES - 1, BLOCK_HEADER_BYTES]) {
      expectError('protocol-violation', () => decodeBlockFrame(new Uint8Array(length)));
    }
    expect(decodeBlockFrame(new Uint8Array(BLOCK_HEADER_BYTES + 1)).bytes).toHaveLength(1);
  });
});
