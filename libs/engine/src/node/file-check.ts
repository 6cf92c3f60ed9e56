/**
 * Checks each file of a download against the SHA-256 of its own while the download goes on, so that little is left to read
 * at the end. Tiny files that a piece holds whole it takes from memory, others it reads back from disk: small ones when they
 * are complete, large ones along the part from their beginning that is there. One thread at a time is kept busy with it, two when everything waits for the result.
 */
import { createHash } from 'node:crypto';
import { Bitfield, ShoalError, type FileSpan } from '@shoal/protocol';
import { cutParts } from './cut-parts.ts';
import { codeOf, storageError } from './file-errors.ts';
import type { DigestStream, ThreadHasher } from './hasher.ts';
import type { ShareTree } from './share-tree.ts';

/** What a thread reads for one job; files up to this size are small. */
const STEP_BYTES = 4 * 1024 * 1024;
/** A file up to this size that came whole costs less to hash where it is than to open again. */
const TINY_BYTES = 64 * 1024;
/** Small files are read in one job when they are so many, or so large together. */
const BATCH_FILES = 256;
const BATCH_BYTES = 1024 * 1024;

/** Where the check of a large file stands. */
interface LargeFile {
  readonly file: number;
  readonly lastPiece: number;
  /** First piece of the file that is not written yet. */
  nextPiece: number;
  checkedBytes: number;
  stream?: DigestStream;
  isBusy: boolean;
}

export class FileCheck {
  readonly #tree: ShareTree;
  readonly #hasher: ThreadHasher;
  readonly #written: Bitfield;
  /** Pieces that each small file still lacks. */
  readonly #lacking: Uint32Array;
  readonly #large = new Map<number, LargeFile>();
  readonly #readyLarge = new Set<LargeFile>();
  #readySmall: number[] = [];
  #readySmallBytes = 0;
  readonly #wrong: number[] = [];
  readonly #lanes = new Set<Promise<void>>();
  #running = 0;
  #isFinishing = false;
  #isClosed = false;
  #failure: unknown;

  constructor(tree: ShareTree, hasher: ThreadHasher) {
    const { info, layout } = tree.metainfo;
    this.#tree = tree;
    this.#hasher = hasher;
    this.#written = new Bitfield(layout.pieceCount);
    this.#lacking = new Uint32Array(info.files.length);
    for (const file of info.files.keys()) this.#watch(file);
  }

