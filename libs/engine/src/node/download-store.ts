import { ShoalError, type Bitfield, type Block, type Metainfo } from '@shoal/protocol';
import type { Clock, PieceStore } from '../shell/ports.ts';
import type { DownloadPlace } from './download-place.ts';
import { blockMemory } from './block-memory.ts';
import { FileCheck } from './file-check.ts';
import { storageError } from './file-errors.ts';
import { removeHaveMap, writeHaveMap, type WriteHaveMap } from './have-map.ts';
import type { ThreadHasher } from './hasher.ts';
import { PartFiles, type PartDisk } from './part-files.ts';
import { checkPieces } from './piece-check.ts';
import { renameShare } from './rename-share.ts';
import { openShare } from './share-store.ts';
import { ShareTree } from './share-tree.ts';
import type { SmallFiles } from './small-files.ts';

/** So much, or what came in so long, is made durable together. */
const FLUSH_BYTES = 64 * 1024 * 1024;
const FLUSH_MS = 5_000;

/** What a store of a download is made of. */
export interface DownloadParts extends PartDisk {
  readonly metainfo: Metainfo;
  readonly place: DownloadPlace;
  readonly clock: Clock;
  readonly hasher: ThreadHasher;
  /** The pieces that are verified. */
  readonly have: Bitfield;
  /** Those of them that a have-map claims; taken over. What was only found on disk may still be lost in a power cut. */
  readonly durable: Bitfield;
  /** Whether the have-map says that other pieces are lost, as it must until the download is complete. */
  readonly isRestLost: boolean;
  /** How the have-map is replaced, when not as usual. */
  readonly writeMap?: WriteHaveMap;
  /** Gives up the claim on the place. */
  readonly release: () => Promise<void>;
  readonly smallFiles?: SmallFiles | undefined;
}

/** A download under its temporary name, and, once it is finished, the complete share. */
export class DownloadStore implements PieceStore {
  readonly #parts: DownloadParts;
  readonly #tree: ShareTree;
  readonly #files: PartFiles;
  readonly #check: FileCheck;
  readonly #writing = new Set<Promise<void>>();
  readonly #reading = new Set<Promise<Uint8Array>>();
  /** Written, but not durable yet. */
  #pending: number[] = [];
  #pendingBytes = 0;
  /** Written and durable: what the have-map says. */
  readonly #durable: Bitfield;
  #isRestLost: boolean;
  /** The have-map claims less than is durable, because there was no room for a new one. */
  #isMapBehind = false;
  #flushing: Promise<void> | undefined;
  #cancelTimer: (() => void) | undefined;
  /** What made the store useless; everything but `close` fails with it. */
  #failure: ShoalError | undefined;
  #isUntold = false;
  /** Set while the files get their final name: nobody may read by a name that changes. */
  #moving: Promise<void> = Promise.resolve();
  #complete: PieceStore | undefined;

