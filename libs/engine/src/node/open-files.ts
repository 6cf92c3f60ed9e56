import { fstatSync, readFileSync } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import { BLOCK_HEADER_BYTES, LIMITS, type FileSpan } from '@shoal/protocol';
import { blockMemory } from './block-memory.ts';
import { forEachBounded } from './bounded-work.ts';
import { descriptorOwners, withDescriptor, type DescriptorOwner } from './descriptors.ts';
import { factsOf, type FileFacts } from './file-facts.ts';
import type { ShareTree } from './share-tree.ts';

/** Descriptors that one share uses: a piece over many small files passes, a daemon with many shares has enough. */
const OPEN_FILES = 64;
/** The part of what the process may open at all that a share uses at most. */
const OWN_PART = 1 / 4;
const READS_AT_ONCE = 8;

interface OpenFile {
  readonly handle: Promise<FileHandle>;
  users: number;
}

/** How files of a share are opened and let go of, by their index in the metainfo. */
export interface FileAccess {
  open(file: number): Promise<FileHandle>;
  /** Closes; what must be durable before is the implementation's business. */
  close(file: number, handle: FileHandle): Promise<void>;
}

/** Told how a file was after bytes were read from it; undefined when it is no regular file, or has no name any more. */
type OnRead = (file: number, facts: FileFacts | undefined) => void;

/** Bytes of a file, and where in memory they go. */
interface Run extends FileSpan {
  readonly at: number;
}

/**
 * The descriptors of a share, of which only the most recently used stay open, and those only while nobody else in the
 * process lacks one. The small files of a share with many are opened elsewhere each time they are read.
 */
export class OpenFiles implements DescriptorOwner {
  readonly #tree: ShareTree;
  readonly #access: FileAccess;
  /** Least recently used first. */
  readonly #files = new Map<number, OpenFile>();
  /** Files that are being closed have their descriptors still. */
  readonly #closing = new Set<Promise<void>>();
  readonly #bound: number;
  #limit: number;
  /** Told whenever a file may have become idle, or is closed. */
  #waiting: (() => void)[] = [];

  /** @param mostOpen descriptors to use at most; by default as many as the process can spare */
  constructor(tree: ShareTree, access: FileAccess, mostOpen = spareDescriptors()) {
    this.#tree = tree;
    this.#access = access;
    this.#bound = mostOpen;
    this.#limit = mostOpen;
  }

