import { constants, readlinkSync } from 'node:fs';
import { lstat, mkdir, open, realpath, type FileHandle } from 'node:fs/promises';
import { dirname } from 'node:path';
import { ShoalError, type Block, type FileSpan } from '@shoal/protocol';
import { forEachBounded } from './bounded-work.ts';
import { cutParts, type FileBytes } from './cut-parts.ts';
import { syncFolder } from './durable-file.ts';
import { codeOf, storageError } from './file-errors.ts';
import type { SyncFileSystem } from './file-system-sync.ts';
import { OpenFiles } from './open-files.ts';
import type { ShareTree } from './share-tree.ts';

const WRITES_AT_ONCE = 8;
const SYNCS_AT_ONCE = 8;
const FLAGS = constants.O_RDWR | constants.O_CREAT | constants.O_NOFOLLOW | constants.O_NONBLOCK;

/** How a file is opened: `open` of `node:fs/promises`, or what a test puts in its place. */
export type OpenFile = (path: string, flags: number) => Promise<FileHandle>;

/** What the files are written with. */
export interface PartDisk {
  /** How files are opened, when not as usual. */
  readonly openFile?: OpenFile;
  /** Makes all files durable at once; without it each is, one by one. */
  readonly syncAll?: SyncFileSystem | undefined;
}

/**
 * The files of a download that is not complete. Nothing is written through a symbolic link: folders are made and looked at
 * one by one, and each file is opened without following a link and then asked where it really is.
 */
export class PartFiles {
  readonly #tree: ShareTree;
  readonly #open: OpenFile;
  readonly #syncAll: SyncFileSystem | undefined;
  readonly #files: OpenFiles;
  readonly #safeFolders: Set<string>;
  /** Files with bytes that may not be durable yet. */
  readonly #dirty = new Set<number>();
  /** Files that are being made durable because their descriptor is needed for another. */
  readonly #closing = new Set<Promise<void>>();
  /** The first failure to make something durable. */
  #failure: ShoalError | undefined;

