import { describe, expect, it } from 'vitest';
import { Catalogue } from '../../src/core/catalogue.ts';
import { MemoryStore } from '../../src/store/memory-store.ts';
import { bytesOf, metainfo } from '../metainfos.ts';
import { infoHash } from './desk-world.ts';

function emptyCatalogue(onNew: () => void = () => undefined): Catalogue {
  return new Catalogue(new MemoryStore(), () => ({ seeders: 2, leechers: 3 }), onNew);
}

async function filledCatalogue(count: number): Promise<Catalogue> {
  const catalogue = emptyCatalogue();
  for (let n = 0; n < count; n++) {
    const share = metainfo(`share ${String(n)}`);
    await catalogue.register(share.infoHash, bytesOf(share));
  }
  return catalogue;
}

describe('the catalogue', () => {
  it('says that a share is new, once', async () => {
    let news = 0;
    const catalogue = emptyCatalogue(() => news++);
    const share = metainfo('film');
    await catalogue.register(share.infoHash, bytesOf(share));
    await catalogue.register(share.infoHash, bytesOf(share));
    expect(news).toBe(1);
  });

  it('gives back the metainfo that was registered', async () => {
    const catalogue = emptyCatalogue();
    const photos = metainfo('photos', ['2026/a.jpg', 'notes.txt']);
    expect(await catalogue.register(photos.infoHash, bytesOf(photos))).toBe(true);
    expect(JSON.parse(await catalogue.read(photos.infoHash))).toEqual(photos.document);
  });

  it('keeps the first document when a share is registered again', async () => {
    const catalogue = emptyCatalogue();
    const photos = metainfo('photos');
    const again = { ...photos.document, comment: 'another' };
    await catalogue.register(photos.infoHash, bytesOf(photos));
    const body = new TextEncoder().encode(JSON.stringify(again));
    expect(await catalogue.register(photos.infoHash, body)).toBe(false);
    expect(JSON.parse(await catalogue.read(photos.infoHash))).toEqual(photos.document);
  });

  it('refuses a metainfo under another info hash', async () => {
    const registering = emptyCatalogue().register(infoHash(1), bytesOf(metainfo('photos')));
    await expect(registering).rejects.toMatchObject({ code: 'wrong-info-hash' });
  });

  it('says so when nobody registered a share', async () => {
    const catalogue = emptyCatalogue();
    await expect(catalogue.read(infoHash(1))).rejects.toMatchObject({ code: 'unknown-share' });
    await expect(catalogue.expect(infoHash(1))).rejects.toMatchObject({ code: 'unknown-share' });
  });

  it('describes a hit with its swarm and the inner paths that match', async () => {
    const catalogue = emptyCatalogue();
    const photos = metainfo('photos', ['2026/a.jpg', 'notes.txt']);
    await catalogue.register(photos.infoHash, bytesOf(photos));
    const { shares, nextCursor } = await catalogue.search({ query: 'A.JPG', limit: 10 });
    expect(nextCursor).toBeUndefined();
    expect(shares).toEqual([
      {
        infoHash: photos.infoHash,
        name: 'photos',
        length: 2,
        fileCount: 2,
        registeredAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/) as string,
        seeders: 2,
        leechers: 3,
        matches: ['2026/a.jpg'],
      },
    ]);
  });

  it('shows no inner path for a share of one file, whose path is its name', async () => {
    const catalogue = await filledCatalogue(1);
    const { shares } = await catalogue.search({ query: 'share', limit: 1 });
    expect(shares).toMatchObject([{ name: 'share 0', matches: [] }]);
  });

  it('gives every hit once over its pages, the newest first', async () => {
    const catalogue = await filledCatalogue(7);
    const names: string[] = [];
    const sizes: number[] = [];
    let cursor: string | undefined;
    do {
      const page = await catalogue.search({ query: '', limit: 3, ...(cursor === undefined ? {} : { cursor }) });
      names.push(...page.shares.map((share) => share.name));
      sizes.push(page.shares.length);
      cursor = page.nextCursor;
    } while (cursor !== undefined);
    expect(names).toEqual([6, 5, 4, 3, 2, 1, 0].map((n) => `share ${String(n)}`));
    expect(sizes).toEqual([3, 3, 1]);
  });

  it.each(['', '0', '-1', '1e3', 'x', '9'.repeat(20), ' 1'])('refuses "%s" as a cursor', async (cursor) => {
    const search = emptyCatalogue().search({ query: '', limit: 1, cursor });
    await expect(search).rejects.toMatchObject({ code: 'bad-message' });
  });

  it('counts what is registered', async () => {
    expect(await (await filledCatalogue(3)).count()).toBe(3);
  });
});
