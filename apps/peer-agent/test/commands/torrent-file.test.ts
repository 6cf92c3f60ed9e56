import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { encodeMetainfo, LIMITS, parseMetainfo } from '@shoal/protocol';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { readTorrent, writeTorrent } from '../../src/commands/torrent-file.ts';
import { aMetainfo } from '../samples.ts';

const hello = aMetainfo();
const other = aMetainfo('hello.txt', 'something else');
let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'shoal-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

test('writes what it reads, and nothing else', async () => {
  const path = await writeTorrent(folder, hello, false);
  expect(path).toBe(join(folder, 'hello.txt.torrent'));
  expect((await readTorrent(path)).infoHash).toBe(hello.infoHash);
  expect(await readdir(folder)).toEqual(['hello.txt.torrent']);
});

test('writes the description of the same share again, for another tracker', async () => {
  await writeTorrent(folder, hello, false);
  const elsewhere = parseMetainfo(encodeMetainfo(hello).replace('localhost:8000', 'localhost:9000'));
  await writeTorrent(folder, elsewhere, false);
  expect((await readTorrent(join(folder, 'hello.txt.torrent'))).document.announce).toBe('http://localhost:9000');
});

test.each([
  ['a description of another share', encodeMetainfo(other)],
  ['something that is no .torrent', 'my notes'],
])('does not replace %s unless asked', async (_what, text) => {
  const path = join(folder, 'hello.txt.torrent');
  await writeFile(path, text);
  await expect(writeTorrent(folder, hello, false)).rejects.toMatchObject({ code: 'target-exists' });
  expect(await readFile(path, 'utf8')).toBe(text);
  await writeTorrent(folder, hello, true);
  expect((await readTorrent(path)).infoHash).toBe(hello.infoHash);
});

test('leaves nothing behind when it cannot write', async () => {
  await mkdir(join(folder, 'hello.txt.torrent'));
  await expect(writeTorrent(folder, hello, true)).rejects.toMatchObject({ code: 'storage-failed' });
  expect(await readdir(folder)).toEqual(['hello.txt.torrent']);
});

test('says that a .torrent is missing, or is a folder', async () => {
  await expect(readTorrent(join(folder, 'missing.torrent'))).rejects.toMatchObject({ code: 'not-found' });
  await expect(readTorrent(folder)).rejects.toMatchObject({ code: 'unreadable' });
});

test('reads no pipe into which nobody may ever write, and no more than a metainfo may have', async () => {
  const [pipe, huge] = [join(folder, 'pipe.torrent'), join(folder, 'huge.torrent')];
  await promisify(execFile)('mkfifo', [pipe]);
  await writeFile(huge, '');
  await truncate(huge, LIMITS.metainfoBytes + 1);
  await expect(readTorrent(pipe)).rejects.toMatchObject({ code: 'unreadable' });
  await expect(readTorrent(huge)).rejects.toMatchObject({ code: 'too-large' });
});
