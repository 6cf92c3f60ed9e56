import { constants } from 'node:fs';
import { open, realpath } from 'node:fs/promises';
import { createHash } from 'node:crypto';
import { LIMITS, ShoalError, type Block, type Metainfo } from '@shoal/protocol';
import type { PieceStore } from '../shell/ports.ts';
import { codeOf, isLackOfDescriptors, readError, storageError } from './file-errors.ts';
import { isSameFile, type FileFacts } from './file-facts.ts';
import { OpenFiles } from './open-files.ts';
import { ReadAhead } from './read-ahead.ts';
import { ShareTree } from './share-tree.ts';
import type { SmallFiles } from './small-files.ts';

/** A share whose bytes are complete on disk. */
export interface CompleteShare {
  readonly metainfo: Metainfo;
  /** The file or folder itself. */
  readonly path: string;
  /** Opens the small files of a share that has many; absent to do so from the calling thread. */
  readonly smallFiles?: SmallFiles | undefined;
}

/**
 * Opens the complete files of a share for reading. It looks at names and sizes only; `verifyShare` reads the bytes.
 * @throws ShoalError `not-found`, `unreadable`, `content-mismatch` when a size is wrong
 */
export async function openShare(share: CompleteShare): Promise<PieceStore> {
  const tree = await treeAt(share);
  return new ShareStore(tree, await completeFacts(tree));
}

/**
 * Names the state of a share's files, by size and time of change: equal while nobody touched them.
 * @throws ShoalError as `openShare`
 */
export async function fingerprintShare(share: CompleteShare): Promise<string> {
  return fingerprintOf(await completeFacts(await treeAt(share)));
}

/** The fingerprint of files, in their order in the share. */
export function fingerprintOf(files: readonly FileFacts[]): string {
  const hash = createHash('sha256');
  for (const { size, mtimeNs } of files) hash.update(`${size} ${mtimeNs}\n`);
  return hash.digest('hex');
}

/** The tree of a share that a person named: the path to it may go over links, what is inside may not. */
export async function treeAt({ metainfo, path, smallFiles }: CompleteShare): Promise<ShareTree> {
  try {
    return new ShareTree(metainfo, await realpath(path), smallFiles);
  } catch (cause) {
    throw readError(`opening ${path}`, cause);
  }
}

async function completeFacts(tree: ShareTree): Promise<FileFacts[]> {
  const inspected = await tree.inspect();
  return inspected.map((facts, file) => {
    if (facts === undefined) throw new ShoalError('not-found', `there is no regular file ${tree.pathOf(file)}`);
    if (facts.size === tree.lengthOf(file)) return facts;
    const sizes = `${facts.size} bytes, not ${tree.lengthOf(file)}`;
    throw new ShoalError('content-mismatch', `${tree.pathOf(file)} has ${sizes}`);
  });
}

/** Read-only store that never hands out a byte of a file that has changed. */
class ShareStore implements PieceStore {
  readonly #tree: ShareTree;
  readonly #facts: readonly FileFacts[];
  readonly #files: OpenFiles;
  readonly #ahead: ReadAhead;

  constructor(tree: ShareTree, facts: readonly FileFacts[]) {
    this.#tree = tree;
    this.#facts = facts;
    this.#ahead = new ReadAhead(tree.metainfo.layout);
    this.#files = new OpenFiles(tree, {
      open: (file) => open(tree.pathOf(file), constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK),
      close: (_file, handle) => handle.close(),
    });
  }

  async readBlock(block: Block): Promise<Uint8Array> {
    try {
      return await (this.#ahead.take(block) ?? this.#read(block));
    } catch (cause) {
      if (cause instanceof ShoalError) throw cause;
      const doing = `reading piece ${block.piece} of ${this.#tree.root}`;
      if (codeOf(cause) === 'EIO' || isLackOfDescriptors(cause)) throw storageError(doing, cause);
      const reason = cause instanceof Error ? cause.message : String(cause);
      throw new ShoalError('content-mismatch', `${doing}: ${reason}`, { cause });
    }
  }

  writePiece(piece: number): Promise<void> {
    return Promise.reject(new Error(`invariant: piece ${piece} of a complete share is not written again`));
  }

  finish(): Promise<void> {
    return Promise.resolve();
  }

  close(): Promise<void> {
    return this.#files.close();
  }

  async #read(block: Block): Promise<Uint8Array> {
    const { layout } = this.#tree.metainfo;
    const row = this.#ahead.rowFrom(block);
    const [span, ...others] = layout.spansOf(row);
    if (row.length <= LIMITS.blockBytes || span === undefined || others.length > 0) {
      return this.#files.read(layout.spansOf(block), this.#onRead);
    }
    const reading = this.#files.readBlocks(span, this.#onRead);
    this.#ahead.keep(row, reading);
    const [first] = await reading;
    if (first === undefined) throw new Error('invariant: a row is read whole');
    return first;
  }

  readonly #onRead = (file: number, found: FileFacts | undefined): void => {
    this.#refuseChanged(file, found);
  };

  /** Asked after the read, so that a change before or during it is seen. */
  #refuseChanged(file: number, found: FileFacts | undefined): void {
    const expected = this.#facts[file];
    if (expected !== undefined && found !== undefined && isSameFile(expected, found)) return;
    throw new ShoalError('content-mismatch', `${this.#tree.pathOf(file)} has changed since it was opened`);
  }
}
