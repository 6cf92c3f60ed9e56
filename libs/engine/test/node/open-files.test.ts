import { mkdtemp, open, rm, type FileHandle } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { sampleShare } from '@shoal/engine/testing';
import { withDescriptor } from '../../src/node/descriptors.ts';
import { OpenFiles } from '../../src/node/open-files.ts';
import { ShareTree } from '../../src/node/share-tree.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'shoal-open-'));
});
afterEach(() => rm(folder, { recursive: true }));

it('has no more descriptors than it may, however many files are used at once', async () => {
  const count = 40;
  const { metainfo } = sampleShare(Object.fromEntries(Array.from({ length: count }, (_, file) => [`f${file}`, 10])));
  let [now, most] = [0, 0];
  const access = {
    open: async (file: number) => {
      most = Math.max(most, ++now);
      return open(join(folder, `f${file}`), 'a+');
    },
    close: async (_file: number, handle: FileHandle) => {
      await handle.close();
      now--;
    },
  };
  const files = new OpenFiles(new ShareTree(metainfo, folder), access, 5);
  const use = (file: number): Promise<unknown> => files.use(file, (handle) => handle.appendFile('x'));
  const all = [...Array(3 * count).keys()].map((turn) => use((turn * 7) % count));
  await Promise.all(all);
  await files.close();
  expect(most).toBe(5);
  expect(now).toBe(0);
});

it('closes what nobody uses when somebody else in the process lacks a descriptor', async () => {
  const { metainfo } = sampleShare({ idle: 10, used: 10, more: 10 });
  const access = {
    open: (file: number) => open(join(folder, `f${file}`), 'a+'),
    close: (_file: number, handle: FileHandle) => handle.close(),
  };
  const files = new OpenFiles(new ShareTree(metainfo, folder), access);
  const isOpen = (handle: FileHandle): boolean => handle.fd !== -1;
  const handleOf = (file: number): Promise<FileHandle> => files.use(file, (handle) => Promise.resolve(handle));
  const idle = await handleOf(0);
  await files.use(1, async (used) => {
    const lack = Object.assign(new Error('no descriptor'), { code: 'EMFILE' });
    const inNeed = await withDescriptor(() => (isOpen(idle) ? Promise.reject(lack) : Promise.resolve('open')));
    expect(inNeed).toBe('open');
    expect(isOpen(used)).toBe(true);
  });
  expect(isOpen(await handleOf(0))).toBe(true);
  await files.close();
});
