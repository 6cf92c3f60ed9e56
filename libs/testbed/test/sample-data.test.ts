import { readFile, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { sha256OfFile, sha256OfTree } from '../src/checksum.ts';
import { sampleBytes, writeSampleFile, writeSmallFiles } from '../src/sample-data.ts';
import { Sandbox } from '../src/sandbox.ts';

let sandbox: Sandbox;
beforeEach(async () => {
  sandbox = await Sandbox.create();
});
afterEach(() => sandbox.clear());

it('writes the same bytes for the same seed and others for another', async () => {
  const bytes = 5 * 1024 * 1024 + 3;
  const paths = ['a', 'b', 'c'].map((name) => join(sandbox.root, name));
  await writeSampleFile(paths[0]!, bytes, 'seed');
  await writeSampleFile(paths[1]!, bytes, 'seed');
  await writeSampleFile(paths[2]!, bytes, 'other seed');
  const [a, b, c] = await Promise.all(paths.map(sha256OfFile));
  expect(a).toBe(b);
  expect(a).not.toBe(c);
  expect((await stat(paths[0]!)).size).toBe(bytes);
  expect((await readFile(paths[0]!)).equals(sampleBytes('seed', bytes))).toBe(true);
});

it('writes small files that differ from each other', async () => {
  const folder = join(sandbox.root, 'many');
  await writeSmallFiles(folder, 250, 100);
  const sums = await sha256OfTree(folder);
  expect(new Set(Object.values(sums)).size).toBe(250);
  expect(await readdir(folder)).toHaveLength(3);
});

it('tells two trees apart by a byte, a name or an empty file', async () => {
  for (const name of ['one', 'same', 'byte', 'renamed', 'more']) {
    await writeSmallFiles(join(sandbox.root, name), 3, 10);
  }
  const sums = (name: string) => sha256OfTree(join(sandbox.root, name));
  await writeSampleFile(join(sandbox.root, 'more', 'empty'), 0);
  await writeSampleFile(join(sandbox.root, 'byte', 'batch-000', 'x'), 1, 'x');
  await writeSampleFile(join(sandbox.root, 'renamed', 'batch-000', 'y'), 1, 'x');
  expect(await sums('one')).toEqual(await sums('same'));
  expect(await sums('one')).not.toEqual(await sums('more'));
  expect(await sums('byte')).not.toEqual(await sums('renamed'));
});

it('prints the digest that sha256sum prints', async () => {
  await writeSampleFile(join(sandbox.root, 'empty'), 0);
  expect(await sha256OfTree(join(sandbox.root, 'empty'))).toEqual({
    '.': 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
  });
});
