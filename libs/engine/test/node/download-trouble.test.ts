import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { open as openFile, readdir, readFile, rm, writeFile, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Download } from '@shoal/engine/node';
import { sampleShare } from '@shoal/engine/testing';
import { blockMemory } from '../../src/node/block-memory.ts';
import { writeHaveMap } from '../../src/node/have-map.ts';
import type { Clock } from '../../src/shell/ports.ts';
import { allOf, twoFiles, useDownloads, write } from './download-fixture.ts';

const { at, open } = useDownloads();

const failure = (code: string): Promise<never> =>
  Promise.reject(Object.assign(new Error(`${code}: told to fail`), { code }));

/** Opens files whose calls go as the test says; `change` gets each handle when it is opened. */
function changedFiles(change: (handle: FileHandle) => void): Pick<Download, 'openFile'> {
  return {
    openFile: async (path, flags) => {
      const handle = await openFile(path, flags, 0o666);
      change(handle);
      return handle;
    },
  };
}

function filesOn(disk: { readonly isFull: boolean }): Pick<Download, 'openFile'> {
  return changedFiles((handle) => {
    const writev = handle.writev.bind(handle);
    handle.writev = ((...args: Parameters<FileHandle['writev']>) =>
      disk.isFull ? failure('ENOSPC') : writev(...args)) as FileHandle['writev'];
  });
}

describe('a killed download', () => {
  it('is refused to others while it runs; then free at once, and goes on with every durable piece', async () => {
    const script = join(import.meta.dirname, 'download-process.ts');
    const child = spawn(process.execPath, ['--import', 'tsx', script, at('in'), at('in/sample.part.have')]);
    await once(child.stdout, 'data');
    await expect(open(twoFiles().metainfo)).rejects.toMatchObject({ code: 'download-locked' });
    const exit = once(child, 'exit');
    child.kill('SIGKILL');
    await exit;
    expect((await readdir(at('in'))).some((name) => name.endsWith('.lock'))).toBe(true);
    const share = twoFiles();
    const { store, have } = await open(share.metainfo);
    expect([...have]).toEqual([0, 1, 2]);
    await write(store, share, [3, 4]);
    await store.finish();
    await store.close();
    expect(await readdir(at('in'))).toEqual(['sample']);
  }, 20_000);
});

describe('a have-map that is older than the files', () => {
  it('does not have written pieces fetched again', async () => {
    const share = twoFiles();
    const first = await open(share.metainfo);
    await write(first.store, share, [0]);
    await first.store.close();
    const older = await readFile(at('in/sample.part.have'));
    const second = await open(share.metainfo);
    await write(second.store, share, [3, 4]);
    await second.store.close();
    await writeFile(at('in/sample.part.have'), older);
    const third = await open(share.metainfo);
    expect([...third.have]).toEqual([0, 3, 4]);
    await third.store.close();
    expect(await readFile(at('in/sample.part.have'))).not.toEqual(older);
    expect([...(await open(share.metainfo)).have]).toEqual([0, 3, 4]);
  });
});

describe('a folder without permission', () => {
  it('is said to be that', async () => {
    const share = twoFiles();
    const { store } = await open(share.metainfo, { openFile: () => failure('EACCES') });
    await expect(write(store, share, [0])).rejects.toMatchObject({ code: 'unreadable' });
  });
});

describe('a full disk', () => {
  it('is said to be full, keeps what was written, and takes more when there is room', async () => {
    const share = twoFiles();
    const disk = { isFull: false };
    const { store } = await open(share.metainfo, filesOn(disk));
    await write(store, share, [0, 1]);
    disk.isFull = true;
    await expect(write(store, share, [2])).rejects.toMatchObject({ code: 'disk-full' });
    disk.isFull = false;
    await write(store, share, [2]);
    await store.close();
    expect([...(await open(share.metainfo)).have]).toEqual([0, 1, 2]);
  });

  it('has the memory of a piece lent again only once the piece is written', async () => {
    const share = twoFiles();
    const disk = { isFull: true };
    const { store } = await open(share.metainfo, filesOn(disk));
    const parts = share.partsOf(2).map((bytes) => {
      const slot = blockMemory.take(bytes.length);
      slot.set(bytes);
      return slot;
    });
    const last = parts.at(-1)!;
    await expect(store.writePiece(2, parts)).rejects.toMatchObject({ code: 'disk-full' });
    expect(blockMemory.take(last.length).buffer).not.toBe(last.buffer);
    disk.isFull = false;
    await store.writePiece(2, parts);
    expect(blockMemory.take(last.length).buffer).toBe(last.buffer);
  });

  it('without room for a have-map goes on, and notes what is durable when there is room', async () => {
    const share = twoFiles();
    const disk = { isFull: true };
    const flushes: (() => void)[] = [];
    const clock: Clock = {
      now: () => 0,
      setTimer: (_delayMs, action) => {
        flushes.push(action);
        return () => undefined;
      },
    };
    const writeMap: Download['writeMap'] = (...args) => (disk.isFull ? failure('ENOSPC') : writeHaveMap(...args));
    const { store } = await open(share.metainfo, { clock, writeMap });
    await write(store, share, [0]);
    flushes[0]!();
    await expect.poll(() => flushes.length).toBe(2);
    await write(store, share, [1]);
    disk.isFull = false;
    flushes[1]!();
    await expect.poll(() => readdir(at('in'))).toContain('sample.part.have');
    await store.close();
    expect([...(await open(share.metainfo)).have]).toEqual([0, 1]);
  });

  it('may take a part of what it is given', async () => {
    const share = twoFiles();
    const files = changedFiles((handle) => {
      const write = handle.write.bind(handle);
      const few = (parts: readonly Uint8Array[], position: number) =>
        write(parts[0]!, 0, Math.min(parts[0]!.length, 100_000), position).then(({ bytesWritten }) => ({
          bytesWritten,
          buffers: [],
        }));
      handle.writev = few as unknown as FileHandle['writev'];
    });
    const { store } = await open(share.metainfo, files);
    await write(store, share, allOf(share));
    await store.finish();
    expect((await readFile(at('in/sample/a/one'))).equals(share.contents[0]!)).toBe(true);
  });
});

