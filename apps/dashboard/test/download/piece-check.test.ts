import { sha256Hex } from '@shoal/protocol';
import { expect, test } from 'vitest';
import { hashBlob, isSameDigest, pieceHasher } from '../../src/download/piece-check.ts';
import { sampleShare, sha256 } from './sample-share.ts';

const bytes = sampleShare([2.5 * 1024 * 1024]).content;

test('a piece has the same digest where the browser hashes and where it does not let us', async () => {
  expect(await pieceHasher(crypto.subtle)(bytes)).toEqual(sha256(bytes));
  expect(await pieceHasher(undefined)(bytes)).toEqual(sha256(bytes));
});

test('a blob is hashed as sha256sum does, and says how far it is', async () => {
  const read: number[] = [];
  expect(await hashBlob(new Blob([bytes]), (length) => read.push(length))).toBe(sha256Hex(bytes));
  expect(read).toEqual([1024 * 1024, 1024 * 1024, 512 * 1024]);
  expect(await hashBlob(new Blob([]), () => undefined)).toBe(sha256Hex(''));
});

test('digests are the same only when all of them is', () => {
  const digest = sha256(bytes);
  expect(isSameDigest(digest, digest.slice())).toBe(true);
  const other = digest.slice();
  other[31]! ^= 1;
  expect(isSameDigest(digest, other)).toBe(false);
  expect(isSameDigest(digest, digest.subarray(0, 31))).toBe(false);
});
