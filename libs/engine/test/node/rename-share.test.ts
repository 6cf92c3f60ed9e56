import { link, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { renameShare } from '../../src/node/index.ts';

let base: string;
let from: string;
let to: string;

beforeEach(async () => {
  base = await mkdtemp(join(tmpdir(), 'shoal-'));
  [from, to] = [join(base, 'from'), join(base, 'new', 'to')];
});
afterEach(() => rm(base, { recursive: true, force: true }));

test('gives a file another name, in a folder that it makes', async () => {
  await writeFile(from, 'film');
  await renameShare({ from, to, isSingleFile: true });
  expect([await readFile(to, 'utf8'), await readdir(base)]).toEqual(['film', ['new']]);
});

test('gives a folder another name', async () => {
  await mkdir(from);
  await writeFile(join(from, 'a'), 'text');
  await renameShare({ from, to, isSingleFile: false });
  expect([await readdir(to), await readdir(base)]).toEqual([['a'], ['new']]);
});

test('does nothing when it has happened already', async () => {
  await mkdir(join(base, 'new'));
  await writeFile(to, 'film');
  await renameShare({ from, to, isSingleFile: true });
  expect(await readFile(to, 'utf8')).toBe('film');
});

test('goes on where it was killed between the two names of a file', async () => {
  await mkdir(join(base, 'new'));
  await writeFile(from, 'film');
  await link(from, to);
  await renameShare({ from, to, isSingleFile: true });
  expect([await readFile(to, 'utf8'), await readdir(base)]).toEqual(['film', ['new']]);
});

test('leaves nothing at a name that it could not give', async () => {
  await mkdir(from);
  await expect(renameShare({ from, to, isSingleFile: true })).rejects.toMatchObject({ code: 'target-exists' });
  expect(await readdir(join(base, 'new'))).toEqual([]);
});

test('replaces no file and no folder with something in it', async () => {
  await writeFile(from, 'film');
  await mkdir(join(base, 'new'));
  await writeFile(to, 'mine');
  await expect(renameShare({ from, to, isSingleFile: true })).rejects.toMatchObject({ code: 'target-exists' });
  expect([await readFile(from, 'utf8'), await readFile(to, 'utf8')]).toEqual(['film', 'mine']);

  await rm(from);
  await mkdir(from);
  await expect(renameShare({ from, to, isSingleFile: false })).rejects.toMatchObject({ code: 'target-exists' });
  await rm(to);
  await mkdir(to);
  await writeFile(join(to, 'mine'), '');
  await expect(renameShare({ from, to, isSingleFile: false })).rejects.toMatchObject({ code: 'target-exists' });
});

test('says when there is nothing to rename', async () => {
  await expect(renameShare({ from, to, isSingleFile: true })).rejects.toMatchObject({ code: 'storage-failed' });
});
