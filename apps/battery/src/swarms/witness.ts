import { LIMITS, ShoalError, type Block } from '@shoal/protocol';
import type { Clock } from '@shoal/engine';
import type { MemoryPieceStore } from '@shoal/engine/testing';

/** The store makes durable what was written since so long, and only that does a killed program find again. */
const DURABLE_AFTER_MS = 5_000;
const ZEROS = Buffer.alloc(LIMITS.blockBytes);

/** Whether these are bytes of the share, which is all zeros. */
export function isRight(parts: readonly Uint8Array[]): boolean {
  return parts.every((part) => Buffer.compare(part, ZEROS.subarray(0, part.length)) === 0);
}

export function bytesOf(parts: readonly Uint8Array[]): number {
  return parts.reduce((sum, { length }) => sum + length, 0);
}

/** What befalls the disk of one agent. */
export interface Disk {
  /** How long a write takes. */
  writeMs: number;
  isFull: boolean;
  failsNextWrite: boolean;
  failsReads: boolean;
}

/**
 * What one program truly holds of the share from its start to its end, seen at its store, whatever the engine says: which
 * pieces were written right, and which of them twice.
 */
export class Witness {
  /** Pieces that are stored with the right bytes. */
  readonly holds: Set<number>;
  /** What was done that must not be; undefined while nothing was. */
  breach: string | undefined;
  /** Bytes of whole pieces that came: that were written, that the disk refused, that failed their SHA-256. */
  writtenBytes = 0;
  refusedBytes = 0;
  failedBytes = 0;
  readonly #disk: Disk;
  readonly #clock: Clock;
  readonly #writtenMs = new Map<number, number>();
  readonly #begun = new Set<number>();

  constructor(held: Iterable<number>, disk: Disk, clock: Clock) {
    this.holds = new Set(held);
    this.#disk = disk;
    this.#clock = clock;
  }

  /** What is found again when the program is killed now. */
  get durable(): number[] {
    const durableMs = this.#clock.now() - DURABLE_AFTER_MS;
    return [...this.holds].filter((piece) => (this.#writtenMs.get(piece) ?? -Infinity) <= durableMs);
  }

  /** Stands at a store from now on. */
  watch(store: MemoryPieceStore): void {
    store.onRead = (block) => {
      this.#read(block);
    };
    store.onWrite = (piece, parts) => this.#write(piece, parts);
  }

  #read({ piece }: Block): void {
    if (this.#disk.failsReads) throw new ShoalError('content-mismatch', 'the file changed');
    if (!this.holds.has(piece)) this.breach ??= `sends piece ${piece}, which it does not hold`;
  }

  async #write(piece: number, parts: readonly Uint8Array[]): Promise<void> {
    if (this.#begun.has(piece) || this.holds.has(piece)) this.breach ??= `fetched piece ${piece} twice`;
    this.#begun.add(piece);
    if (this.#disk.writeMs > 0) await this.#wait(this.#disk.writeMs);
    if (this.#disk.isFull || this.#disk.failsNextWrite) {
      const code = this.#disk.isFull ? 'disk-full' : 'storage-failed';
      this.#disk.failsNextWrite = false;
      this.#begun.delete(piece);
      this.refusedBytes += bytesOf(parts);
      throw new ShoalError(code, `writing piece ${piece}`);
    }
    this.writtenBytes += bytesOf(parts);
    if (!isRight(parts)) return;
    this.holds.add(piece);
    this.#writtenMs.set(piece, this.#clock.now());
  }

  #wait(ms: number): Promise<void> {
    return new Promise((resolve) => {
      this.#clock.setTimer(ms, resolve);
    });
  }
}
