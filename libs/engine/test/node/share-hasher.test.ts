import { createHash } from 'node:crypto';
import { appendFileSync, renameSync, rmSync, truncateSync, utimesSync } from 'node:fs';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createMetainfo } from '@shoal/protocol';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { hashShare, ShareThreads, type HashedShare, type ShareHashing } from '@shoal/engine/node';
import { sampleShare, type SampleShare } from '@shoal/engine/testing';

const KIB = 1024;
const MIB = 1024 * KIB;

let threads: ShareThreads;
beforeAll(() => {
  threads = new ShareThreads();
});
afterAll(() => threads.stop());

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'shoal-hash-'));
});
afterEach(() => rm(folder, { recursive: true }));

const at = (...path: string[]): string => join(folder, ...path);

async function put(path: string, content: Uint8Array | string): Promise<void> {
  await mkdir(dirname(at(path)), { recursive: true });
  await writeFile(at(path), content);
}

/** Puts the files of a sample share on disk. */
async function putAll(share: SampleShare): Promise<void> {
  const { info, isSingleFile } = share.metainfo;
  for (const [file, { path }] of info.files.entries()) {
    await put(isSingleFile ? info.name : join(info.name, ...path), share.contents[file]!);
  }
}

function hash(path: string, options: Partial<ShareHashing> = {}): Promise<HashedShare> {
  return hashShare({ path: at(path), threads, ...options });
}

const pathsOf = ({ files }: HashedShare): string[] => files.map(({ path }) => path.join('/'));

describe('hashing a share', () => {
  it.each([
    ['pieces that run across files', { a: 300 * KIB, b: 300 * KIB, c: 1 }, 256 * KIB],
    ['empty files at every place', { a: 0, b: 0, c: 256 * KIB, d: 0, e: 5, f: 0 }, 256 * KIB],
    ['an end on a border of pieces', { a: 256 * KIB, b: 512 * KIB }, 256 * KIB],
    ['files longer than what is read at a time', { a: 9 * MIB + 1, b: 3, c: 8 * MIB, d: 4 * MIB }, 256 * KIB],
    ['pieces longer than what is read at a time', { a: 3 * MIB, b: 7 * MIB }, 8 * MIB],
    ['folders', { 'a/b/c': 5, 'a/d': 300 * KIB, e: 1 }, 256 * KIB],
  ])('finds the metainfo of %s', async (_what, lengths, pieceLength) => {
    const share = sampleShare(lengths, { pieceLength });
    await putAll(share);
    const hashed = await hash('sample', { pieceLength });
    const metainfo = createMetainfo({ announce: 'http://localhost:8000', ...hashed });
    expect(metainfo.infoHash).toBe(share.metainfo.infoHash);
  });

  it('takes one file for a share of its own', async () => {
    const share = sampleShare({ 'film.bin': 1_000_000 }, { name: 'film.bin', pieceLength: 64 * KIB });
    await putAll(share);
    const metainfo = createMetainfo({ announce: 'http://localhost:8000', ...(await hash('film.bin')) });
    expect(metainfo.infoHash).toBe(share.metainfo.infoHash);
    expect(metainfo.isSingleFile).toBe(true);
  });

  it('gives each file the digest that sha256sum prints', async () => {
    await put('a/one', 'eins');
    const [file] = (await hash('a')).files;
    expect(file?.sha256).toBe(createHash('sha256').update('eins').digest('hex'));
  });

  it('orders files by the code points of their names, folder by folder', async () => {
    for (const path of ['b', 'C', 'a/z', 'a-b', 'a.txt', '\u{1f600}', '\uff5e', 'é']) await put(`s/${path}`, 'x');
    const expected = ['C', 'a/z', 'a-b', 'a.txt', 'b', 'é', '\uff5e', '\u{1f600}'];
    expect(pathsOf(await hash('s'))).toEqual(expected);
  });

  it('is the same on threads of its own', async () => {
    const share = sampleShare({ a: 5 * MIB, b: 300 * KIB });
    await putAll(share);
    const hashed = await hashShare({ path: at('sample') });
    expect(Buffer.from(hashed.digests)).toEqual(Buffer.from((await hash('sample')).digests));
  });

  it('tells how far it is', async () => {
    await put('a/one', new Uint8Array(10 * MIB));
    const steps: number[][] = [];
    await hash('a', { onProgress: (...step) => steps.push(step) });
    expect(steps[0]).toEqual([0, 10 * MIB]);
    expect(steps.at(-1)).toEqual([10 * MIB, 10 * MIB]);
    expect(steps.length).toBeGreaterThan(2);
  });

  it('stops when it is told to', async () => {
    await put('a/one', new Uint8Array(30 * MIB));
    const controller = new AbortController();
    const onProgress = (done: number): void => {
      if (done > 0) controller.abort(new Error('enough'));
    };
    await expect(hash('a', { signal: controller.signal, onProgress })).rejects.toThrow('enough');
  });
});

describe('a share is refused', () => {
  it('when there is nothing', async () => {
    await expect(hash('missing')).rejects.toMatchObject({
      code: 'not-found',
      message: expect.stringContaining('missing') as string,
    });
  });

  it('when there is not a byte in it', async () => {
    await put('a/b/empty', '');
    await expect(hash('a')).rejects.toMatchObject({ code: 'empty-share' });
    await expect(hash('a/b/empty')).rejects.toMatchObject({ code: 'empty-share' });
  });

  it('when a link is in it', async () => {
    await put('a/one', 'x');
    await symlink(at('a/one'), at('a/link'));
    await expect(hash('a')).rejects.toMatchObject({
      code: 'unshareable-file',
      message: expect.stringContaining('link') as string,
    });
  });

  it('when a name could not exist everywhere', async () => {
    await put('a/NUL.txt', 'x');
    await expect(hash('a')).rejects.toMatchObject({ code: 'unsafe-path' });
  });

  it('when two names differ only in case', async () => {
    await put('a/one', 'x');
    await put('a/ONE', 'x');
    await expect(hash('a')).rejects.toMatchObject({ code: 'unsafe-path' });
  });

  it.each<[string, () => void]>([
    [
      'grows',
      () => {
        appendFileSync(at('a/one'), 'more');
      },
    ],
    [
      'is replaced',
      () => {
        renameSync(at('other'), at('a/one'));
      },
    ],
    [
      'is changed',
      () => {
        utimesSync(at('a/two'), 1, 1);
      },
    ],
    [
      'goes away',
      () => {
        rmSync(at('a/two'));
      },
    ],
    [
      'is cut off',
      () => {
        truncateSync(at('a/one'), 5);
      },
    ],
  ])('when a file %s meanwhile', async (_what, change) => {
    await put('a/one', new Uint8Array(20 * MIB));
    await put('a/two', 'x');
    await put('other', new Uint8Array(20 * MIB));
    const onProgress = (done: number): void => {
      if (done === 0) change();
    };
    await expect(hash('a', { onProgress })).rejects.toMatchObject({ code: 'changed-while-read' });
  });

  it('but not because the path to it goes over a link', async () => {
    await put('real/one', 'x');
    await symlink(at('real'), at('link'));
    expect(await hash('link')).toMatchObject({ name: 'link', files: [{ path: ['one'] }] });
  });
});