  constructor(tree: ShareTree, { openFile = open, syncAll }: PartDisk = {}) {
    this.#tree = tree;
    this.#open = openFile;
    this.#syncAll = syncAll;
    this.#safeFolders = new Set([dirname(tree.root)]);
    this.#files = new OpenFiles(tree, {
      open: (file) => this.#openSafely(this.#tree.pathOf(file)),
      close: (file, handle) => this.#close(file, handle),
    });
  }

  /** @throws ShoalError `storage-failed` */
  async readBlock(block: Block): Promise<Uint8Array> {
    try {
      return await this.#files.read(this.#tree.metainfo.layout.spansOf(block));
    } catch (cause) {
      throw storageError(`reading piece ${block.piece} of ${this.#tree.root}`, cause);
    }
  }

  /** @throws ShoalError `disk-full`, `storage-failed` */
  async writePiece(piece: number, parts: readonly Uint8Array[]): Promise<void> {
    const { layout } = this.#tree.metainfo;
    const spans = layout.spansOf({ piece, begin: 0, length: layout.bytesOf(piece) });
    try {
      const writes = [...cutParts(spans, parts)];
      await this.#writeSmall(writes.filter(({ span }) => this.#isSmall(span)));
      const others = writes.filter(({ span }) => !this.#isSmall(span));
      await forEachBounded(others, WRITES_AT_ONCE, (write) => this.#write(write));
    } catch (cause) {
      throw storageError(`writing piece ${piece} of ${this.#tree.root}`, cause);
    }
  }

  /** Takes the files of a piece that is on disk for not durable: nobody knows who wrote it. */
  doubt(piece: number): void {
    const { layout } = this.#tree.metainfo;
    const spans = layout.spansOf({ piece, begin: 0, length: layout.bytesOf(piece) });
    for (const { file } of spans) this.#dirty.add(file);
  }

  /**
   * Makes durable what was written before the call. A failure is final: the kernel may forget what it could not write, so
   * that a second call proves nothing and fails as well.
   * @throws ShoalError `disk-full`, `storage-failed`
   */
  async sync(): Promise<void> {
    try {
      await (this.#syncAll === undefined ? this.#syncEach() : this.#syncTogether(this.#syncAll));
      if (this.#failure !== undefined) throw this.#failure;
    } catch (cause) {
      throw storageError(`making ${this.#tree.root} durable`, cause);
    }
  }

  /**
   * Makes the files what the metainfo says, as far as names and sizes go: empty files are there, and none has bytes after
   * its end, which somebody else must have put there. Then all names are made durable.
   * @throws ShoalError `disk-full`, `storage-failed`
   */
  async complete(): Promise<void> {
    const facts = await this.#tree.inspect();
    try {
      await forEachBounded(facts.entries(), WRITES_AT_ONCE, async ([file, found]) => {
        const length = this.#tree.lengthOf(file);
        if (found === undefined ? length > 0 : found.size <= length) return;
        await this.#files.use(file, async (handle) => {
          await handle.truncate(length);
          this.#dirty.add(file);
        });
      });
      await this.sync();
      await forEachBounded(this.#tree.folders(), SYNCS_AT_ONCE, syncFolder);
    } catch (cause) {
      throw storageError(`completing ${this.#tree.root}`, cause);
    }
  }

  /** Lets go of the files; what is not durable yet is made so. */
  async close(): Promise<void> {
    await this.#files.close();
    if (this.#syncAll !== undefined && this.#dirty.size > 0) await this.sync();
  }

  async #syncEach(): Promise<void> {
    await forEachBounded([...this.#dirty], SYNCS_AT_ONCE, async (file) => {
      if (this.#dirty.has(file)) await this.#files.use(file, (handle) => this.#syncOne(file, handle));
    });
    await Promise.all(this.#closing);
  }

  async #syncTogether(syncAll: SyncFileSystem): Promise<void> {
    if (this.#dirty.size === 0) return;
    const files = [...this.#dirty];
    this.#dirty.clear();
    try {
      if (await syncAll()) return;
    } catch (error) {
      this.#failure ??= storageError(`making the files of ${this.#tree.root} durable`, error);
      return;
    }
    for (const file of files) this.#dirty.add(file);
    await this.#syncEach();
  }

  /** Small files are left to threads where they need not be made durable one by one, for which they are opened anyway. */
  #isSmall({ file }: FileSpan): boolean {
    return this.#tree.smallFiles !== undefined && this.#syncAll !== undefined && this.#tree.isSmall(file);
  }

  async #writeSmall(writes: readonly FileBytes[]): Promise<void> {
    if (writes.length === 0) return;
    const runs = writes.map(({ span, parts }) => ({ path: this.#tree.pathOf(span.file), offset: span.offset, parts }));
    for (const folder of new Set(runs.map(({ path }) => dirname(path)))) await this.#makeFolders(folder);
    try {
      await this.#tree.smallFiles?.write(runs);
    } catch (cause) {
      throw codeOf(cause) === 'ELOOP' ? outside(this.#tree.root, cause) : cause;
    }
    for (const { span } of writes) this.#dirty.add(span.file);
  }

  async #write({ span, parts }: FileBytes): Promise<void> {
    await this.#files.use(span.file, async (handle) => {
      await writeFully(handle, parts, span.offset);
      this.#dirty.add(span.file);
    });
  }

  async #syncOne(file: number, handle: FileHandle): Promise<void> {
    try {
      if (this.#dirty.delete(file)) await handle.datasync();
    } catch (error) {
      throw (this.#failure ??= storageError(`making ${this.#tree.pathOf(file)} durable`, error));
    }
  }

  async #close(file: number, handle: FileHandle): Promise<void> {
    if (this.#syncAll !== undefined) {
      await handle.close();
      return;
    }
    const closing = this.#syncOne(file, handle).finally(() => handle.close());
    this.#closing.add(closing);
    try {
      await closing;
    } finally {
      this.#closing.delete(closing);
    }
  }

  async #openSafely(path: string): Promise<FileHandle> {
    await this.#makeFolders(dirname(path));
    const handle = await this.#open(path, FLAGS);
    try {
      const real = await realPathOf(handle, path);
      // A file system may keep names in another normal form than the one they were made in.
      if (real.normalize() !== path.normalize()) throw outside(path);
      return handle;
    } catch (error) {
      await handle.close();
      throw error;
    }
  }

  async #makeFolders(folder: string): Promise<void> {
    if (this.#safeFolders.has(folder)) return;
    await this.#makeFolders(dirname(folder));
    try {
      await mkdir(folder);
    } catch (cause) {
      if (codeOf(cause) !== 'EEXIST') throw cause;
      if (!(await lstat(folder)).isDirectory()) throw outside(folder);
    }
    this.#safeFolders.add(folder);
  }
}

/** Where an open file really is. Linux tells it of the very file, without a look at any folder. */
async function realPathOf({ fd }: FileHandle, path: string): Promise<string> {
  try {
    return readlinkSync(`/proc/self/fd/${fd}`);
  } catch {
    return realpath(path);
  }
}

function outside(path: string, cause?: unknown): ShoalError {
  const message = `${path} is a link or goes over one, and nothing is written through links`;
  return new ShoalError('storage-failed', message, { cause });
}

/** One `pwritev`, and more only when the system takes less than it was given. */
async function writeFully(handle: FileHandle, parts: readonly Uint8Array[], position: number): Promise<void> {
  for (let rest = [...parts], at = position; rest.length > 0;) {
    const { bytesWritten } = await handle.writev(rest, at);
    if (bytesWritten === 0) throw Object.assign(new Error('the system took no byte'), { code: 'ENOSPC' });
    at += bytesWritten;
    rest = afterBytes(rest, bytesWritten);
  }
}

function afterBytes(parts: Uint8Array[], bytes: number): Uint8Array[] {
  let skip = bytes;
  return parts.flatMap((part) => {
    const own = Math.min(skip, part.length);
    skip -= own;
    return own === part.length ? [] : [part.subarray(own)];
  });
}
