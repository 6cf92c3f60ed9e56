import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { isShareName, lookAtEntry, lookIntoFolder } from '../../../src/agent/watch/share-folder.ts';

const { signal } = new AbortController();
let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'shoal-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

test.each(['film.bin', 'photos', 'part', 'film.part.zip', 'torrent', 'a.have'])('%s may be a share', (name) => {
  expect(isShareName(name)).toBe(true);
});

test.each([
  '.hidden',
  '.incoming',
  'film.bin.part',
  'film.bin.part.have',
  'film.bin.part.have.new',
  'film.bin.part.4711-123456-82be6570.lock',
  'film.bin.torrent',
  'FILM.TORRENT',
])('%s is none', (name) => {
  expect(isShareName(name)).toBe(false);
});

test('lists what may be shared, and nothing inside it', async () => {
  await mkdir(join(folder, 'photos'));
  await writeFile(join(folder, 'photos', 'a.jpg'), 'x');
  await writeFile(join(folder, '.hidden'), 'x');
  expect((await lookIntoFolder(folder)).names).toEqual(['photos']);
});

test('tells a folder from another at the same path', async () => {
  const { identity } = await lookIntoFolder(folder);
  expect((await lookIntoFolder(folder)).identity).toBe(identity);
  const other = await mkdtemp(join(tmpdir(), 'shoal-'));
  expect((await lookIntoFolder(other)).identity).not.toBe(identity);
  await rm(other, { recursive: true });
});

test('says that there is no such folder', async () => {
  await writeFile(join(folder, 'file'), 'x');
  await expect(lookIntoFolder(join(folder, 'none'))).rejects.toMatchObject({ code: 'not-found' });
  await expect(lookIntoFolder(join(folder, 'file'))).rejects.toMatchObject({ code: 'not-found' });
});

test('takes no link for what it leads to', async () => {
  await writeFile(join(folder, 'file'), 'x');
  await symlink('file', join(folder, 'link'));
  await expect(lookAtEntry(join(folder, 'link'), signal)).rejects.toMatchObject({ code: 'unshareable-file' });
  await expect(lookAtEntry(join(folder, 'file'), signal)).resolves.toMatchObject({ key: expect.any(String) as string });
});
