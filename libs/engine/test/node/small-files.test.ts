import { mkdir, mkdtemp, open, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sampleShare } from '@shoal/engine/testing';
import { SmallFiles } from '@shoal/engine/node';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { SyncFileSystem } from '../../src/node/file-system-sync.ts';
import { PartFiles, type OpenFile } from '../../src/node/part-files.ts';
import { ShareTree } from '../../src/node/share-tree.ts';

let folder: string;
let files: SmallFiles;
const at = (...path: string[]): string => join(folder, ...path);

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'shoal-small-files-'));
  files = new SmallFiles();
});

afterEach(async () => {
  await files.stop();
  await rm(folder, { recursive: true });
});

describe('threads for small files', () => {
  it('write runs in parts, wherever in the file they belong', async () => {
    await writeFile(at('b'), '......');
    await files.write([
      { path: at('a'), offset: 0, parts: [Buffer.from('he'), Buffer.from('llo')] },
      { path: at('b'), offset: 2, parts: [Buffer.from('xy')] },
    ]);
    expect(await readFile(at('a'), 'utf8')).toBe('hello');
    expect(await readFile(at('b'), 'utf8')).toBe('..xy..');
  });

  it.each([
    ['memory of their own', new ArrayBuffer(12)],
    ['memory that is shared', new SharedArrayBuffer(12)],
  ])('read runs into %s, and say how the files are', async (_, memory) => {
    await writeFile(at('a'), 'hello');
    await writeFile(at('b'), '..xy..');
    const into = new Uint8Array(memory).fill(0x2d);
    const facts = await files.read(
      [
        { path: at('a'), offset: 1, length: 4, at: 1 },
        { path: at('b'), offset: 2, length: 2, at: 9 },
      ],
      into,
    );
    expect(Buffer.from(into).toString()).toBe('-ello----xy-');
    expect(facts).toEqual(await files.look([at('a'), at('b')]));
    expect(facts.map((found) => found?.size)).toEqual([5, 6]);
  });

  it('see no file where there is none, or something else', async () => {
    await mkdir(at('folder'));
    await symlink('folder', at('link'));
    const found = await files.look([at('nothing'), at('folder'), at('link'), at('folder/below/it')]);
    expect(found).toEqual([undefined, undefined, undefined, undefined]);
  });

  it('say which file ends too early, and what the system says of others', async () => {
    await writeFile(at('a'), 'hello');
    const into = new Uint8Array(9);
    const read = (path: string) => files.read([{ path, offset: 0, length: 9, at: 0 }], into);
    await expect(read(at('a'))).rejects.toMatchObject({ code: 'ESHORT', path: at('a') });
    await expect(read(at('b'))).rejects.toMatchObject({ code: 'ENOENT', path: at('b') });
  });

  it('do nothing any more once they are stopped', async () => {
    await files.stop();
    await expect(files.look([at('a')])).rejects.toMatchObject({ code: 'shutting-down' });
  });
});

describe.runIf(process.platform === 'linux')('links in the way of a small file', () => {
  it('are not written through', async () => {
    await mkdir(at('real'));
    await symlink('real', at('link'));
    await writeFile(at('other'), 'stays');
    await symlink('other', at('file'));
    const write = (path: string) => files.write([{ path, offset: 0, parts: [Buffer.from('bad')] }]);
    await expect(write(at('link/a'))).rejects.toMatchObject({ code: 'ELOOP' });
    await expect(write(at('file'))).rejects.toMatchObject({ code: 'ELOOP' });
    expect(await readFile(at('other'), 'utf8')).toBe('stays');
    expect(await readFile(at('real/a'), 'utf8')).toBe('');
  });
});

describe.runIf(process.platform === 'linux')('many small files that are made durable together', () => {
  const share = sampleShare(
    Object.fromEntries(
      Array.from({ length: 200 }, (_, file) => [`d${file % 7}/f${file}`, file === 9 ? 600_000 : 5_000]),
    ),
  );
  const { layout, info } = share.metainfo;
  const pieces = [...Array(layout.pieceCount).keys()];
  const partFiles = (syncAll: SyncFileSystem, openFile: OpenFile = open): PartFiles =>
    new PartFiles(new ShareTree(share.metainfo, at('sample.part'), files), { syncAll, openFile });

  it('are written and read as they are, large ones among them', async () => {
    const parts = partFiles(() => Promise.resolve(true));
    await Promise.all(pieces.map((piece) => parts.writePiece(piece, share.partsOf(piece))));
    for (const [file, { path }] of info.files.entries()) {
      expect((await readFile(at('sample.part', ...path))).equals(share.contents[file]!)).toBe(true);
    }
    const whole = await Promise.all(
      pieces.map((piece) => parts.readBlock({ piece, begin: 0, length: layout.bytesOf(piece) })),
    );
    expect(Buffer.concat(whole).equals(Buffer.concat(share.contents))).toBe(true);
    await parts.close();
  });

  it('take one call, and none when nothing was written since', async () => {
    let calls = 0;
    const parts = partFiles(() => {
      calls++;
      return Promise.resolve(true);
    });
    await parts.writePiece(0, share.partsOf(0));
    await parts.sync();
    await parts.sync();
    expect(calls).toBe(1);
    await parts.writePiece(1, share.partsOf(1));
    await parts.close();
    expect(calls).toBe(2);
  });

  it('are never called durable after that failed once', async () => {
    let calls = 0;
    const parts = partFiles(() => (calls++ === 0 ? Promise.reject(new Error('EIO')) : Promise.resolve(true)));
    await parts.writePiece(0, share.partsOf(0));
    await expect(parts.sync()).rejects.toMatchObject({ code: 'storage-failed' });
    await expect(parts.sync()).rejects.toMatchObject({ code: 'storage-failed' });
    await parts.close();
  });

  it('are made so one by one when no program can be started for it', async () => {
    const synced = new Set<string>();
    const parts = partFiles(
      () => Promise.resolve(false),
      async (path, flags) => {
        const handle = await open(path, flags);
        const datasync = handle.datasync.bind(handle);
        handle.datasync = () => {
          synced.add(path);
          return datasync();
        };
        return handle;
      },
    );
    await parts.writePiece(0, share.partsOf(0));
    await parts.sync();
    const spans = layout.spansOf({ piece: 0, begin: 0, length: layout.bytesOf(0) });
    expect(synced).toEqual(new Set(spans.map(({ file }) => at('sample.part', ...info.files[file]!.path))));
    await parts.close();
  });
});
