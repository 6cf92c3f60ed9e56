import { createHash } from 'node:crypto';
import { mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createHasher, type ThreadHasher } from '@shoal/engine/node';
import { describeHasher } from '@shoal/engine/testing';

const sha256 = (bytes: Uint8Array | string): string => createHash('sha256').update(bytes).digest('hex');
const hex = (digests: readonly Uint8Array[]): string[] => digests.map((digest) => Buffer.from(digest).toString('hex'));
/** Threads that are running in this process. */
const openThreads = (): number => process.getActiveResourcesInfo().filter((name) => name === 'MessagePort').length;

let hasher: ThreadHasher;
let folder: string;
beforeEach(async () => {
  hasher = createHasher({ threads: 2 });
  folder = await mkdtemp(join(tmpdir(), 'shoal-hasher-'));
});
afterEach(async () => {
  await hasher.stop();
  await rm(folder, { recursive: true });
});

describeHasher('the thread hasher', () => hasher);

describe('the thread hasher in memory', () => {
  it('takes over a part that has its memory to itself, without a copy', async () => {
    const part = new Uint8Array(524_288 + 12).subarray(12);
    await hasher.digest([part]);
    expect(part.buffer.byteLength).toBe(0);
  });

  it('fails what is under way, and all that comes later, when it is stopped', async () => {
    const underWay = hasher.digest([new Uint8Array(50_000_000)]);
    const outcome = expect(underWay).rejects.toMatchObject({ code: 'shutting-down' });
    await hasher.stop();
    await outcome;
    await expect(hasher.digest([])).rejects.toMatchObject({ code: 'shutting-down' });
  });

  it('leaves no thread behind when it is stopped', async () => {
    const before = openThreads();
    const other = createHasher({ threads: 2 });
    await Promise.all([other.digest([new Uint8Array(500_000)]), other.digest([new Uint8Array(500_000)])]);
    expect(openThreads()).toBeGreaterThan(before);
    await other.stop();
    expect(openThreads()).toBe(before);
  });
});

describe('the thread hasher with little to do', () => {
  it('starts threads once little has become much', async () => {
    const before = openThreads();
    const zeros = new Uint8Array(256 * 1024);
    const digests = await Promise.all(Array.from({ length: 100 }, () => hasher.digest([new Uint8Array(zeros)])));
    expect(new Set(hex(digests.map(({ digest }) => digest)))).toEqual(new Set([sha256(zeros)]));
    expect(openThreads()).toBeGreaterThan(before);
  });

  it('starts no thread', async () => {
    const before = openThreads();
    const path = join(folder, 'small');
    await writeFile(path, 'shoal of fish');
    const { digest } = await hasher.digest([Buffer.from('shoal')]);
    const digests = await hasher.digestFiles([{ path, offset: 9, length: 4 }], [4]);
    expect(hex([digest, ...digests])).toEqual([sha256('shoal'), sha256('fish')]);
    expect(openThreads()).toBe(before);
  });

  it('refuses what a thread refuses', async () => {
    const path = join(folder, 'small');
    await writeFile(path, 'x');
    await symlink(path, join(folder, 'link'));
    const digestOf = (name: string, length: number): Promise<unknown> =>
      hasher.digestFiles([{ path: join(folder, name), offset: 0, length }], [length]);
    await expect(digestOf('small', 2)).rejects.toMatchObject({ code: 'ESHORT', path });
    await expect(digestOf('link', 1)).rejects.toMatchObject({ code: 'ELOOP' });
    await expect(digestOf('missing', 1)).rejects.toMatchObject({ code: 'ENOENT' });
  });
});

describe('the thread hasher on files', () => {
  const large = Buffer.alloc(3_000_000, 'shoal');

  async function put(name: string, content: Uint8Array | string): Promise<string> {
    const path = join(folder, name);
    await writeFile(path, content);
    return path;
  }

  it('takes a digest at each cut, wherever the files begin and end', async () => {
    const slices = [
      { path: await put('a', 'abcdef'), offset: 0, length: 6 },
      { path: await put('b', large), offset: 10, length: 2_000_000 },
    ];
    const bytes = Buffer.concat([Buffer.from('abcdef'), large.subarray(10, 2_000_010)]);
    const digests = await hasher.digestFiles(slices, [0, 3, 3, 1_500_000, 2_000_006]);
    expect(hex(digests)).toEqual(
      [
        [0, 0],
        [0, 3],
        [3, 3],
        [3, 1_500_000],
        [1_500_000, 2_000_006],
      ].map(([from, to]) => sha256(bytes.subarray(from, to))),
    );
  });

  it('carries a stream on from call to call', async () => {
    const path = await put('large', large);
    const stream = hasher.openStream();
    const other = hasher.openStream();
    const calls = [0, 1_000_000, 2_000_000].map((offset) => {
      const isLast = offset === 2_000_000;
      const slices = [{ path, offset, length: 1_000_000 }];
      return Promise.all([stream.digestFiles(slices, isLast ? [1_000_000] : []), other.digestFiles(slices, [10])]);
    });
    const [first, second, last] = await Promise.all(calls);
    expect([first?.[0], second?.[0]]).toEqual([[], []]);
    expect(hex(last?.[0] ?? [])).toEqual([sha256(large)]);
    stream.close();
    other.close();
  });

  it('says which file ends too early', async () => {
    const path = await put('short', 'abc');
    const digests = hasher.digestFiles([{ path, offset: 0, length: 4 }], [4]);
    await expect(digests).rejects.toMatchObject({ code: 'ESHORT', path });
  });

  it('says which file is not there, and goes on with the next job', async () => {
    const path = join(folder, 'missing');
    await expect(hasher.digestFiles([{ path, offset: 0, length: 1 }], [1])).rejects.toMatchObject({
      code: 'ENOENT',
      path,
    });
    const [digest] = await hasher.digestFiles([{ path: await put('a', 'a'), offset: 0, length: 1 }], [1]);
    expect(hex(digest === undefined ? [] : [digest])).toEqual([sha256('a')]);
  });

  it('does not follow a symbolic link', async () => {
    await symlink(await put('a', 'a'), join(folder, 'link'));
    const digests = hasher.digestFiles([{ path: join(folder, 'link'), offset: 0, length: 1 }], [1]);
    await expect(digests).rejects.toMatchObject({ code: 'ELOOP' });
  });
});
