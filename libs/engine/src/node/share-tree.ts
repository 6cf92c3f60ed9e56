import type { BigIntStats } from 'node:fs';
import { lstat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Block, Metainfo } from '@shoal/protocol';
import { forEachBounded } from './bounded-work.ts';
import type { FileSlice } from './digest-thread.ts';
import { codeOf, readError } from './file-errors.ts';

const LSTATS_AT_ONCE = 16;

/** What tells a file from another, and from itself after a change. */
export interface FileFacts {
  readonly size: number;
  readonly mtimeNs: bigint;
  readonly ino: bigint;
}

/** Where the files of a share lie on disk. */
export class ShareTree {
  readonly metainfo: Metainfo;
  /** The file itself, or the folder that holds the files. */
  readonly root: string;

  constructor(metainfo: Metainfo, root: string) {
    this.metainfo = metainfo;
    this.root = root;
  }

  pathOf(file: number): string {
    return this.metainfo.isSingleFile ? this.root : join(this.root, ...this.#entry(file).path);
  }

  /** How a person knows a file: its path below the share. */
  nameOf(file: number): string {
    return this.#entry(file).path.join('/');
  }

  /** The bytes that a file must have. */
  lengthOf(file: number): number {
    return this.#entry(file).length;
  }

  /** Every folder of the share, parents first. */
  folders(): string[] {
    if (this.metainfo.isSingleFile) return [];
    const folders = new Set([this.root]);
    for (const { path } of this.metainfo.info.files) {
      for (let depth = 1; depth < path.length; depth++) folders.add(join(this.root, ...path.slice(0, depth)));
    }
    return [...folders];
  }

  /** The runs of bytes on disk that make up a block. */
  slicesOf(block: Block): FileSlice[] {
    const spans = this.metainfo.layout.spansOf(block);
    return spans.map(({ file, offset, length }) => ({ path: this.pathOf(file), offset, length }));
  }

  /**
   * Looks at every file; undefined where no regular file stands, or where the way to it goes over a symbolic link.
   * @throws ShoalError `unreadable`, `storage-failed`
   */
  async inspect(): Promise<(FileFacts | undefined)[]> {
    const blocked = await this.#blockedFolders();
    const facts = new Array<FileFacts | undefined>(this.metainfo.info.files.length).fill(undefined);
    await forEachBounded(facts.keys(), LSTATS_AT_ONCE, async (file) => {
      const path = this.pathOf(file);
      const stats = blocked.has(dirname(path)) ? undefined : await lstatIfThere(path);
      if (stats?.isFile() === true) facts[file] = factsOf(stats);
    });
    return facts;
  }

  /** The bytes of every file as `inspect` finds it; -1 where it finds none. */
  async sizes(): Promise<number[]> {
    return (await this.inspect()).map((facts) => facts?.size ?? -1);
  }

  /** Folders of the share in whose place something else stands, and all below them. */
  async #blockedFolders(): Promise<Set<string>> {
    const folders = this.folders();
    const blocked = new Set<string>();
    await forEachBounded(folders, LSTATS_AT_ONCE, async (path) => {
      if ((await lstatIfThere(path))?.isDirectory() === false) blocked.add(path);
    });
    for (const path of folders) if (blocked.has(dirname(path))) blocked.add(path);
    return blocked;
  }

  #entry(file: number): Metainfo['info']['files'][number] {
    const entry = this.metainfo.info.files[file];
    if (entry === undefined) throw new Error(`invariant: the share has a file ${file}`);
    return entry;
  }
}

/** The facts of a file in what the operating system says of it. */
export function factsOf({ size, mtimeNs, ino }: BigIntStats): FileFacts {
  return { size: Number(size), mtimeNs, ino };
}

/** Whether two looks at a path saw the same file, unchanged. */
export function isSameFile(a: FileFacts, b: FileFacts): boolean {
  return a.size === b.size && a.mtimeNs === b.mtimeNs && a.ino === b.ino;
}

/** What stands at a path, links not followed; undefined when nothing does. */
export async function lstatIfThere(path: string): Promise<BigIntStats | undefined> {
  try {
    return await lstat(path, { bigint: true });
  } catch (cause) {
    if (['ENOENT', 'ENOTDIR'].includes(codeOf(cause))) return undefined;
    throw readError(`looking at ${path}`, cause);
  }
}
