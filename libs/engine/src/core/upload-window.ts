/**
 * How much an agent may have under way, over all its links: from the offer of a piece until the receiver's `have`.
 *
 * The scarce thing is the uplink, and the trap is the kernel: what is handed to it too early waits in its buffers as a
 * stale promise. So the window follows the delay (as TCP Vegas and LEDBAT do): by Little's law, of the bytes that were
 * under way when a piece was offered, the share `1 - shortest delay / its delay` was only standing in a queue. Little
 * queue: the window grows; more than a few pieces in it and more than `QUEUE_MS` of delay: it shrinks.
 *
 * Re-check when changing: the simulator's ratio to the bound for N = 4, 8, 16, and the rate of one link on loopback.
 */
import { Turns } from './turns.ts';

const MIN_PIECES = 2;
const GROW_BELOW_PIECES = 1.25;
const SHRINK_ABOVE_PIECES = 2;
/** Queueing delay that costs nobody anything: below it the window grows, so that a fast link never waits for a slow event loop. */
const QUEUE_MS = 10;
const MAX_BYTES = 64 * 1024 * 1024;
/** A piece that takes so many times the usual delay, and a second, stalls. */
const PATIENCE_FACTOR = 4;
const PATIENCE_MS = 1_000;
/** What one delay counts in the usual one. */
const DELAY_WEIGHT = 1 / 8;

/** What the receiver's `have` tells of one piece. */
export interface Acknowledgement {
  readonly bytes: number;
  /** From offer to `have`. */
  readonly delayMs: number;
  /** The shortest such delay that this receiver has shown for a piece of this size. */
  readonly minDelayMs: number;
  /** `usedBytes` just after the piece was offered. */
  readonly underWayBytes: number;
}

export class UploadWindow {
  readonly #turns = new Turns();
  #limitBytes = 0;
  #usedBytes = 0;
  #isStarting = true;
  #usualDelayMs: number | undefined;

  /** Bytes under way. */
  get usedBytes(): number {
    return this.#usedBytes;
  }

  /** What may be under way, in bytes; never less than two pieces of whoever asks. */
  get limitBytes(): number {
    return this.#limitBytes;
  }

  /** Whether a swarm may offer one more piece; one that may not is first when there is room again. */
  hasRoom(pieceBytes: number, swarm: object): boolean {
    const isRoom = this.#usedBytes + pieceBytes <= Math.max(this.#limitBytes, MIN_PIECES * pieceBytes);
    return this.#turns.mayTake(swarm, isRoom);
  }

  /** A swarm has nothing to offer any more. */
  leave(swarm: object): void {
    this.#turns.leave(swarm);
  }

  /**
   * How long a piece may be under way before it stalls, to a receiver whose latest took `lastDelayMs`. As long as nothing
   * arrived anywhere nobody knows how slow our own line is; but whoever has not even requested all of it waits for itself.
   */
  patienceMs({ lastDelayMs, isRequested }: { lastDelayMs: number; isRequested: boolean }): number {
    if (this.#usualDelayMs === undefined) return isRequested ? Number.POSITIVE_INFINITY : PATIENCE_MS;
    return PATIENCE_MS + PATIENCE_FACTOR * Math.max(lastDelayMs, this.#usualDelayMs);
  }

  /** Counts an offered piece. */
  reserve(bytes: number): void {
    this.#usedBytes += bytes;
  }

  /** Takes back what was declined, cancelled or given up: says nothing about the link. */
  release(bytes: number): void {
    this.#usedBytes -= bytes;
    if (this.#usedBytes < 0) throw new Error('invariant: more was released than was under way');
  }

  /** Takes back a piece that arrived, and learns from its delay. */
  acknowledge({ bytes, delayMs, minDelayMs, underWayBytes }: Acknowledgement): void {
    this.#limitBytes = Math.max(this.#limitBytes, MIN_PIECES * bytes);
    const wasFull = this.#usedBytes + bytes > this.#limitBytes;
    this.release(bytes);
    this.#usualDelayMs ??= delayMs;
    this.#usualDelayMs += (delayMs - this.#usualDelayMs) * DELAY_WEIGHT;
    const queuedMs = delayMs - minDelayMs;
    const queuedPieces = delayMs > 0 ? (underWayBytes / bytes) * (queuedMs / delayMs) : 0;
    if (queuedPieces < GROW_BELOW_PIECES || queuedMs < QUEUE_MS) {
      if (wasFull) this.#limitBytes += this.#isStarting ? bytes : this.#step(bytes);
    } else {
      this.#isStarting = false;
      if (queuedPieces > SHRINK_ABOVE_PIECES) this.#limitBytes -= this.#step(bytes);
    }
    this.#limitBytes = Math.min(MAX_BYTES, Math.max(MIN_PIECES * bytes, this.#limitBytes));
  }

  /** One piece for every window of pieces acknowledged. */
  #step(bytes: number): number {
    return (bytes * bytes) / this.#limitBytes;
  }
}
