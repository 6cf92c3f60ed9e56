import { mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { makeSamples } from '../src/samples.ts';
import { useFolder } from './folder.ts';

describe('sample data', () => {
  const folder = useFolder();

  it('is one file of 64 MiB and a folder of 200 small files', async () => {
    const share = join(folder(), 'share');
    expect(await makeSamples(share)).toBe(true);
    expect((await stat(join(share, 'film.bin'))).size).toBe(64 * 1024 * 1024);
    const photos = await readdir(join(share, 'photos'), { recursive: true, withFileTypes: true });
    expect(photos.filter((entry) => entry.isFile())).toHaveLength(200);
  });

  it('is made once: a folder that is there is left as it is', async () => {
    const share = join(folder(), 'share');
    await mkdir(share);
    expect(await makeSamples(share)).toBe(false);
    expect(await readdir(share)).toEqual([]);
  });

  it('appears as a whole, whatever a start that was killed left behind', async () => {
    const share = join(folder(), 'share');
    await mkdir(`${share}.unfinished`);
    await writeFile(join(`${share}.unfinished`, 'film.bin'), 'half');
    expect(await makeSamples(share)).toBe(true);
    expect(await readdir(folder())).toEqual(['share']);
    expect((await readFile(join(share, 'film.bin'))).length).toBe(64 * 1024 * 1024);
  });
});
