import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { Hasher } from '../shell/ports.ts';

/** The rules of every `Hasher`. The caller stops what it created. */
export function describeHasher(name: string, create: () => Hasher): void {
  const sha256 = (...parts: readonly Uint8Array[]): string => {
    const hash = createHash('sha256');
    for (const part of parts) hash.update(part);
    return hash.digest('hex');
  };
  const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
  const bytes = (length: number, seed: number): Uint8Array => new Uint8Array(length).map((_, at) => at * seed + seed);

  describe(`${name} as a hasher`, () => {
    it('takes the digest of the parts one after the other', async () => {
      const parts = [bytes(262_144, 3), bytes(1, 5), bytes(100_000, 7)];
      const expected = sha256(...parts);
      expect(hex((await create().digest(parts)).digest)).toBe(expected);
    });

    it('gives back the bytes that it was given', async () => {
      const parts = [bytes(262_144, 3), bytes(10, 5)];
      const expected = parts.map((part) => sha256(part));
      const digested = await create().digest(parts);
      expect(digested.parts.map((part) => sha256(part))).toEqual(expected);
    });

    it('leaves bytes alone that lie beside a part in the same memory', async () => {
      const slab = bytes(65_536, 9);
      const before = sha256(slab);
      await create().digest([slab.subarray(100, 60_000)]);
      expect(sha256(slab)).toBe(before);
    });

    it('gives each of many digests to the one who asked', async () => {
      const hasher = create();
      const shares = Array.from({ length: 40 }, (_, seed) => [bytes(5_000 + seed * 1_000, seed)]);
      const expected = shares.map((parts) => sha256(...parts));
      const digested = await Promise.all(shares.map((parts) => hasher.digest(parts)));
      expect(digested.map(({ digest }) => hex(digest))).toEqual(expected);
    });

    it('knows the digest of no bytes', async () => {
      expect(hex((await create().digest([])).digest)).toBe(sha256());
    });
  });
}
