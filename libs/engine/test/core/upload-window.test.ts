import { describe, expect, it } from 'vitest';
import { UploadWindow } from '../../src/core/upload-window.ts';
import { PIECE_BYTES } from './swarm-under-test.ts';

/** The one swarm that asks. */
const ME = {};

/**
 * An uplink that sends one piece after the other, and an answer after a round trip: offers as much as the window allows
 * and acknowledges each piece in its time.
 */
class Uplink {
  readonly window = new UploadWindow();
  readonly delaysMs: number[] = [];
  minDelayMs = Number.POSITIVE_INFINITY;
  #nowMs = 0;
  #freeMs = 0;
  readonly #underWay: { readonly offeredMs: number; readonly doneMs: number; readonly underWayBytes: number }[] = [];
  readonly #pieceMs: number;
  readonly #roundTripMs: number;

  constructor({ bytesPerSecond, roundTripMs }: { bytesPerSecond: number; roundTripMs: number }) {
    this.#pieceMs = (PIECE_BYTES * 1000) / bytesPerSecond;
    this.#roundTripMs = roundTripMs;
  }

  /** Sends so many pieces; returns the share of the line that was used. */
  send(pieces: number): number {
    const startMs = this.#nowMs;
    for (let done = 0; done < pieces; done++) {
      while (this.window.hasRoom(PIECE_BYTES, ME)) this.#offer();
      this.#acknowledge();
    }
    return (pieces * this.#pieceMs) / (this.#nowMs - startMs);
  }

  get piecesAllowed(): number {
    return this.window.limitBytes / PIECE_BYTES;
  }

  #offer(): void {
    this.window.reserve(PIECE_BYTES);
    // The offer and its answer take a round trip, then the piece queues for the line, then it and its `have` travel.
    this.#freeMs = Math.max(this.#freeMs, this.#nowMs + this.#roundTripMs) + this.#pieceMs;
    const doneMs = this.#freeMs + this.#roundTripMs;
    this.#underWay.push({ offeredMs: this.#nowMs, doneMs, underWayBytes: this.window.usedBytes });
  }

  #acknowledge(): void {
    const first = this.#underWay.shift();
    if (first === undefined) throw new Error('the window let nothing out');
    this.#nowMs = first.doneMs;
    const delayMs = this.#nowMs - first.offeredMs;
    this.delaysMs.push(delayMs);
    this.minDelayMs = Math.min(this.minDelayMs, delayMs);
    const { minDelayMs } = this;
    this.window.acknowledge({ bytes: PIECE_BYTES, delayMs, minDelayMs, underWayBytes: first.underWayBytes });
  }
}

const MBIT = 125_000;

describe('what may be under way', () => {
  it('is two pieces at first, whatever their size', () => {
    const window = new UploadWindow();
    for (const bytes of [1, PIECE_BYTES, 16 * 1024 * 1024]) {
      expect(window.hasRoom(bytes, ME)).toBe(true);
      window.reserve(bytes);
      expect(window.hasRoom(bytes, ME)).toBe(true);
      window.reserve(bytes);
      expect(window.hasRoom(bytes, ME)).toBe(false);
      window.release(2 * bytes);
    }
  });

  it('is free again when it is declined, and that teaches nothing', () => {
    const window = new UploadWindow();
    window.reserve(PIECE_BYTES);
    window.release(PIECE_BYTES);
    expect([window.usedBytes, window.limitBytes]).toEqual([0, 0]);
  });

  it('cannot be released without having been reserved', () => {
    const window = new UploadWindow();
    window.reserve(10);
    expect(() => {
      window.release(11);
    }).toThrow('invariant');
  });
});

it('gives room in turns: first to whoever found none first', () => {
  const window = new UploadWindow();
  const [one, two] = [{}, {}];
  for (let piece = 0; piece < 2; piece++) {
    expect(window.hasRoom(PIECE_BYTES, one)).toBe(true);
    window.reserve(PIECE_BYTES);
  }
  expect([window.hasRoom(PIECE_BYTES, two), window.hasRoom(PIECE_BYTES, one)]).toEqual([false, false]);
  window.release(PIECE_BYTES);
  expect([window.hasRoom(PIECE_BYTES, one), window.hasRoom(PIECE_BYTES, two)]).toEqual([false, true]);
  expect(window.hasRoom(PIECE_BYTES, two)).toBe(false);
  window.leave(one);
  expect(window.hasRoom(PIECE_BYTES, two)).toBe(true);
});

