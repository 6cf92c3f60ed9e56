/**
 * How much an agent may have under way, over all its links: from the offer of a piece until the receiver's `have`.
 *
 * The scarce thing is the uplink, and the trap is the kernel: what is handed to it too early waits in its buffers as a
 * stale promise. So the window is what the uplink was seen to carry while a piece is under way and nothing waits (two
 * round trips of messages, its sending, hash and disk), and a few pieces more, which wait so that the uplink never does.
 * Too few of them cost more than too many: an acknowledgement may be late because the receiver's own uplink is busy, and
 * that must not stop ours.
 *
 * Re-check when changing: the simulator's ratio to the bound for equal and for slower leechers, with latency and without,
 * and the rate of one link on loopback.
 */
import { Turns } from './turns.ts';

/** Pieces that may wait, if they are short: a hundredth of a share that is cut as `choosePieceLength` does. */
const QUEUE_PIECES = 10;
/** Longer ones stand in the way of what is rarer for too long: so many bytes of them, or so much time of the line. */
const QUEUE_BYTES = 1_280 * 1024;
const QUEUE_MS = 50;
/** Fewer pieces do not keep the line busy, however long they are. */
const LEAST_QUEUE_PIECES = 4;
/** Time that a fast line may wait for a slow event loop. */
const EVENT_LOOP_MS = 10;
/** More than the line was seen to carry, so that it can be seen to carry more. */
const GAIN = 1.5;
/** What one round trip counts in the mean, and one rate that is lower than the last. */
const SMOOTHING = 1 / 16;
/** What may be under way before anything was acknowledged, so that the first pieces come soon. */
const FIRST_PIECES = 2;
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
  /** The shortest time in which this receiver has answered an offer. */
  readonly roundTripMs: number;
  /** `acknowledgedBytes` when the piece was offered. */
  readonly acknowledgedBefore: number;
}

export class UploadWindow {
  readonly #turns = new Turns();
  #limitBytes = 0;
  #usedBytes = 0;
  #acknowledgedBytes = 0;
  #bytesPerMs = 0;
  #roundTripMs = 0;
  /** Of a piece's delay the shortest rest that was not round trips: sending, hash and disk. */
  #leastWorkMs = Number.POSITIVE_INFINITY;
  #usualDelayMs: number | undefined;

  /** Bytes under way. */
  get usedBytes(): number {
    return this.#usedBytes;
  }

  /** Bytes that have arrived since the start. */
  get acknowledgedBytes(): number {
    return this.#acknowledgedBytes;
  }

  /** What may be under way, in bytes; never less than two pieces of whoever asks. */
  get limitBytes(): number {
    return this.#limitBytes;
  }

  /** The mean time from an offer to its `have`; undefined until there was one. */
  get usualDelayMs(): number | undefined {
    return this.#usualDelayMs;
  }

  /** Whether a swarm may offer one more piece; one that may not is first when there is room again. */
  hasRoom(pieceBytes: number, swarm: object): boolean {
    const isRoom = this.#usedBytes + pieceBytes <= Math.max(this.#limitBytes, FIRST_PIECES * pieceBytes);
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

  /** Takes back a piece that arrived, and learns from it. */
  acknowledge({ bytes, delayMs, roundTripMs, acknowledgedBefore }: Acknowledgement): void {
    this.release(bytes);
    this.#acknowledgedBytes += bytes;
    this.#usualDelayMs ??= delayMs;
    this.#usualDelayMs += (delayMs - this.#usualDelayMs) * DELAY_WEIGHT;
    this.#roundTripMs += (roundTripMs - this.#roundTripMs) * SMOOTHING;
    this.#leastWorkMs = Math.min(this.#leastWorkMs, Math.max(0, delayMs - 2 * roundTripMs));
    const bytesPerMs = delayMs > 0 ? (this.#acknowledgedBytes - acknowledgedBefore) / delayMs : 0;
    // Up at once and down slowly: a pause, in which there was nothing to offer, does not make the line slower.
    this.#bytesPerMs = Math.max(bytesPerMs, this.#bytesPerMs + (bytesPerMs - this.#bytesPerMs) * SMOOTHING);
    const carriedBytes = this.#bytesPerMs * (GAIN * (2 * this.#roundTripMs + this.#leastWorkMs) + EVENT_LOOP_MS);
    const grownBytes = Math.max(this.#limitBytes, FIRST_PIECES * bytes) + bytes;
    this.#limitBytes = Math.min(MAX_BYTES, grownBytes, this.#queueBytes(bytes) + carriedBytes);
  }

  /** What may wait of pieces of that length. */
  #queueBytes(pieceBytes: number): number {
    const enoughBytes = Math.max(LEAST_QUEUE_PIECES * pieceBytes, QUEUE_BYTES, this.#bytesPerMs * QUEUE_MS);
    return Math.min(QUEUE_PIECES * pieceBytes, enoughBytes);
  }
}
