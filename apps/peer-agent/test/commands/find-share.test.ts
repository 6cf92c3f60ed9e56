import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  encodeMetainfo,
  formatShareLink,
  ShoalError,
  type InfoHash,
  type Metainfo,
  type ShareSummary,
} from '@shoal/protocol';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { findShare, type Search } from '../../src/commands/find-share.ts';
import { aMetainfo } from '../samples.ts';

const hello = aMetainfo('hello.txt', 'hello');
const helloAgain = aMetainfo('hello.txt', 'hello again');
const helloBackup = aMetainfo('hello.txt.bak', 'bak');
const trackers = ['http://one', 'http://two'];

let folder: string;
let catalogue: Record<string, Metainfo[] | ShoalError>;
let asked: string[];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'shoal-'));
  catalogue = { 'http://one': [hello], 'http://two': [] };
  asked = [];
});
afterEach(() => rm(folder, { recursive: true, force: true }));

function sharesAt(url: string): Metainfo[] {
  asked.push(url);
  const shares = catalogue[url] ?? [];
  if (shares instanceof ShoalError) throw shares;
  return shares;
}

function summary({ infoHash, info }: Metainfo): ShareSummary {
  const { name, length } = info;
  return { infoHash, name, length, fileCount: 1, registeredAt: '', seeders: 1, leechers: 0, matches: [] };
}

const search = (): Search => ({
  folder,
  trackers,
  signal: new AbortController().signal,
  openTracker: (url) => ({
    get: async (infoHash: InfoHash) => {
      const found = (await Promise.resolve(sharesAt(url))).find((share) => share.infoHash === infoHash);
      if (found === undefined) throw new ShoalError('unknown-share', `asking ${url}`);
      return found;
    },
    search: async ({ query }: { query: string }) => {
      const shares = (await Promise.resolve(sharesAt(url))).filter(({ info }) => info.name.includes(query));
      return { shares: shares.map(summary) };
    },
  }),
});

test('reads a .torrent without asking anybody', async () => {
  await writeFile(join(folder, 'hello.txt.torrent'), encodeMetainfo(hello));
  expect((await findShare('hello.txt.torrent', search())).metainfo.infoHash).toBe(hello.infoHash);
  expect(asked).toEqual([]);
});

test('reads a .torrent of any name whose path is given', async () => {
  await writeFile(join(folder, 'metainfo'), encodeMetainfo(hello));
  expect((await findShare('./metainfo', search())).metainfo.infoHash).toBe(hello.infoHash);
});

test.each(['missing.torrent', 'folder/missing', './missing'])('says that there is no file %s', async (text) => {
  await expect(findShare(text, search())).rejects.toMatchObject({ code: 'not-found' });
  expect(asked).toEqual([]);
});

test.each([
  ['', 'bad-json'],
  ['{"announce":', 'bad-json'],
  ['{}', 'bad-metainfo'],
])('refuses a .torrent that holds %j', async (text, code) => {
  await writeFile(join(folder, 'bad.torrent'), text);
  await expect(findShare('bad.torrent', search())).rejects.toMatchObject({ code });
});

test('gets an info hash from the first tracker that has it', async () => {
  catalogue = { 'http://one': [], 'http://two': [hello] };
  expect(await findShare(hello.infoHash.toUpperCase(), search())).toEqual({ metainfo: hello, tracker: 'http://two' });
});

test('goes on with the next tracker when one does not answer', async () => {
  catalogue = { 'http://one': new ShoalError('tracker-unreachable', 'gone'), 'http://two': [hello] };
  expect((await findShare(hello.infoHash, search())).tracker).toBe('http://two');
});

test('asks the tracker of a link, and no other', async () => {
  catalogue['http://three'] = [hello];
  const link = formatShareLink({ infoHash: hello.infoHash, tracker: 'http://three' });
  expect((await findShare(link, search())).tracker).toBe('http://three');
  expect(asked).toEqual(['http://three']);
});

test('refuses a link without an info hash', async () => {
  await expect(findShare('shoal:hello', search())).rejects.toMatchObject({ code: 'bad-link' });
});

test('takes a name that one share has', async () => {
  expect((await findShare('hello', search())).metainfo).toBe(hello);
});

test('takes the one share that has exactly the name, though others contain it', async () => {
  catalogue['http://one'] = [helloBackup, hello];
  expect((await findShare('hello.txt', search())).metainfo).toBe(hello);
});

test('lists the candidates when several shares have the name', async () => {
  catalogue['http://one'] = [hello, helloAgain];
  await expect(findShare('hello.txt', search())).rejects.toMatchObject({
    code: 'ambiguous-name',
    message: expect.stringContaining(helloAgain.infoHash) as unknown,
  });
});

test('says that no share has the name', async () => {
  catalogue['http://one'] = [];
  await expect(findShare('nothing', search())).rejects.toMatchObject({ code: 'not-found' });
});

test('looks for a name although a file here is called so', async () => {
  await writeFile(join(folder, 'hello.txt'), 'hello');
  expect((await findShare('hello.txt', search())).metainfo).toBe(hello);
});

test('asks for a tracker when none is known', async () => {
  await expect(findShare('hello', { ...search(), trackers: [] })).rejects.toMatchObject({
    code: 'bad-argument',
    message: expect.stringContaining('--tracker') as unknown,
  });
});

test('gives up when the person does', async () => {
  const controller = new AbortController();
  controller.abort(new Error('enough'));
  catalogue = { 'http://one': new ShoalError('tracker-unreachable', 'gone'), 'http://two': [hello] };
  await expect(findShare('hello', { ...search(), signal: controller.signal })).rejects.toThrow('enough');
});

test('asks linked peers for an info hash that no tracker knows', async () => {
  const agent = {
    metainfo: (infoHash: InfoHash) =>
      infoHash === helloBackup.infoHash
        ? Promise.resolve(helloBackup)
        : Promise.reject(new ShoalError('unknown-share', 'asking peers')),
  };
  expect(await findShare(helloBackup.infoHash, { ...search(), agent })).toEqual({ metainfo: helloBackup });
  expect(await findShare(hello.infoHash, { ...search(), agent })).toMatchObject({ tracker: 'http://one' });
  const unknown = findShare(helloAgain.infoHash, { ...search(), agent });
  await expect(unknown).rejects.toMatchObject({ code: 'unknown-share', message: 'asking http://one' });
});

test('asks linked peers when no tracker is known at all', async () => {
  const agent = { metainfo: () => Promise.resolve(hello) };
  expect(await findShare(hello.infoHash, { ...search(), trackers: [], agent })).toEqual({ metainfo: hello });
});