  constructor(parts: DownloadParts) {
    this.#parts = parts;
    this.#tree = new ShareTree(parts.metainfo, parts.place.part, parts.smallFiles);
    this.#files = new PartFiles(this.#tree, parts);
    this.#check = new FileCheck(this.#tree, parts.hasher);
    this.#durable = parts.durable;
    this.#isRestLost = parts.isRestLost;
    for (const piece of parts.have) {
      this.#check.wrote(piece);
      if (!this.#durable.has(piece)) this.#doubt(piece);
    }
    if (this.#pending.length > 0) this.#scheduleFlush();
  }

  async readBlock(block: Block): Promise<Uint8Array> {
    const read = this.#moving.then(() => (this.#complete ?? this.#files).readBlock(block));
    this.#reading.add(read);
    try {
      return await read;
    } finally {
      this.#reading.delete(read);
    }
  }

  async writePiece(piece: number, parts: readonly Uint8Array[]): Promise<void> {
    // Back-pressure: what is not durable yet stays bounded even when the disk is slower than the network.
    if (this.#pendingBytes >= FLUSH_BYTES) await this.#flush();
    this.#refuseFailed();
    const write = this.#files.writePiece(piece, parts);
    this.#writing.add(write);
    try {
      await write;
    } finally {
      this.#writing.delete(write);
    }
    this.#pending.push(piece);
    this.#pendingBytes += this.#parts.metainfo.layout.bytesOf(piece);
    this.#check.wrote(piece, parts);
    // Not when it failed: another file's share of the piece may still be on its way to the disk.
    for (const part of parts) blockMemory.give(part);
    this.#scheduleFlush();
  }

  async finish(): Promise<void> {
    if (this.#complete !== undefined) return;
    await this.#settle();
    if (!this.#durable.isFull) throw new Error('invariant: a download is finished when every piece is written');
    await this.#files.complete();
    const wrong = await this.#check.finish();
    if (wrong.length > 0) throw await this.#refuse(wrong);
    const moved = this.#move();
    this.#moving = moved.catch(() => undefined);
    await moved;
  }

  /** A failure that somebody was told of already is not thrown again. */
  async close(): Promise<void> {
    try {
      if (this.#failure === undefined || this.#isUntold) await this.#settle();
    } finally {
      this.#cancelTimer?.();
      await this.#letGo();
    }
  }

  async #letGo(): Promise<void> {
    this.#check.close();
    try {
      await this.#moving;
      await Promise.allSettled(this.#reading);
      await this.#files.close();
      await this.#complete?.close();
    } finally {
      await this.#parts.release();
    }
  }

  /** The next flush makes the piece durable, whoever wrote it. */
  #doubt(piece: number): void {
    this.#files.doubt(piece);
    this.#pending.push(piece);
  }

  #refuseFailed(): void {
    if (this.#failure === undefined) return;
    this.#isUntold = false;
    throw this.#failure;
  }

  #scheduleFlush(): void {
    if (this.#pendingBytes >= FLUSH_BYTES) this.#flushInBackground();
    else
      this.#cancelTimer ??= this.#parts.clock.setTimer(FLUSH_MS, () => {
        this.#flushInBackground();
      });
  }

  /** A failure stays with the store; whoever calls it next is told. */
  #flushInBackground(): void {
    this.#flush().catch(() => (this.#isUntold = true));
  }

  /** Waits until nothing is being written and everything is durable. */
  async #settle(): Promise<void> {
    await Promise.allSettled(this.#writing);
    await this.#flushing;
    await this.#flush();
  }

  #flush(): Promise<void> {
    this.#flushing ??= this.#flushOnce().finally(() => (this.#flushing = undefined));
    return this.#flushing;
  }

  /** Data first, have-map second: it never claims a piece that a power cut could take away. */
  async #flushOnce(): Promise<void> {
    this.#refuseFailed();
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
    const pieces = this.#pending;
    if (pieces.length === 0 && !this.#isMapBehind) return;
    this.#pending = [];
    this.#pendingBytes = 0;
    try {
      await this.#files.sync();
      for (const piece of pieces) this.#durable.add(piece);
    } catch (error) {
      // The next process asks for these pieces again. It would otherwise look for them on disk and find them in the page
      // cache, where what could not be written looks well.
      this.#isRestLost = true;
      await this.#saveHaveMap().catch(() => undefined);
      throw this.#fail(error);
    }
    await this.#noteDurable();
  }

  /** A have-map that claims too little is no harm: where the disk is full, a later flush replaces it. */
  async #noteDurable(): Promise<void> {
    try {
      await this.#saveHaveMap();
      this.#isMapBehind = false;
    } catch (cause) {
      if (storageError('', cause).code !== 'disk-full') throw this.#fail(cause);
      this.#isMapBehind = true;
      this.#scheduleFlush();
    }
  }

  #fail(cause: unknown): ShoalError {
    return (this.#failure = storageError(`keeping account of ${this.#tree.root}`, cause));
  }

  #saveHaveMap(): Promise<void> {
    const { place, metainfo, writeMap = writeHaveMap } = this.#parts;
    return writeMap(place.haveMap, metainfo.infoHash, { pieces: this.#durable, isRestLost: this.#isRestLost });
  }

  /** Takes back what is wrong in these files, so that the next process asks for it again. */
  async #refuse(wrong: readonly number[]): Promise<ShoalError> {
    const { metainfo, hasher } = this.#parts;
    const pieces = new Set<number>();
    for (const file of wrong) {
      const range = metainfo.layout.piecesOf(file);
      for (let piece = range?.first ?? 0; piece <= (range?.last ?? -1); piece++) pieces.add(piece);
    }
    const sizes = await this.#tree.sizes();
    const onPiece = (piece: number, isGood: boolean): void => {
      if (!isGood) this.#durable.delete(piece);
    };
    await checkPieces({ tree: this.#tree, hasher, sizes, pieces, onPiece });
    await this.#saveHaveMap();
    const names = wrong.slice(0, 3).map((file) => this.#tree.nameOf(file));
    const message = `checking ${this.#tree.root}: ${wrong.length} files are not what they should be, first ${names.join(', ')}`;
    this.#failure = new ShoalError('content-mismatch', message);
    return this.#failure;
  }

  async #move(): Promise<void> {
    const { place, metainfo, smallFiles } = this.#parts;
    // Who reads already opens files by their old names; who comes from now on waits for the new ones.
    await Promise.allSettled(this.#reading);
    try {
      await this.#files.close();
      await renameShare({ from: place.part, to: place.target, isSingleFile: metainfo.isSingleFile });
      await removeHaveMap(place.haveMap);
      this.#complete = await openShare({ metainfo, path: place.target, smallFiles });
      await this.#parts.release();
    } catch (cause) {
      throw storageError(`giving ${place.target} its name`, cause);
    }
  }
}
