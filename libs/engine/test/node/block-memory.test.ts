import { describe, expect, it } from 'vitest';
import { blockMemory, SLOT_BYTES } from '../../src/node/block-memory.ts';

describe('the block memory', () => {
  it('gives a slot to one user at a time, and again once it came back', () => {
    const first = blockMemory.take(SLOT_BYTES);
    const second = blockMemory.take(SLOT_BYTES);
    expect(second.buffer).not.toBe(first.buffer);
    blockMemory.give(first.subarray(12));
    expect(blockMemory.take(SLOT_BYTES).buffer).toBe(first.buffer);
  });

  it('gives a slot that is not much too large', () => {
    const slot = blockMemory.take(SLOT_BYTES / 4 - 1_000);
    expect(slot).toHaveLength(SLOT_BYTES / 4 - 1_000);
    expect(slot.buffer.byteLength).toBeLessThan(SLOT_BYTES / 2);
    expect(blockMemory.hasSize(slot.buffer.byteLength)).toBe(true);
    expect(() => blockMemory.take(SLOT_BYTES + 1)).toThrow('invariant');
  });

  it('takes a slot back once only', () => {
    const slot = blockMemory.take(SLOT_BYTES);
    blockMemory.give(slot);
    blockMemory.give(slot);
    expect(blockMemory.take(SLOT_BYTES).buffer).not.toBe(blockMemory.take(SLOT_BYTES).buffer);
  });

  it('leaves memory alone that is not its own', () => {
    const foreign = new Uint8Array(1000);
    blockMemory.give(foreign);
    expect(blockMemory.take(SLOT_BYTES).buffer).not.toBe(foreign.buffer);
  });
});
