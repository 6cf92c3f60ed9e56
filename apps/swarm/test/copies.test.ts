import { mkdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { createMetainfo, sha256Hex, type Metainfo } from '@shoal/protocol';
import { describe, expect, it } from 'vitest';
import { CopyExaminer } from '../src/copies.ts';
import { useFolder } from './folder.ts';

describe('a copy of a share', () => {
  const folder = useFolder();

  it('is missing while nothing stands under its name', async () => {
    expect(await new CopyExaminer().examine(photos(), folder())).toEqual({ kind: 'missing' });
  });

  it('is verified when every file is as the metainfo says', async () => {
    write('photos', { 'a.jpg': 'aaa', 'sub/b.jpg': 'bb' });
    expect(await new CopyExaminer().examine(photos(), folder())).toEqual({ kind: 'verified' });
  });

  it('may be a single file', async () => {
    write('.', { 'film.bin': 'film' });
    const film = share('film.bin', { 'film.bin': 'film' });
    expect(await new CopyExaminer().examine(film, folder())).toEqual({ kind: 'verified' });
  });

  it.each([
    ['a byte differs', { 'a.jpg': 'aaa', 'sub/b.jpg': 'bX' }, 'sub/b.jpg'],
    ['a file lacks', { 'a.jpg': 'aaa' }, 'sub/b.jpg'],
    ['there is a file too many', { 'a.jpg': 'aaa', 'sub/b.jpg': 'bb', 'c.jpg': 'c' }, 'c.jpg'],
  ])('is wrong when %s', async (_what, files, path) => {
    write('photos', files);
    expect(await new CopyExaminer().examine(photos(), folder())).toEqual({ kind: 'wrong', path });
  });

  it('is outdated, not wrong, while a share that was replaced stands there', async () => {
    const examiner = new CopyExaminer();
    write('.', { 'film.bin': 'film' });
    await examiner.examine(share('film.bin', { 'film.bin': 'film' }), folder());
    const newer = share('film.bin', { 'film.bin': 'director’s cut' });
    expect(await examiner.examine(newer, folder())).toEqual({ kind: 'outdated' });
    expect(await examiner.examine(newer, folder())).toEqual({ kind: 'outdated' });
    write('.', { 'film.bin': 'director’s cut' });
    expect(await examiner.examine(newer, folder())).toEqual({ kind: 'verified' });
  });

  it('is examined anew when its files change', async () => {
    const examiner = new CopyExaminer();
    write('photos', { 'a.jpg': 'aaa', 'sub/b.jpg': 'bb' });
    await examiner.examine(photos(), folder());
    write('photos', { 'a.jpg': 'aXa' });
    utimesSync(join(folder(), 'photos', 'a.jpg'), 1, 1);
    expect(await examiner.examine(photos(), folder())).toEqual({ kind: 'wrong', path: 'a.jpg' });
    rmSync(join(folder(), 'photos'), { recursive: true });
    expect(await examiner.examine(photos(), folder())).toEqual({ kind: 'missing' });
  });

  function write(name: string, files: Readonly<Record<string, string | undefined>>): void {
    for (const [path, text] of Object.entries(files)) {
      const file = join(folder(), name, path);
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, text ?? '');
    }
  }
});

function photos(): Metainfo {
  return share('photos', { 'a.jpg': 'aaa', 'sub/b.jpg': 'bb' });
}

function share(name: string, files: Readonly<Record<string, string>>): Metainfo {
  const entries = Object.entries(files).map(([path, text]) => {
    const bytes = Buffer.from(text);
    return { path: path.split('/'), length: bytes.length, sha256: sha256Hex(bytes) };
  });
  const digests = Buffer.from(sha256Hex(Buffer.from(Object.values(files).join(''))), 'hex');
  return createMetainfo({ announce: 'http://localhost:8000', name, pieceLength: 256 * 1024, files: entries, digests });
}
