import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { ShareRecords, type ShareRecord } from '../../src/agent/share-records.ts';
import { hashNumber } from '../samples.ts';

let folder: string;

beforeEach(async () => {
  folder = join(await mkdtemp(join(tmpdir(), 'shoal-')), 'shares');
});
afterEach(() => rm(dirname(folder), { recursive: true, force: true }));

const share: ShareRecord = {
  version: 1,
  kind: 'share',
  document: '{}',
  path: '/data/photos',
  trackers: ['http://localhost:8000'],
  fingerprint: 'abc',
  origin: { kind: 'watched', folder: '1:2' },
};
const download: ShareRecord = {
  version: 1,
  kind: 'download',
  document: '{}',
  folder: '/data',
  trackers: [],
  origin: { kind: 'mirrored', registeredAt: '2026-01-01T00:00:00.000Z' },
};

test('finds nothing where nothing was remembered', async () => {
  expect(await new ShareRecords(folder).load()).toEqual({ records: [], damaged: [] });
});

test('remembers across processes', async () => {
  const records = new ShareRecords(folder);
  await records.save(hashNumber(1), share);
  await records.save(hashNumber(2), download);
  const { records: loaded } = await new ShareRecords(folder).load();
  expect(loaded).toHaveLength(2);
  expect(loaded).toEqual(expect.arrayContaining([share, download]));
});

test('takes a share that was remembered without its origin for that of a person', async () => {
  const records = new ShareRecords(folder);
  await records.save(hashNumber(1), share);
  const path = join(folder, `${hashNumber(1)}.json`);
  const { origin: _, ...before } = share;
  await writeFile(path, JSON.stringify(before));
  expect((await records.load()).records).toEqual([{ ...share, origin: { kind: 'person' } }]);
});

test('replaces what it remembered of the same share, and leaves nothing else behind', async () => {
  const records = new ShareRecords(folder);
  await records.save(hashNumber(1), download);
  await records.save(hashNumber(1), share);
  expect((await records.load()).records).toEqual([share]);
  expect(await readdir(folder)).toEqual([`${hashNumber(1)}.json`]);
});

test('forgets', async () => {
  const records = new ShareRecords(folder);
  await records.save(hashNumber(1), share);
  await records.delete(hashNumber(1));
  await records.delete(hashNumber(2));
  expect((await records.load()).records).toEqual([]);
});

test.each([
  ['half a file', (text: string) => text.slice(0, 20)],
  ['an empty file', () => ''],
  ['another form', () => '{"version":2}'],
  ['no text', () => '\u0000\ufffd'],
])('names a file that holds %s, keeps it, and goes on with the others', async (_what, damage) => {
  const records = new ShareRecords(folder);
  await records.save(hashNumber(1), share);
  await records.save(hashNumber(2), download);
  const path = join(folder, `${hashNumber(1)}.json`);
  const damaged = damage(await readFile(path, 'utf8'));
  await writeFile(path, damaged);

  const loaded = await records.load();
  expect(loaded.records).toEqual([download]);
  expect(loaded.damaged).toMatchObject([{ code: 'state-damaged', message: expect.stringContaining(path) as unknown }]);
  expect(await readFile(path, 'utf8')).toBe(damaged);
});

test.skipIf(process.platform === 'win32')('lets only the owner read what is shared', async () => {
  await new ShareRecords(folder).save(hashNumber(1), share);
  expect((await stat(folder)).mode & 0o777).toBe(0o700);
  expect((await stat(join(folder, `${hashNumber(1)}.json`))).mode & 0o777).toBe(0o600);
});