  /** Opens a file unless it is open, and keeps it open until the action is done. Waits while too many are in use. */
  async use<T>(file: number, action: (handle: FileHandle) => Promise<T>): Promise<T> {
    while (!this.#files.has(file) && this.#files.size + this.#closing.size >= this.#bound) await this.#makeRoom();
    const open = this.#files.get(file) ?? this.#open(file);
    this.#files.delete(file);
    this.#files.set(file, open);
    open.users++;
    try {
      return await action(await this.#opened(file, open));
    } finally {
      open.users--;
      this.#wake();
      await this.#trim();
    }
  }

  /**
   * Reads the bytes of spans into one piece of memory, behind room for a block's header, so that a link can send both as
   * one; `onRead` may look at each file after its bytes came.
   */
  async read(spans: readonly FileSpan[], onRead?: OnRead): Promise<Uint8Array> {
    let length = 0;
    const runs = spans.map((span) => ({ ...span, at: (length += span.length) - span.length }));
    const whole = BLOCK_HEADER_BYTES + length;
    const memory = blockMemory.hasSize(whole) ? blockMemory.take(whole) : Buffer.allocUnsafeSlow(whole);
    const bytes = memory.subarray(BLOCK_HEADER_BYTES);
    const { smallFiles } = this.#tree;
    const isKept = (run: Run): boolean => smallFiles === undefined || !this.#tree.isSmall(run.file);
    const small = runs.filter((run) => !isKept(run));
    if (small.length > 0) {
      const paths = small.map((run) => ({ ...run, path: this.#tree.pathOf(run.file) }));
      const facts = await smallFiles?.read(paths, bytes);
      for (const [at, { file }] of small.entries()) onRead?.(file, facts?.[at]);
    }
    await this.#readKept(runs.filter(isKept), bytes, onRead);
    return bytes;
  }

  /** Reads a run of whole blocks of one file, each into memory as `read` does, with one call of the system. */
  async readBlocks({ file, offset, length }: FileSpan, onRead?: OnRead): Promise<readonly Uint8Array[]> {
    const blocks = Array.from({ length: length / LIMITS.blockBytes }, () =>
      blockMemory.take(BLOCK_HEADER_BYTES + LIMITS.blockBytes).subarray(BLOCK_HEADER_BYTES),
    );
    await this.use(file, async (handle) => {
      const { bytesRead } = await handle.readv(blocks, offset);
      if (bytesRead < length) {
        for (const [at, block] of blocks.entries()) await readFully(handle, block, offset + at * LIMITS.blockBytes);
      }
      onRead?.(file, factsOfOpen(handle));
    });
    return blocks;
  }

  /** Closes every file; one that is in use, as soon as it no longer is. */
  close(): Promise<void> {
    this.#limit = 0;
    return this.#trim();
  }

  async letGoOfIdle(): Promise<void> {
    const idle = [...this.#files].filter(([, { users }]) => users === 0);
    await Promise.allSettled(idle.map(([file, open]) => this.#close(file, open)));
  }

  async #readKept(runs: readonly Run[], bytes: Uint8Array, onRead: OnRead | undefined): Promise<void> {
    await forEachBounded(runs, Math.min(READS_AT_ONCE, runs.length), ({ file, offset, length, at }) =>
      this.use(file, async (handle) => {
        await readFully(handle, bytes.subarray(at, at + length), offset);
        // On an open file this costs two microseconds.
        onRead?.(file, factsOfOpen(handle));
      }),
    );
  }

  async #opened(file: number, open: OpenFile): Promise<FileHandle> {
    try {
      return await open.handle;
    } catch (error) {
      if (this.#files.get(file) === open) this.#forget(file);
      throw error;
    }
  }

  async #trim(): Promise<void> {
    const closing: Promise<void>[] = [];
    for (const [file, open] of this.#files) {
      if (this.#files.size <= this.#limit) break;
      if (open.users === 0) closing.push(this.#close(file, open));
    }
    await Promise.all(closing);
  }

  /** Closes the file that was idle the longest, or waits until one is idle or closed. */
  async #makeRoom(): Promise<void> {
    for (const [file, open] of this.#files) {
      if (open.users === 0) return this.#close(file, open);
    }
    await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }

  #wake(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const resolve of waiting) resolve();
  }

  #open(file: number): OpenFile {
    descriptorOwners.add(this);
    return { handle: withDescriptor(() => this.#access.open(file)), users: 0 };
  }

  #forget(file: number): void {
    this.#files.delete(file);
    if (this.#files.size === 0) descriptorOwners.delete(this);
  }

  #close(file: number, open: OpenFile): Promise<void> {
    this.#forget(file);
    const closing = open.handle.then((handle) => this.#access.close(file, handle));
    const closed = closing.then(
      () => undefined,
      () => undefined,
    );
    this.#closing.add(closed);
    return closing.finally(() => {
      this.#closing.delete(closed);
      this.#wake();
    });
  }
}

/** How many descriptors one share may use. Only Linux tells a program how many it may open. */
function spareDescriptors(): number {
  try {
    const most = Number(/^Max open files +(\d+)/m.exec(readFileSync('/proc/self/limits', 'utf8'))?.[1]);
    return Number.isNaN(most) ? OPEN_FILES : Math.max(1, Math.min(OPEN_FILES, Math.floor(most * OWN_PART)));
  } catch {
    return OPEN_FILES;
  }
}

/** A file that was deleted or replaced is read on as if nothing had happened; only its names are gone. */
function factsOfOpen({ fd }: FileHandle): FileFacts | undefined {
  const stats = fstatSync(fd, { bigint: true });
  return stats.nlink === 0n ? undefined : factsOf(stats);
}

async function readFully(handle: FileHandle, bytes: Uint8Array, position: number): Promise<void> {
  for (let done = 0; done < bytes.length;) {
    const { bytesRead } = await handle.read(bytes, done, bytes.length - done, position + done);
    if (bytesRead === 0) throw Object.assign(new Error('the file ends too early'), { code: 'ESHORT' });
    done += bytesRead;
  }
}
