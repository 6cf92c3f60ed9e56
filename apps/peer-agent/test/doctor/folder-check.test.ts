import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { constants } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { checkReadable, checkWritable } from '../../src/doctor/folder-check.ts';

const { R_OK, W_OK, X_OK } = constants;
let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'shoal-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

test('a folder of ours can be read and written to, and tells its free space', async () => {
  expect(await checkReadable(folder)).toEqual({ path: folder, exists: true });
  const fact = await checkWritable(folder);
  expect(fact).toMatchObject({ path: folder, exists: true });
  expect(fact).not.toHaveProperty('trouble');
  expect(fact.freeBytes).toBeGreaterThan(0);
});

test('a folder that is not there can be made, and is not made', async () => {
  const path = join(folder, 'a/b');
  expect(await checkWritable(path)).toMatchObject({ path, exists: false });
  expect(await checkWritable(path)).not.toHaveProperty('trouble');
  expect(await readdir(folder)).toEqual([]);
});

test('a watched folder that is not there is missing', async () => {
  expect(await checkReadable(join(folder, 'a'))).toMatchObject({ exists: false, trouble: 'missing' });
});

test('a file is no folder, nor can one be made in it', async () => {
  const path = join(folder, 'file');
  await writeFile(path, '');
  expect(await checkReadable(path)).toMatchObject({ trouble: 'not-a-folder' });
  expect(await checkWritable(path)).toMatchObject({ trouble: 'not-a-folder' });
  expect(await checkWritable(join(path, 'a'))).toMatchObject({ exists: false, trouble: 'not-a-folder' });
});

test('a folder without the permission is named so, and asked for no more than is needed', async () => {
  const asked: number[] = [];
  const refuse = (_path: string, mode: number): Promise<void> => {
    asked.push(mode);
    return Promise.reject(new Error('EACCES'));
  };
  expect(await checkReadable(folder, refuse)).toMatchObject({ exists: true, trouble: 'not-readable' });
  expect(await checkWritable(folder, refuse)).toMatchObject({ exists: true, trouble: 'not-writable' });
  expect(await checkWritable(join(folder, 'a'), refuse)).toMatchObject({ exists: false, trouble: 'not-writable' });
  expect(asked).toEqual([R_OK | X_OK, R_OK | W_OK | X_OK, R_OK | W_OK | X_OK]);
});