describe('a disk that cannot make bytes durable', () => {
  const failing = (): Pick<Download, 'openFile'> =>
    changedFiles((handle) => {
      handle.datasync = () => failure('EIO');
    });

  it('ends the download, and no later process takes these bytes for safe', async () => {
    const share = twoFiles();
    const first = await open(share.metainfo);
    await write(first.store, share, [4]);
    await first.store.close();
    const { store } = await open(share.metainfo, failing());
    await write(store, share, [0, 1]);
    await expect(store.close()).rejects.toMatchObject({ code: 'storage-failed' });
    expect([...(await open(share.metainfo)).have]).toEqual([4]);
  });

  it('counts for the first bytes of a download as well', async () => {
    const share = twoFiles();
    const { store } = await open(share.metainfo, failing());
    await write(store, share, [0, 1]);
    await expect(store.close()).rejects.toMatchObject({ code: 'storage-failed' });
    expect([...(await open(share.metainfo)).have]).toEqual([]);
  });

  it('is told to whoever calls next, and then not again', async () => {
    const share = twoFiles();
    let flush: () => void = () => undefined;
    const clock: Clock = {
      now: () => 0,
      setTimer: (_delayMs, action) => {
        flush = action;
        return () => undefined;
      },
    };
    const { store } = await open(share.metainfo, { ...failing(), clock });
    await write(store, share, [0]);
    flush();
    await expect.poll(() => readdir(at('in'))).toContain('sample.part.have');
    await expect(write(store, share, [1])).rejects.toMatchObject({ code: 'storage-failed' });
    await store.close();
  });
});

describe('what was written', () => {
  it('is made durable after a while, and noted only then', async () => {
    const share = twoFiles();
    const timers: { delayMs: number; action: () => void }[] = [];
    const clock: Clock = {
      now: () => 0,
      setTimer: (delayMs, action) => {
        timers.push({ delayMs, action });
        return () => undefined;
      },
    };
    const steps: string[] = [];
    const files = changedFiles((handle) => {
      const datasync = handle.datasync.bind(handle);
      handle.datasync = async () => {
        steps.push(`data, have-map ${(await readdir(at('in'))).includes('sample.part.have') ? 'there' : 'not there'}`);
        await datasync();
      };
    });
    const { store } = await open(share.metainfo, { clock, ...files });
    await write(store, share, [0, 1]);
    expect(timers.map(({ delayMs }) => delayMs)).toEqual([5_000]);
    expect(steps).toEqual([]);
    timers[0]!.action();
    await expect.poll(() => readdir(at('in'))).toContain('sample.part.have');
    expect(steps).toEqual(['data, have-map not there']);
    await write(store, share, [2]);
    expect(timers).toHaveLength(2);
  });

  it('is made durable at once when it is much', async () => {
    const share = sampleShare({ 'much.bin': 66 * 1024 * 1024 }, { name: 'much.bin', pieceLength: 4 * 1024 * 1024 });
    const clock: Clock = { now: () => 0, setTimer: () => () => undefined };
    const { store } = await open(share.metainfo, { clock });
    await write(store, share, allOf(share).slice(0, 15));
    expect(await readdir(at('in'))).not.toContain('much.bin.part.have');
    await write(store, share, [15]);
    await expect.poll(() => readdir(at('in'))).toContain('much.bin.part.have');
  }, 20_000);

  it('before it was lost sight of is made durable before it is noted', async () => {
    const share = twoFiles();
    const first = await open(share.metainfo);
    await write(first.store, share, [0, 4]);
    await first.store.close();
    await rm(at('in/sample.part.have'));
    const synced = new Set<number>();
    const files = changedFiles((handle) => {
      const datasync = handle.datasync.bind(handle);
      handle.datasync = () => {
        synced.add(handle.fd);
        return datasync();
      };
    });
    const again = await open(share.metainfo, files);
    expect([...again.have]).toEqual([0, 4]);
    await again.store.close();
    expect(synced.size).toBe(2);
  });
});

describe('many small files', () => {
  it('arrive whole, with few of them open at a time', async () => {
    const lengths = Object.fromEntries(
      Array.from({ length: 2_000 }, (_, file) => [`d${file % 40}/f${file}`, 1_000 + file]),
    );
    const share = sampleShare(lengths);
    let [open_, most] = [0, 0];
    const files = changedFiles((handle) => {
      most = Math.max(most, ++open_);
      const close = handle.close.bind(handle);
      handle.close = () => {
        open_--;
        return close();
      };
    });
    const { store } = await open(share.metainfo, files);
    await Promise.all(
      allOf(share)
        .reverse()
        .map((piece) => store.writePiece(piece, share.partsOf(piece))),
    );
    await store.finish();
    await store.close();
    for (const [file, { path }] of share.metainfo.info.files.entries()) {
      expect((await readFile(at('in/sample', ...path))).equals(share.contents[file]!)).toBe(true);
    }
    expect(open_).toBe(0);
    expect(most).toBeLessThan(200);
  }, 30_000);
});