describe('the window', () => {
  it('grows until a long fast line is full', () => {
    const uplink = new Uplink({ bytesPerSecond: 1_000 * MBIT, roundTripMs: 50 });
    uplink.send(1_500);
    expect(uplink.send(500)).toBeGreaterThan(0.95);
    expect(uplink.piecesAllowed).toBeGreaterThan(40);
  });

  it('grows until a fast local line is full', () => {
    const uplink = new Uplink({ bytesPerSecond: 10_000 * MBIT, roundTripMs: 0.2 });
    uplink.send(200);
    expect(uplink.send(500)).toBeGreaterThan(0.95);
  });

  it('stays at a few pieces where the line is slow, and keeps it busy', () => {
    const uplink = new Uplink({ bytesPerSecond: 20 * MBIT, roundTripMs: 0.2 });
    expect(uplink.send(300)).toBeGreaterThan(0.99);
    expect(uplink.piecesAllowed).toBeLessThan(5);
    expect(Math.max(...uplink.delaysMs) / uplink.minDelayMs).toBeLessThanOrEqual(5);
  });

  it('shrinks when pieces begin to queue, and never below two pieces', () => {
    const window = new UploadWindow();
    const fast = { bytes: PIECE_BYTES, delayMs: 10, minDelayMs: 10 };
    const acknowledge = (delayMs: number): void => {
      while (window.hasRoom(PIECE_BYTES, ME)) window.reserve(PIECE_BYTES);
      window.acknowledge({ ...fast, delayMs, underWayBytes: window.usedBytes });
    };
    for (let piece = 0; piece < 20; piece++) acknowledge(10);
    const grown = window.limitBytes;
    expect(grown).toBeGreaterThan(15 * PIECE_BYTES);
    acknowledge(1_000);
    expect(window.limitBytes).toBeLessThan(grown);
    for (let piece = 0; piece < 5_000; piece++) acknowledge(1_000);
    expect(window.limitBytes).toBeLessThanOrEqual(3 * PIECE_BYTES);
    expect(window.limitBytes).toBeGreaterThanOrEqual(2 * PIECE_BYTES);
  });

  it('grows by a piece for each that arrives, and after the first queue by a piece for each window', () => {
    const window = new UploadWindow();
    const acknowledge = (delayMs: number, piecesQueued: number): number => {
      const before = window.limitBytes;
      while (window.hasRoom(PIECE_BYTES, ME)) window.reserve(PIECE_BYTES);
      // A queue of so many pieces: of two windows under way, that share was waiting.
      const underWayBytes = (piecesQueued * PIECE_BYTES * delayMs) / (delayMs - 10);
      window.acknowledge({ bytes: PIECE_BYTES, delayMs, minDelayMs: 10, underWayBytes });
      return (window.limitBytes - before) / PIECE_BYTES;
    };
    acknowledge(100, 0);
    expect(acknowledge(100, 1.2)).toBe(1);
    expect(acknowledge(100, 1.3)).toBe(0);
    expect(acknowledge(100, 1.2)).toBeCloseTo(1 / 4);
    expect(acknowledge(100, 1.9)).toBe(0);
    expect(acknowledge(100, 2.1)).toBeCloseTo(-1 / 4.25);
  });

  it('does not grow while it is not used up', () => {
    const window = new UploadWindow();
    for (let piece = 0; piece < 50; piece++) {
      window.reserve(PIECE_BYTES);
      window.acknowledge({ bytes: PIECE_BYTES, delayMs: 10, minDelayMs: 10, underWayBytes: PIECE_BYTES });
    }
    expect(window.limitBytes).toBe(2 * PIECE_BYTES);
  });

  it('does not take a queue of a few milliseconds for a slow line', () => {
    const window = new UploadWindow();
    for (let piece = 0; piece < 100; piece++) {
      while (window.hasRoom(PIECE_BYTES, ME)) window.reserve(PIECE_BYTES);
      window.acknowledge({ bytes: PIECE_BYTES, delayMs: 8, minDelayMs: 1, underWayBytes: window.usedBytes });
    }
    expect(window.limitBytes).toBeGreaterThan(10 * PIECE_BYTES);
  });

  it('ends at 64 MiB', () => {
    const window = new UploadWindow();
    for (let piece = 0; piece < 2_000; piece++) {
      while (window.hasRoom(PIECE_BYTES, ME)) window.reserve(PIECE_BYTES);
      window.acknowledge({ bytes: PIECE_BYTES, delayMs: 10, minDelayMs: 10, underWayBytes: window.usedBytes });
    }
    expect(window.limitBytes).toBe(64 * 1024 * 1024);
  });
});
