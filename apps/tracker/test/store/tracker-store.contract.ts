import { asInfoHash, peerIdOf, type InfoHash, type PeerId } from '@shoal/protocol';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { CatalogueEntry, Registration, TrackerStore } from '../../src/store/tracker-store.ts';

/** The n-th info hash. */
export function hashOf(n: number): InfoHash {
  return asInfoHash(n.toString(16).padStart(64, '0'))!;
}

/** The n-th peer id. */
export function peerOf(n: number): PeerId {
  return peerIdOf(new Uint8Array([n]));
}

/** A share of the catalogue. */
export function entryOf(n: number, name: string, paths: readonly string[] = []): CatalogueEntry {
  const registeredAt = '2026-11-22T05:48:00Z';
  return { infoHash: hashOf(n), name, length: 3e12, fileCount: 1, registeredAt, paths, document: `{"n":${String(n)}}` };
}

/** The rules of every tracker store. */
export function describeTrackerStore(open: () => Promise<TrackerStore>): void {
  let store: TrackerStore;
  const openStore = async (): Promise<void> => {
    store = await open();
  };
  const closeStore = (): Promise<void> => store.close();

  async function namesOf(text: string, limit = 10, before?: number): Promise<string[]> {
    const hits = await store.search({ text, limit, ...(before === undefined ? {} : { before }) });
    return hits.map((hit) => hit.name);
  }

  describe('shares', () => {
    beforeEach(openStore);
    afterEach(closeStore);

    it('are read back as they were added', async () => {
      expect(await store.addShare(entryOf(1, 'photos'))).toBe(true);
      expect(await store.readDocument(hashOf(1))).toBe('{"n":1}');
      expect(await store.hasShare(hashOf(1))).toBe(true);
      expect(await store.countShares()).toBe(1);
    });

    it('are described, those that are there', async () => {
      await store.addShare(entryOf(1, 'photos'));
      await store.addShare(entryOf(2, 'film'));
      const { paths: _, document: __, ...film } = entryOf(2, 'film');
      expect(await store.describe([hashOf(2), hashOf(3)])).toEqual([film]);
      expect(await store.describe([])).toEqual([]);
    });

    it('that nobody added are not there', async () => {
      expect(await store.readDocument(hashOf(1))).toBeUndefined();
      expect(await store.hasShare(hashOf(1))).toBe(false);
    });

    it('that are there already stay as they are', async () => {
      await store.addShare(entryOf(1, 'photos'));
      expect(await store.addShare({ ...entryOf(1, 'other'), document: '{}' })).toBe(false);
      expect(await store.readDocument(hashOf(1))).toBe('{"n":1}');
      expect(await namesOf('')).toEqual(['photos']);
      expect(await namesOf('other')).toEqual([]);
    });

    it('added at the same time are new only once', async () => {
      const added = await Promise.all([1, 1, 1].map((n) => store.addShare(entryOf(n, 'photos'))));
      expect(added.filter(Boolean)).toHaveLength(1);
    });
  });

  describe('a search', () => {
    beforeAll(async () => {
      await openStore();
      await store.addShare(entryOf(1, 'Photos of Zürich', ['2026/A.jpg', 'notes “draft”.txt', '100%_done.md']));
      await store.addShare(entryOf(2, 'Москва', ['Красная площадь.jpg']));
      await store.addShare(entryOf(3, 'ΟΔΟΣ', ['Straße.txt', 'say "hi".txt', "it's", 'a*b -c AND (d)']));
      await store.addShare(entryOf(4, '東京の写真', ['写真/1.png', '😀 smile.gif']));
    });
    afterAll(closeStore);

    it.each([
      ['tos of z', 'Photos of Zürich'],
      ['ZÜRICH', 'Photos of Zürich'],
      ['Zu\u0308rich', 'Photos of Zürich'],
      ['26/a.j', 'Photos of Zürich'],
      ['“draft”', 'Photos of Zürich'],
      ['100%', 'Photos of Zürich'],
      ['%_', 'Photos of Zürich'],
      ['МОСКВА', 'Москва'],
      ['площадь', 'Москва'],
      ['οδος', 'ΟΔΟΣ'],
      ['οδοσ', 'ΟΔΟΣ'],
      ['STRASSE', 'ΟΔΟΣ'],
      ['straße', 'ΟΔΟΣ'],
      ['"hi"', 'ΟΔΟΣ'],
      ['y "', 'ΟΔΟΣ'],
      ["t's", 'ΟΔΟΣ'],
      ['a*b -c AND (d)', 'ΟΔΟΣ'],
      ['*b', 'ΟΔΟΣ'],
      ['東京の', '東京の写真'],
      ['写真', '東京の写真'],
      ['京', '東京の写真'],
      ['😀', '東京の写真'],
      ['😀 ', '東京の写真'],
      ['😀 s', '東京の写真'],
      ['M', 'Photos of Zürich'],
    ])('for %s finds %s', async (query, name) => {
      expect(await namesOf(query)).toContain(name);
    });

    it.each([
      '%',
      '_x',
      '"',
      '""',
      "' OR 1=1 --",
      'photos*',
      'NOT x',
      'name : x',
      '\0',
      'a\0b',
      'h\n2026',
      'ß\u0000',
      '\ud800',
      'zz',
    ])('takes %j as text', async (query) => {
      const found = await namesOf(query);
      expect(found).toEqual(query === '%' ? ['Photos of Zürich'] : query === '"' ? ['ΟΔΟΣ'] : []);
    });

    it('does not find what begins in one path and ends in the next', async () => {
      expect(await namesOf('jpgnotes')).toEqual([]);
    });

    it('names the inner paths that match, as they are written', async () => {
      const [hit] = await store.search({ text: 'a', limit: 1, before: 2 });
      expect(hit?.matches).toEqual(['2026/A.jpg', 'notes “draft”.txt']);
    });

    it('with no text finds all, and names no paths', async () => {
      const hits = await store.search({ text: '', limit: 10 });
      expect(hits.map((hit) => hit.infoHash)).toEqual([4, 3, 2, 1].map(hashOf));
      expect(hits.flatMap((hit) => hit.matches)).toEqual([]);
    });
  });

  describe('the hits of a search', () => {
    beforeEach(openStore);
    afterEach(closeStore);

    it('names at most ten inner paths', async () => {
      await store.addShare(
        entryOf(
          5,
          'many',
          Array.from({ length: 20 }, (_, n) => `page ${String(n)}`),
        ),
      );
      const [hit] = await store.search({ text: 'page', limit: 1 });
      expect(hit?.matches).toHaveLength(10);
    });

    it.each(['jpg', 'ph', '.'])('for "%s" gives the newest first, in pages', async (query) => {
      for (let n = 10; n < 15; n++) await store.addShare(entryOf(n, `ph.jpg ${String(n)}`));
      const first = await store.search({ text: query, limit: 3 });
      expect(first.map((hit) => hit.name)).toEqual(['ph.jpg 14', 'ph.jpg 13', 'ph.jpg 12']);
      expect((await namesOf(query, 3, first.at(-1)?.position)).slice(0, 2)).toEqual(['ph.jpg 11', 'ph.jpg 10']);
    });
  });

  describe('registrations', () => {
    beforeEach(openStore);
    afterEach(closeStore);

    const one: Registration = { infoHash: hashOf(1), peerId: peerOf(1), host: '10.0.0.1', port: 4_000, left: 3e12 };
    const two: Registration = { infoHash: hashOf(1), peerId: peerOf(2), host: '2001:db8::1', port: 0, left: 0 };

    it('are read back as they were written', async () => {
      await store.saveRegistrations([one, two], []);
      expect(await store.loadRegistrations()).toEqual(expect.arrayContaining([one, two]));
    });

    it('that changed are replaced', async () => {
      await store.saveRegistrations([one], []);
      await store.saveRegistrations([{ ...one, host: '10.0.0.9', left: 5 }], []);
      expect(await store.loadRegistrations()).toEqual([{ ...one, host: '10.0.0.9', left: 5 }]);
    });

    it('that were removed are gone, and only those', async () => {
      await store.saveRegistrations([one, two], []);
      await store.saveRegistrations([], [one, { infoHash: hashOf(2), peerId: peerOf(2) }]);
      expect(await store.loadRegistrations()).toEqual([two]);
    });
  });

  it('answers a check', async () => {
    await openStore();
    await expect(store.check()).resolves.toBeUndefined();
    await closeStore();
  });
}
