import type { ShareSearch } from '@shoal/client';
import { ShoalError, type SearchReply, type ShareSummary } from '@shoal/protocol';
import { beforeEach, expect, test } from 'vitest';
import { Listings } from '../../../src/agent/mirror/listings.ts';
import { hashNumber } from '../../samples.ts';

const { signal } = new AbortController();
/** What the tracker lists, the newest first. */
let shares: ShareSummary[];
let asked: (string | undefined)[];
let failAt: number;
let listings: Listings;

beforeEach(() => {
  [shares, asked, failAt] = [[], [], Infinity];
  listings = new Listings({ search }, (name) => !name.startsWith('unwanted'));
});

function search({ limit = 20, cursor }: ShareSearch): Promise<SearchReply> {
  asked.push(cursor);
  if (asked.length === failAt) return Promise.reject(new ShoalError('tracker-unreachable', 'gone'));
  const begin = Number(cursor ?? 0);
  const page = shares.slice(begin, begin + limit);
  const nextCursor = String(begin + limit);
  return Promise.resolve(begin + limit < shares.length ? { shares: page, nextCursor } : { shares: page });
}

/** Registers shares one after the other. */
function register(count: number, changes: Partial<ShareSummary> = {}): void {
  for (let index = 0; index < count; index++) {
    const number = shares.length + 1;
    const time = new Date(number * 1_000).toISOString();
    shares.unshift({
      infoHash:
        `${hashNumber(number % 256).slice(0, 50)}${String(number).padStart(14, '0')}` as ShareSummary['infoHash'],
      name: `share-${number}`,
      length: 10,
      fileCount: 1,
      registeredAt: time,
      seeders: 1,
      leechers: 0,
      matches: [],
      ...changes,
    });
  }
}

test('reads the whole catalogue page by page', async () => {
  register(350);
  await listings.readAll(signal);
  expect(listings.newest()).toHaveLength(350);
  expect(asked).toEqual([undefined, '100', '200', '300']);
});

test('reads on for news only until it meets what it knows', async () => {
  register(350);
  await listings.readAll(signal);
  asked = [];
  register(120);
  await listings.readNews(signal);
  expect(listings.newest()).toHaveLength(470);
  expect(asked).toEqual([undefined, '100']);
});

test('reads what was left out when a reading was broken off', async () => {
  register(350);
  await listings.readAll(signal);
  register(250);
  failAt = asked.length + 2;
  await expect(listings.readNews(signal)).rejects.toMatchObject({ code: 'tracker-unreachable' });
  await listings.readNews(signal);
  expect(listings.newest()).toHaveLength(600);
});

test('forgets what a new catalogue does not list', async () => {
  register(5);
  await listings.readAll(signal);
  shares = shares.slice(0, 2);
  await listings.readAll(signal);
  expect(listings.newest()).toHaveLength(2);
});

test('keeps what it knows when a full reading is broken off', async () => {
  register(150);
  await listings.readAll(signal);
  failAt = asked.length + 2;
  await expect(listings.readAll(signal)).rejects.toMatchObject({ code: 'tracker-unreachable' });
  expect(listings.newest()).toHaveLength(150);
});

test('keeps only what has a name that is wanted', async () => {
  register(2, { name: 'unwanted' });
  register(1);
  await listings.readAll(signal);
  expect(listings.newest()).toHaveLength(1);
});

test('of one name the share that was registered last counts', async () => {
  register(3, { name: 'build' });
  register(1);
  await listings.readAll(signal);
  expect(listings.newest().map(({ infoHash }) => infoHash)).toEqual([shares[0]?.infoHash, shares[1]?.infoHash]);
});

test('what nobody seeds does not count until somebody does', async () => {
  register(1, { name: 'build' });
  register(1, { name: 'build', seeders: 0 });
  await listings.readAll(signal);
  expect(listings.newest().map(({ infoHash }) => infoHash)).toEqual([shares[1]?.infoHash]);
  shares = shares.map((share) => ({ ...share, seeders: 1 }));
  await listings.readNews(signal);
  expect(listings.newest().map(({ infoHash }) => infoHash)).toEqual([shares[0]?.infoHash]);
});
