import { appendFile, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { watchForNews, type News } from '../../../src/agent/watch/news.ts';

const PATIENCE = { timeout: 20_000 };

let base: string;
let folders: string[];
let told: Set<string>;
let news: News;

beforeEach(async () => {
  base = await mkdtemp(join(tmpdir(), 'shoal-'));
  folders = [join(base, 'one'), join(base, 'two')];
  told = new Set();
  await mkdir(join(base, 'one', 'photos', 'summer'), { recursive: true });
  await writeFile(join(base, 'one', 'film.bin'), 'film');
});
afterEach(async () => {
  await news.stop();
  await rm(base, { recursive: true, force: true });
});

/** Watches, and waits until it watches everything and news of the first folder comes through. */
async function begin(): Promise<void> {
  news = watchForNews(folders, (folder, name) => told.add(`${folders.indexOf(folder)} ${name}`));
  await expect
    .poll(async () => {
      await writeFile(join(base, 'one', 'begun'), String(Math.random()));
      return told.has('0 ') && told.has('0 begun');
    }, PATIENCE)
    .toBe(true);
  told.clear();
}

test.each<[string, string, () => Promise<void>]>([
  ['a new file', '0 new.bin', () => writeFile(join(base, 'one', 'new.bin'), 'new')],
  ['a file that grows', '0 film.bin', () => appendFile(join(base, 'one', 'film.bin'), 's')],
  ['a file that is gone', '0 film.bin', () => rm(join(base, 'one', 'film.bin'))],
  ['a new file deep inside', '0 photos', () => writeFile(join(base, 'one', 'photos', 'summer', 'a.jpg'), 'a')],
  ['a folder that is gone', '0 photos', () => rm(join(base, 'one', 'photos'), { recursive: true })],
])('tells of %s by the entry that it is of', async (_what, expected, change) => {
  await begin();
  await change();
  await expect.poll(() => told.has(expected), PATIENCE).toBe(true);
});

test('tells of a folder that is a link', async () => {
  await symlink(join(base, 'one'), join(base, 'link'));
  folders = [join(base, 'link'), join(base, 'two')];
  await begin();
  await writeFile(join(base, 'one', 'photos', 'summer', 'a.jpg'), 'a');
  await expect.poll(() => told.has('0 photos'), PATIENCE).toBe(true);
});

test('tells when it watches everything, for what happened before', async () => {
  news = watchForNews(folders, (folder, name) => told.add(`${folders.indexOf(folder)} ${name}`));
  await expect.poll(() => told.has('0 ') && told.has('1 '), PATIENCE).toBe(true);
});

test('tells of a file deep inside that changes, also in a folder that is new', async () => {
  await begin();
  await mkdir(join(base, 'one', 'new', 'inside'), { recursive: true });
  await expect.poll(() => told.has('0 new'), PATIENCE).toBe(true);
  await expect
    .poll(async () => {
      told.clear();
      await writeFile(join(base, 'one', 'new', 'inside', 'a'), String(Math.random()));
      return told.has('0 new');
    }, PATIENCE)
    .toBe(true);
});

test('tells of a folder that was not there when it began', async () => {
  await begin();
  await mkdir(join(base, 'two'));
  await expect
    .poll(async () => {
      await writeFile(join(base, 'two', 'new.bin'), String(Math.random()));
      return told.has('1 new.bin');
    }, PATIENCE)
    .toBe(true);
});
