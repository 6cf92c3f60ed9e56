import { describe, expect, it } from 'vitest';
import { blockMemory } from '../../src/node/block-memory.ts';

describe('the block memory', () => {
  it('gives a slot to one user at a time, and again once it came back', () => {
    const first = blockMemory.take();
    const second = blockMemory.take();
    expect(second.buffer).not.toBe(first.buffer);
    blockMemory.give(first.subarray(12));
    expect(blockMemory.take().buffer).toBe(first.buffer);
  });

  it('takes a slot back once only', () => {
    const slot = blockMemory.take();
    blockMemory.give(slot);
    blockMemory.give(slot);
    expect(blockMemory.take().buffer).not.toBe(blockMemory.take().buffer);
  });

  it('leaves memory alone that is not its own', () => {
    const foreign = new Uint8Array(1000);
    blockMemory.give(foreign);
    expect(blockMemory.take().buffer).not.toBe(foreign.buffer);
  });
});