  /**
   * The bytes of a piece can be read back from disk.
   * @param parts the same bytes, if they are in memory
   */
  wrote(piece: number, parts?: readonly Uint8Array[]): void {
    const { layout } = this.#tree.metainfo;
    if (!this.#written.add(piece)) return;
    const spans = layout.spansOf({ piece, begin: 0, length: layout.bytesOf(piece) });
    const inMemory = parts === undefined ? [] : [...cutParts(spans, parts)];
    for (const [at, span] of spans.entries()) {
      const bytes = this.#isTiny(span) ? inMemory[at] : undefined;
      const large = this.#large.get(span.file);
      if (bytes !== undefined) this.#compare(span.file, digestOf(bytes.parts));
      else if (large === undefined) this.#advanceSmall(span.file);
      else this.#advanceLarge(large);
    }
    this.#startLanes(1);
  }

  /**
   * Checks what is left; every piece must be written.
   * @returns the files whose bytes are not those that the metainfo describes
   * @throws ShoalError `storage-failed`, `shutting-down` when it was closed before the end
   */
  async finish(): Promise<readonly number[]> {
    this.#isFinishing = true;
    this.#startLanes(2);
    while (this.#lanes.size > 0) await Promise.all(this.#lanes);
    if (this.#isClosed) throw new ShoalError('shutting-down', `checking the files of ${this.#tree.root}`);
    if (this.#failure !== undefined) throw storageError(`checking the files of ${this.#tree.root}`, this.#failure);
    return this.#wrong;
  }

  /** Begins nothing any more. */
  close(): void {
    this.#isClosed = true;
    for (const { stream } of this.#large.values()) stream?.close();
  }

  #watch(file: number): void {
    const pieces = this.#tree.metainfo.layout.piecesOf(file);
    if (pieces === undefined) this.#readySmall.push(file);
    else if (this.#tree.lengthOf(file) <= STEP_BYTES) this.#lacking[file] = pieces.last - pieces.first + 1;
    else {
      const { first, last } = pieces;
      this.#large.set(file, { file, lastPiece: last, nextPiece: first, checkedBytes: 0, isBusy: false });
    }
  }

  /** Whether these bytes are the whole of a tiny file. */
  #isTiny({ file, length }: FileSpan): boolean {
    return length <= TINY_BYTES && length === this.#tree.lengthOf(file);
  }

  #advanceSmall(file: number): void {
    const lacking = (this.#lacking[file] ?? 0) - 1;
    this.#lacking[file] = lacking;
    if (lacking > 0) return;
    this.#readySmall.push(file);
    this.#readySmallBytes += this.#tree.lengthOf(file);
  }

  #advanceLarge(large: LargeFile): void {
    while (large.nextPiece <= large.lastPiece && this.#written.has(large.nextPiece)) large.nextPiece++;
    const bytes = this.#availableBytes(large) - large.checkedBytes;
    const isEnough = bytes >= STEP_BYTES || large.nextPiece > large.lastPiece;
    if (isEnough && !large.isBusy) this.#readyLarge.add(large);
  }

  /** How many bytes from its beginning the file has on disk. */
  #availableBytes({ file, nextPiece, lastPiece }: LargeFile): number {
    const { layout } = this.#tree.metainfo;
    if (nextPiece > lastPiece) return this.#tree.lengthOf(file);
    const spans = layout.spansOf({ piece: nextPiece, begin: 0, length: layout.bytesOf(nextPiece) });
    return spans.find((span) => span.file === file)?.offset ?? 0;
  }

  #startLanes(count: number): void {
    for (let running = this.#running; running < count; running++) {
      this.#running++;
      const lane = this.#runLane().finally(() => this.#lanes.delete(lane));
      this.#lanes.add(lane);
    }
  }

  async #runLane(): Promise<void> {
    for (let job = this.#takeJob(); job !== undefined; job = this.#takeJob()) await job();
    // In the same turn as the last look for a job, so that whoever brings the next one starts a lane again.
    this.#running--;
  }

  #takeJob(): (() => Promise<void>) | undefined {
    if (this.#isClosed) return undefined;
    const [large] = this.#readyLarge;
    if (large !== undefined) {
      this.#readyLarge.delete(large);
      return () => this.#checkLarge(large);
    }
    const isWorthIt = this.#readySmall.length >= BATCH_FILES || this.#readySmallBytes >= BATCH_BYTES;
    if (!isWorthIt && (!this.#isFinishing || this.#readySmall.length === 0)) return undefined;
    const batch = this.#readySmall;
    this.#readySmall = [];
    this.#readySmallBytes = 0;
    return () => this.#checkSmall(batch);
  }

  async #checkLarge(large: LargeFile): Promise<void> {
    const { file, checkedBytes } = large;
    large.isBusy = true;
    const length = Math.min(STEP_BYTES, this.#availableBytes(large) - checkedBytes);
    const isLast = checkedBytes + length === this.#tree.lengthOf(file);
    try {
      large.stream ??= this.#hasher.openStream();
      const slice = { path: this.#tree.pathOf(file), offset: checkedBytes, length };
      const digests = await large.stream.digestFiles([slice], isLast ? [length] : []);
      large.checkedBytes += length;
      if (isLast) this.#compare(file, digests[0]);
    } catch (error) {
      this.#failed([file], error);
      large.checkedBytes = this.#tree.lengthOf(file);
    }
    large.isBusy = false;
    if (large.checkedBytes < this.#tree.lengthOf(file)) this.#advanceLarge(large);
    else large.stream?.close();
  }

  async #checkSmall(files: readonly number[]): Promise<void> {
    const filled = files.filter((file) => this.#tree.lengthOf(file) > 0);
    const slices = filled.map((file) => ({
      path: this.#tree.pathOf(file),
      offset: 0,
      length: this.#tree.lengthOf(file),
    }));
    let end = 0;
    const cuts = files.map((file) => (end += this.#tree.lengthOf(file)));
    try {
      const digests = await this.#hasher.digestFiles(slices, cuts);
      for (const [at, file] of files.entries()) this.#compare(file, digests[at]);
    } catch (error) {
      this.#failed(files, error);
    }
  }

  #compare(file: number, digest: Uint8Array | undefined): void {
    const expected = this.#tree.metainfo.info.files[file]?.sha256;
    if (digest === undefined || Buffer.from(digest).toString('hex') !== expected) this.#wrong.push(file);
  }

  /** Somebody else changed the files, or the disk fails: the first is a wrong file, the second nobody's fault. */
  #failed(files: readonly number[], error: unknown): void {
    if (['ESHORT', 'ENOENT', 'ENOTDIR', 'ELOOP'].includes(codeOf(error))) this.#wrong.push(...files);
    else this.#failure ??= error;
  }
}

function digestOf(parts: readonly Uint8Array[]): Uint8Array {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return hash.digest();
}
