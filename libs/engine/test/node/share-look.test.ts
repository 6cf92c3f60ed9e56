import { mkdir, mkdtemp, rename, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createMetainfo } from '@shoal/protocol';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { fingerprintShare, hashShare, lookAtShare } from '../../src/node/index.ts';

const THEN = new Date(1_000_000);
let path: string;

beforeEach(async () => {
  path = join(await mkdtemp(join(tmpdir(), 'shoal-')), 'photos');
  await mkdir(join(path, 'b'), { recursive: true });
  for (const name of ['a.txt', 'b/c.txt']) await put(name, 'same');
});
afterEach(() => rm(join(path, '..'), { recursive: true, force: true }));

/** Writes a file whose time of change tells nothing. */
async function put(name: string, text: string): Promise<void> {
  await writeFile(join(path, name), text);
  await utimes(join(path, name), THEN, THEN);
}

test('says the same as the fingerprint of the share that it may become', async () => {
  const metainfo = createMetainfo({ announce: 'http://localhost:8000', ...(await hashShare({ path })) });
  const look = await lookAtShare(path);
  expect(look.fingerprint).toBe(await fingerprintShare({ metainfo, path }));
  expect(look.hasFilesOf(metainfo)).toBe(true);
});

test('looks the same as long as nothing changes', async () => {
  expect((await lookAtShare(path)).key).toBe((await lookAtShare(path)).key);
});

test.each<[string, () => Promise<void>]>([
  ['a file that grows', () => put('a.txt', 'longer')],
  ['another time of change', () => writeFile(join(path, 'a.txt'), 'else')],
  ['a new file', () => put('new.txt', 'new')],
  ['a file that is gone', () => rm(join(path, 'a.txt'))],
  ['another name', () => rename(join(path, 'a.txt'), join(path, 'aa.txt'))],
  [
    'another file in its place, of the same size and time',
    async () => {
      await put('other', 'else');
      await rename(join(path, 'other'), join(path, 'a.txt'));
    },
  ],
])('tells %s', async (_what, change) => {
  const before = await lookAtShare(path);
  await change();
  expect((await lookAtShare(path)).key).not.toBe(before.key);
});

test.each<[string, () => Promise<void>]>([
  ['has a file more', () => put('new.txt', 'new')],
  ['has a file less', () => rm(join(path, 'a.txt'))],
  ['calls one otherwise', () => rename(join(path, 'a.txt'), join(path, 'aa.txt'))],
])('does not take a folder for a share that %s', async (_what, change) => {
  const metainfo = createMetainfo({ announce: 'http://localhost:8000', ...(await hashShare({ path })) });
  await change();
  expect((await lookAtShare(path)).hasFilesOf(metainfo)).toBe(false);
});
