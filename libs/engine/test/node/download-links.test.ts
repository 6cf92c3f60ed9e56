import { mkdir, readdir, readFile, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { beforeEach, describe, expect, it } from 'vitest';
import { sampleShare } from '@shoal/engine/testing';
import { twoFiles, useDownloads, write } from './download-fixture.ts';

const { at, open } = useDownloads();

describe('a link inside an unfinished download', () => {
  const victim = (): string => at('victim');

  beforeEach(async () => {
    await mkdir(at('in/sample.part/a'), { recursive: true });
    await mkdir(victim());
    await writeFile(at('victim/one'), 'precious');
  });

  const expectUntouched = async (): Promise<void> => {
    expect(await readdir(victim())).toEqual(['one']);
    expect(await readFile(at('victim/one'), 'utf8')).toBe('precious');
  };

  it.each([
    ['a file', () => symlink(at('victim/one'), at('in/sample.part/a/one'))],
    [
      'a folder',
      async () => {
        await rm(at('in/sample.part/a'), { recursive: true });
        await symlink(victim(), at('in/sample.part/a'));
      },
    ],
    [
      'the whole',
      async () => {
        await rm(at('in/sample.part'), { recursive: true });
        await symlink(victim(), at('in/sample.part'));
      },
    ],
  ])('in the place of %s is not written through', async (_what, attack) => {
    await attack();
    const share = twoFiles();
    const { store, have } = await open(share.metainfo);
    expect([...have]).toEqual([]);
    await expect(write(store, share, [0])).rejects.toMatchObject({ code: 'storage-failed' });
    await expectUntouched();
  });

  it('to nothing makes nothing where it leads', async () => {
    await symlink(at('victim/new'), at('in/sample.part/a/one'));
    const share = twoFiles();
    const { store } = await open(share.metainfo);
    await expect(write(store, share, [0])).rejects.toMatchObject({ code: 'storage-failed' });
    await expectUntouched();
  });

  it('has no folder made behind it', async () => {
    await symlink(victim(), at('in/sample.part/b'));
    const share = sampleShare({ 'b/deep/file': 1_000, c: 1_000 });
    const { store } = await open(share.metainfo);
    await expect(write(store, share, [0])).rejects.toMatchObject({ code: 'storage-failed' });
    await expectUntouched();
  });

  it('that comes while the download runs is not written through', async () => {
    const share = twoFiles();
    const { store } = await open(share.metainfo);
    await write(store, share, [3]);
    await rename(at('in/sample.part/a'), at('moved'));
    await symlink(victim(), at('in/sample.part/a'));
    await expect(write(store, share, [0])).rejects.toMatchObject({ code: 'storage-failed' });
    await expectUntouched();
  });

  it('that hides right bytes does not count as having them', async () => {
    const share = twoFiles();
    await mkdir(at('victim/b'));
    await writeFile(at('victim/b/two'), share.contents[1]!);
    await rm(at('in/sample.part/a'), { recursive: true });
    await symlink(victim(), at('in/sample.part/a'));
    expect([...(await open(share.metainfo)).have]).toEqual([]);
  });

  it('that points nowhere makes no file there', async () => {
    const share = sampleShare({ film: 300_000 }, { name: 'film' });
    await symlink(at('victim/new'), at('in/film.part'));
    const { store } = await open(share.metainfo);
    await expect(write(store, share, [0])).rejects.toMatchObject({ code: 'storage-failed' });
    await expectUntouched();
  });

  it('in the place of a one-file download is not written through', async () => {
    const share = sampleShare({ film: 300_000 }, { name: 'film' });
    await symlink(at('victim/one'), at('in/film.part'));
    const { store } = await open(share.metainfo);
    await expect(write(store, share, [0])).rejects.toMatchObject({ code: 'storage-failed' });
    await expectUntouched();
  });
});
