import { describe, expect, it } from 'vitest';
import { createSha256, sha256Hex } from '../src/ids.ts';

const hex = (bytes: Uint8Array): string => [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('');

describe('a SHA-256 that is taken bit by bit', () => {
  it.each([[[]], [['abc']], [['a', '', 'bc']], [['x'.repeat(63), 'y'.repeat(130), 'z']]])(
    'is that of all of %j',
    (parts) => {
      const stream = createSha256();
      for (const part of parts) stream.update(new TextEncoder().encode(part));
      expect(hex(stream.digest())).toBe(sha256Hex(parts.join('')));
    },
  );

  it('takes a view as what it shows, not as the memory behind it', () => {
    const bytes = new TextEncoder().encode('xabcx').subarray(1, 4);
    const stream = createSha256();
    stream.update(bytes);
    expect(hex(stream.digest())).toBe(sha256Hex('abc'));
  });
});
