import { dirname, resolve, sep } from 'node:path';
import { LIMITS, type Block, type Metainfo } from '@shoal/protocol';
import { forEachBounded } from './bounded-work.ts';
import type { FileSlice } from './digest-thread.ts';
import { readError } from './file-errors.ts';
import { factsIn, lookAtFiles, lstatIfThere, type FileFacts } from './file-facts.ts';
import type { SmallFiles } from './small-files.ts';

const LSTATS_AT_ONCE = 16;
/** From so many files on it is worth a thread to open small ones. */
const MANY_FILES = 64;
/** Whoever reads or writes such a file has all of it in a block or two. */
const SMALL_BYTES = LIMITS.blockBytes;

/** Where the files of a share lie on disk. */
export class ShareTree {
  readonly metainfo: Metainfo;
  /** The file itself, or the folder that holds the files; absolute. */
  readonly root: string;
  /** Opens the small files of a share that has many. */
  readonly smallFiles: SmallFiles | undefined;

  constructor(metainfo: Metainfo, root: string, smallFiles?: SmallFiles) {
    this.metainfo = metainfo;
    this.root = resolve(root);
    this.smallFiles = this.hasManyFiles ? smallFiles : undefined;
  }

  get hasManyFiles(): boolean {
    return this.metainfo.info.files.length >= MANY_FILES;
  }

  isSmall(file: number): boolean {
    return this.lengthOf(file) <= SMALL_BYTES;
  }

  pathOf(file: number): string {
    return this.metainfo.isSingleFile ? this.root : [this.root, ...this.#entry(file).path].join(sep);
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
    for (const file of this.metainfo.info.files.keys()) {
      for (let at = dirname(this.pathOf(file)); !folders.has(at); at = dirname(at)) folders.add(at);
    }
    return [...folders].sort((a, b) => a.length - b.length);
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
    const closed = await this.#closedFolders();
    const { files } = this.metainfo.info;
    const paths = files.map((_, file) => this.pathOf(file));
    if (closed.size === 0) return this.#look(paths);
    const open = [...paths.keys()].filter((file) => !closed.has(dirname(paths[file] ?? '')));
    const found = await this.#look(open.map((file) => paths[file] ?? ''));
    const facts = new Array<FileFacts | undefined>(files.length).fill(undefined);
    for (const [at, file] of open.entries()) facts[file] = found[at];
    return facts;
  }

  /** The bytes of every file as `inspect` finds it; -1 where it finds none. */
  async sizes(): Promise<number[]> {
    return (await this.inspect()).map((facts) => facts?.size ?? -1);
  }

  async #look(paths: readonly string[]): Promise<(FileFacts | undefined)[]> {
    if (this.smallFiles === undefined) return (await lookAtFiles(paths)).map(factsIn);
    return this.smallFiles.look(paths).catch((cause: unknown) => {
      throw readError(`looking at the files of ${this.root}`, cause);
    });
  }

  /** Folders of the share that are not there, or in whose place something else stands, and all below them. */
  async #closedFolders(): Promise<Set<string>> {
    const folders = this.folders();
    const closed = new Set<string>();
    const look = async (path: string): Promise<void> => {
      if ((await lstatIfThere(path))?.isDirectory() !== true) closed.add(path);
    };
    // Nothing of a new download is there yet.
    if (!this.metainfo.isSingleFile) await look(this.root);
    if (closed.size === 0) await forEachBounded(folders, LSTATS_AT_ONCE, look);
    for (const path of folders) if (closed.has(dirname(path))) closed.add(path);
    return closed;
  }

  #entry(file: number): Metainfo['info']['files'][number] {
    const entry = this.metainfo.info.files[file];
    if (entry === undefined) throw new Error(`invariant: the share has a file ${file}`);
    return entry;
  }
}
