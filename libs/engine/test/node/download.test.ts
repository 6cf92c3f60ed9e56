import { access, mkdir, readdir, readFile, rm, symlink, truncate, writeFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import type { Block } from '@shoal/protocol';
import { describePieceStore, sampleShare, type SampleShare } from '@shoal/engine/testing';
import { allOf, useDownloads, write } from './download-fixture.ts';

const { at: inFolder, open } = useDownloads();
const at = (...path: string[]): string => inFolder('in', ...path);

const folderShare = (): SampleShare => sampleShare({ 'a/one': 700_000, 'a/b/two': 500_000, empty: 0 });
const fileShare = (): SampleShare => sampleShare({ 'film.bin': 1_000_000 }, { name: 'film.bin' });

/** Downloads some pieces, and ends as a process does that is asked to. */
async function leave(share: SampleShare, pieces: readonly number[]): Promise<void> {
  const { store } = await open(share.metainfo);
  await write(store, share, pieces);
  await store.close();
}

describePieceStore('a download', async (metainfo) => (await open(metainfo)).store);

describe('a finished download', () => {
  it('stands under its own name with the bytes of the original, and nothing beside it', async () => {
    const share = folderShare();
    const { store } = await open(share.metainfo);
    await write(store, share, allOf(share));
    expect(await readdir(at())).not.toContain('sample');
    await store.finish();
    await store.close();
    expect(await readdir(at())).toEqual(['sample']);
    const paths = ['a/one', 'a/b/two', 'empty'];
    for (const [file, path] of paths.entries()) {
      expect((await readFile(at('sample', path))).equals(share.contents[file]!)).toBe(true);
    }
  });

  it('of one file is that file', async () => {
    const share = fileShare();
    const { store } = await open(share.metainfo);
    await write(store, share, allOf(share));
    await store.finish();
    await store.close();
    expect(await readdir(at())).toEqual(['film.bin']);
    expect((await readFile(at('film.bin'))).equals(share.contents[0]!)).toBe(true);
  });

  it('is known as complete when it is opened again', async () => {
    for (const share of [folderShare(), fileShare()]) {
      const { store } = await open(share.metainfo);
      await write(store, share, allOf(share));
      await store.finish();
      await store.close();
      const again = await open(share.metainfo);
      expect(again.have.isFull).toBe(true);
      await again.store.finish();
    }
  });

  it('that is closed before its check ends does not get its name', async () => {
    const share = folderShare();
    const { store } = await open(share.metainfo);
    await write(store, share, allOf(share));
    const finished = expect(store.finish()).rejects.toMatchObject({ code: 'shutting-down' });
    await store.close();
    await finished;
    expect(await readdir(at())).not.toContain('sample');
    expect((await open(share.metainfo)).have.isFull).toBe(true);
  });

  it.each([folderShare, fileShare])('never replaces what has got its name meanwhile', async (make) => {
    const share = make();
    const { store } = await open(share.metainfo);
    await write(store, share, allOf(share));
    const { name } = share.metainfo.info;
    await (share.metainfo.isSingleFile ? writeFile(at(name), 'mine') : mkdir(at(name, 'mine'), { recursive: true }));
    await expect(store.finish()).rejects.toMatchObject({ code: 'target-exists' });
    await expect(share.metainfo.isSingleFile ? readFile(at(name), 'utf8') : readdir(at(name))).resolves.toContain(
      'mine',
    );
  });

  it('takes the place of an empty folder', async () => {
    const share = folderShare();
    await mkdir(at('sample'));
    const { store } = await open(share.metainfo);
    await write(store, share, allOf(share));
    await store.finish();
    expect(await readdir(at('sample'))).toEqual(['a', 'empty']);
  });

  it('has no byte after the end of its files', async () => {
    const share = folderShare();
    await leave(share, allOf(share));
    await writeFile(at('sample.part/a/one'), 'more', { flag: 'a' });
    await writeFile(at('sample.part/empty'), 'more');
    const { store } = await open(share.metainfo);
    await store.finish();
    expect((await readFile(at('sample/a/one'))).equals(share.contents[0]!)).toBe(true);
    expect(await readFile(at('sample/empty'), 'utf8')).toBe('');
  });

  it('is not made of bytes that changed after they were verified', async () => {
    const share = folderShare();
    await leave(share, allOf(share));
    const bytes = await readFile(at('sample.part/a/one'));
    bytes[300_000]! ^= 1;
    await writeFile(at('sample.part/a/one'), bytes);
    const { store } = await open(share.metainfo);
    await expect(store.finish()).rejects.toMatchObject({
      code: 'content-mismatch',
      message: expect.stringContaining('a/one') as string,
    });
    await store.close();
    const again = await open(share.metainfo);
    expect([...again.have]).toEqual(allOf(share).filter((piece) => piece !== 1));
  });
});

describe('a tiny file', () => {
  it('is refused when its bytes are not its own', async () => {
    const share = sampleShare({ one: 3_000, two: 5_000, empty: 0 });
    const { store } = await open(share.metainfo);
    const parts = share.partsOf(0).map((part) => part.slice());
    parts[0]![4_000]! ^= 1;
    await store.writePiece(0, parts);
    await expect(store.finish()).rejects.toMatchObject({
      code: 'content-mismatch',
      message: expect.stringMatching(/1 files .* two/) as string,
    });
  });
});

describe('the target', () => {
  it('is refused when something else has its name', async () => {
    const share = folderShare();
    await mkdir(at('sample/a'), { recursive: true });
    await writeFile(at('sample/a/one'), 'other');
    await expect(open(share.metainfo)).rejects.toMatchObject({ code: 'target-exists' });
  });

  it('is refused when it has the right sizes and a wrong byte', async () => {
    const share = fileShare();
    const bytes = Buffer.from(share.contents[0]!);
    bytes[999_999]! ^= 1;
    await writeFile(at('film.bin'), bytes);
    await expect(open(share.metainfo)).rejects.toMatchObject({ code: 'target-exists' });
  });

  it('is refused when a link stands there, even one to the right bytes', async () => {
    const share = fileShare();
    await writeFile(at('elsewhere'), share.contents[0]!);
    await symlink(at('elsewhere'), at('film.bin'));
    await expect(open(share.metainfo)).rejects.toMatchObject({ code: 'target-exists' });
  });

  it('may be in a folder that is not there yet', async () => {
    const share = fileShare();
    const { store } = await open(share.metainfo, { folder: at('a/b') });
    await write(store, share, allOf(share));
    await store.finish();
    expect(await readdir(at('a/b'))).toEqual(['film.bin']);
  });

  it('is not a folder where a file is', async () => {
    await writeFile(at('file'), '');
    const share = fileShare();
    for (const folder of [at('file'), at('file/below')]) {
      await expect(open(share.metainfo, { folder })).rejects.toMatchObject({ code: 'not-found' });
    }
  });

  it('may have a name of the greatest length', async () => {
    const name = `${'ж'.repeat(125)}.bin`;
    const share = sampleShare({ [name]: 300_000 }, { name });
    const { store } = await open(share.metainfo);
    await write(store, share, allOf(share));
    await store.finish();
    expect(await readdir(at())).toContain(name);
  });
});

describe('an unfinished download', () => {
  it('goes on from what an earlier process left', async () => {
    const share = folderShare();
    await leave(share, [0, 3]);
    const { store, have } = await open(share.metainfo);
    expect([...have]).toEqual([0, 3]);
    await write(store, share, [1, 2, 4]);
    await store.finish();
    expect(await readdir(at())).toContain('sample');
  });

  it('believes its have-map without reading the files', async () => {
    const share = fileShare();
    await leave(share, [0, 1]);
    await writeFile(at('film.bin.part'), Buffer.alloc(1_000_000));
    expect([...(await open(share.metainfo)).have]).toEqual([0, 1]);
  });

  it.each([
    ['damaged', (text: string) => text.replace(/"pieces":"./, '"pieces":"/')],
    ['cut off', (text: string) => text.slice(0, -10)],
    ['empty', () => ''],
    ['huge', (text: string) => text.padEnd(100_000)],
    ['of another share', (text: string) => text.replace(/"infoHash":"./, '"infoHash":"f')],
  ])('does not believe a have-map that is %s, and checks the pieces instead', async (_what, change) => {
    const share = folderShare();
    await leave(share, [0, 2]);
    await writeFile(at('sample.part.have'), change(await readFile(at('sample.part.have'), 'utf8')));
    const bytes = await readFile(at('sample.part/a/one'));
    bytes[0]! ^= 1;
    await writeFile(at('sample.part/a/one'), bytes);
    expect([...(await open(share.metainfo)).have]).toEqual([2]);
  });

  it('does not believe a have-map that is ahead of the files', async () => {
    const share = folderShare();
    await leave(share, [0, 2, 4]);
    await truncate(at('sample.part/a/b/two'), 400_000);
    expect([...(await open(share.metainfo)).have]).toEqual([0, 2]);
  });

  it('keeps what is there when the have-map is gone, and begins afresh when the files are', async () => {
    const share = folderShare();
    await leave(share, [0, 2]);
    await rm(at('sample.part.have'));
    const first = await open(share.metainfo);
    expect([...first.have]).toEqual([0, 2]);
    await write(first.store, share, [1]);
    await first.store.close();
    await rm(at('sample.part'), { recursive: true });
    expect([...(await open(share.metainfo)).have]).toEqual([]);
  });

  it('tidies up when a process ended just after giving the final name', async () => {
    const share = fileShare();
    await leave(share, [0, 1]);
    await writeFile(at('film.bin'), share.contents[0]!);
    await rm(at('film.bin.part'));
    const { have } = await open(share.metainfo);
    expect(have.isFull).toBe(true);
    expect(await readdir(at())).toEqual(['film.bin']);
  });

  it('is refused to a second one at the same time, and free when the first lets go', async () => {
    const share = folderShare();
    const { store } = await open(share.metainfo);
    await expect(open(share.metainfo)).rejects.toMatchObject({ code: 'download-locked' });
    await store.close();
    await open(share.metainfo);
  });

  it('is free when the process that claimed it is gone', async () => {
    const share = folderShare();
    await writeFile(at('sample.part.4194305-1-.lock'), '');
    await writeFile(at(`sample.part.${process.pid}-1-.lock`), '');
    await open(share.metainfo);
    expect((await readdir(at())).filter((name) => name.endsWith('.lock'))).toHaveLength(1);
  });

  it('claims a piece only when it is durable', async () => {
    const share = folderShare();
    const { store } = await open(share.metainfo);
    await write(store, share, [0, 1]);
    await expect(access(at('sample.part.have'))).rejects.toThrow();
    await store.close();
    await access(at('sample.part.have'));
  });
});

describe('a download that serves others while it finishes', () => {
  it('hands out every block all the time, under the old name and under the final one', async () => {
    // More files than are kept open, so that reading opens files by name all the time.
    const lengths = Object.fromEntries(Array.from({ length: 200 }, (_, file) => [`f${file}`, 10_000]));
    const share = sampleShare(lengths);
    const { store } = await open(share.metainfo);
    await write(store, share, allOf(share));
    const blocks = allOf(share).flatMap((piece) => share.metainfo.layout.blocksOf(piece));
    let isFinished = false;
    const serve = async (block: Block): Promise<void> => {
      do {
        expect(Buffer.from(share.bytesOf(block)).equals(await store.readBlock(block))).toBe(true);
      } while (!isFinished);
    };
    const served = Promise.all(blocks.map(serve));
    await store.finish();
    isFinished = true;
    await served;
    expect(await readdir(at())).toEqual(['sample']);
  });
});
