import { appendFile, copyFile, mkdir, mkdtemp, rename, rm, symlink, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { BLOCK_HEADER_BYTES } from '@shoal/protocol';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createHasher, fingerprintShare, openShare, verifyShare, type ThreadHasher } from '@shoal/engine/node';
import { sampleShare, type SampleShare } from '@shoal/engine/testing';

let folder: string;
let share: SampleShare;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'shoal-share-'));
  share = sampleShare({ 'a/one': 700_000, 'a/b/two': 500_000, empty: 0 });
  for (const [file, { path }] of share.metainfo.info.files.entries()) {
    await mkdir(dirname(at(...path)), { recursive: true });
    await writeFile(at(...path), share.contents[file]!);
  }
});
afterEach(() => rm(folder, { recursive: true }));

const at = (...path: string[]): string => join(folder, ...path);
const here = () => ({ metainfo: share.metainfo, path: folder });

describe('a complete share', () => {
  it('gives every block of its files', async () => {
    const store = await openShare(here());
    const { layout } = share.metainfo;
    for (const block of [...Array(layout.pieceCount).keys()].flatMap((piece) => layout.blocksOf(piece))) {
      expect(Buffer.compare(await store.readBlock(block), share.bytesOf(block))).toBe(0);
    }
    await store.close();
  });

  it('gives the blocks of a long piece in any order, parts of them, and the same one again', async () => {
    const long = sampleShare({ only: 3_000_000 }, { pieceLength: 2 * 1024 * 1024 });
    await writeFile(at('only'), long.contents[0]!);
    const store = await openShare({ metainfo: long.metainfo, path: folder });
    const { layout } = long.metainfo;
    const [first, second, ...others] = [...layout.blocksOf(0), ...layout.blocksOf(1)];
    const part = { ...second!, begin: second!.begin + 100, length: 5_000 };
    const blocks = [first!, part, ...others.reverse(), second!, first!, second!, first!];
    const read = await Promise.all(blocks.map((block) => store.readBlock(block)));
    for (const [turn, block] of blocks.entries()) {
      expect(Buffer.compare(read[turn]!, long.bytesOf(block))).toBe(0);
    }
    expect(new Set(read.map(({ buffer }) => buffer))).toHaveProperty('size', blocks.length);
    await store.close();
  });

  it('gives blocks in memory of their own, behind room for a header', async () => {
    const store = await openShare(here());
    const block = share.metainfo.layout.blocksOf(2)[0]!;
    const bytes = await store.readBlock(block);
    expect(bytes.buffer.byteLength).toBe(BLOCK_HEADER_BYTES + block.length);
    expect(bytes.byteOffset).toBe(BLOCK_HEADER_BYTES);
    await store.close();
  });

  it.each([
    ['grew', () => appendFile(at('a/one'), 'x')],
    ['was written to', () => utimes(at('a/one'), 1, 1)],
    [
      'was replaced by one that looks alike',
      async () => {
        await copyFile(at('a/one'), at('copy'));
        await rename(at('copy'), at('a/one'));
      },
    ],
    ['is gone', () => rm(at('a/one'))],
    [
      'became a link',
      async () => {
        await rename(at('a/one'), at('moved'));
        await symlink(at('moved'), at('a/one'));
      },
    ],
  ])('gives no byte of a file that %s', async (_what, change) => {
    const store = await openShare(here());
    await change();
    await expect(store.readBlock(share.metainfo.layout.blocksOf(0)[0]!)).rejects.toMatchObject({
      code: 'content-mismatch',
    });
    await store.close();
  });

  it('gives no byte of a file that changed while it was open', async () => {
    const store = await openShare(here());
    const block = share.metainfo.layout.blocksOf(0)[0]!;
    await store.readBlock(block);
    await writeFile(at('a/one'), new Uint8Array(700_000));
    await expect(store.readBlock(block)).rejects.toMatchObject({ code: 'content-mismatch' });
    await store.close();
  });

  it.each([
    ['deleted', () => rm(at('a/one'))],
    [
      'replaced by one with the same bytes',
      async () => {
        await copyFile(at('a/one'), at('a/other'));
        await rename(at('a/other'), at('a/one'));
      },
    ],
  ])('gives no byte of a file that was %s while it was open', async (_what, change) => {
    const store = await openShare(here());
    const block = share.metainfo.layout.blocksOf(0)[0]!;
    await store.readBlock(block);
    await change();
    await expect(store.readBlock(block)).rejects.toMatchObject({ code: 'content-mismatch' });
    await store.close();
  });

  it.each([
    ['is missing', () => rm(at('empty')), 'not-found'],
    ['has another size', () => appendFile(at('empty'), 'x'), 'content-mismatch'],
    [
      'is a folder',
      async () => {
        await rm(at('empty'));
        await mkdir(at('empty'));
      },
      'not-found',
    ],
    [
      'lies behind a link',
      async () => {
        await rename(at('a'), at('real'));
        await symlink(at('real'), at('a'));
      },
      'not-found',
    ],
  ])('is not opened when a file %s', async (_what, change, code) => {
    await change();
    await expect(openShare(here())).rejects.toMatchObject({ code });
  });

  it('is not opened where there is nothing', async () => {
    await expect(openShare({ ...here(), path: at('nowhere') })).rejects.toMatchObject({ code: 'not-found' });
  });
});

describe('the fingerprint of a share', () => {
  it('stays while nobody touches the files', async () => {
    expect(await fingerprintShare(here())).toBe(await fingerprintShare(here()));
  });

  it('changes with any file', async () => {
    const before = await fingerprintShare(here());
    await utimes(at('a/b/two'), 1, 1);
    expect(await fingerprintShare(here())).not.toBe(before);
  });
});

describe('verifying a share', () => {
  let hasher: ThreadHasher;
  beforeAll(() => {
    hasher = createHasher({ threads: 2 });
  });
  afterAll(() => hasher.stop());

  it('finds all well where all is', async () => {
    const report = await verifyShare({ ...here(), hasher });
    expect(report).toMatchObject({ isGood: true, missingFiles: [], wrongSizeFiles: [] });
    expect(report.good.isFull).toBe(true);
  });

  it('names the pieces that are wrong', async () => {
    const bytes = Buffer.from(share.contents[0]!);
    bytes[300_000]! ^= 1;
    await writeFile(at('a/one'), bytes);
    const seen: [number, boolean][] = [];
    const { good, isGood } = await verifyShare({ ...here(), hasher, onPiece: (...piece) => seen.push(piece) });
    expect([...good]).toEqual([0, 2, 3, 4]);
    expect(isGood).toBe(false);
    expect(seen.toSorted(([a], [b]) => a - b)).toEqual([
      [0, true],
      [1, false],
      [2, true],
      [3, true],
      [4, true],
    ]);
  });

  it('names the files that are missing or have a wrong size', async () => {
    await rm(at('a/one'));
    await appendFile(at('a/b/two'), 'x');
    const report = await verifyShare({ ...here(), hasher });
    expect(report).toMatchObject({ isGood: false, missingFiles: ['a/one'], wrongSizeFiles: ['a/b/two'] });
    expect([...report.good]).toEqual([3, 4]);
  });

  it('stops when it is told to', async () => {
    await expect(verifyShare({ ...here(), hasher, signal: AbortSignal.abort(new Error('enough')) })).rejects.toThrow(
      'enough',
    );
  });
});
