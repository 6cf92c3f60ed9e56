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
  #nowMs = 0;
  #freeMs = 0;
  readonly #underWay: { readonly offeredMs: number; readonly doneMs: number; readonly acknowledgedBefore: number }[] =
    [];
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
    this.#underWay.push({ offeredMs: this.#nowMs, doneMs, acknowledgedBefore: this.window.acknowledgedBytes });
  }

  #acknowledge(): void {
    const first = this.#underWay.shift();
    if (first === undefined) throw new Error('the window let nothing out');
    this.#nowMs = first.doneMs;
    const delayMs = this.#nowMs - first.offeredMs;
    this.delaysMs.push(delayMs);
    const { acknowledgedBefore } = first;
    this.window.acknowledge({ bytes: PIECE_BYTES, delayMs, roundTripMs: this.#roundTripMs, acknowledgedBefore });
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
    expect(uplink.piecesAllowed).toBeGreaterThan(4);
    expect(uplink.piecesAllowed).toBeLessThan(7);
  });

  it('is what the line was seen to carry in two round trips, half of that again, and a few pieces', () => {
    const uplink = new Uplink({ bytesPerSecond: 20 * MBIT, roundTripMs: 200 });
    uplink.send(300);
    const inTwoRoundTrips = (20 * MBIT * 0.4) / PIECE_BYTES;
    expect(uplink.piecesAllowed).toBeGreaterThan(4 + 1.4 * inTwoRoundTrips);
    expect(uplink.piecesAllowed).toBeLessThan(7 + 1.6 * inTwoRoundTrips);
  });

  it('grows by a piece for each that arrives', () => {
    const window = new UploadWindow();
    const limits = Array.from({ length: 4 }, () => {
      window.reserve(PIECE_BYTES);
      window.acknowledge({ bytes: PIECE_BYTES, delayMs: 100, roundTripMs: 1, acknowledgedBefore: 0 });
      return window.limitBytes / PIECE_BYTES;
    });
    expect(limits).toEqual([3, 4, 5, 6]);
  });

  it('shrinks when the line becomes slow, down to the few pieces that may wait', () => {
    const window = new UploadWindow();
    const acknowledge = (delayMs: number): number => {
      const acknowledgedBefore = window.acknowledgedBytes;
      window.reserve(PIECE_BYTES);
      window.acknowledge({ bytes: PIECE_BYTES, delayMs, roundTripMs: 100, acknowledgedBefore });
      return window.limitBytes / PIECE_BYTES;
    };
    for (let piece = 0; piece < 100; piece++) acknowledge(1);
    expect(acknowledge(1)).toBeGreaterThan(50);
    for (let piece = 0; piece < 200; piece++) acknowledge(10_000);
    const least = acknowledge(10_000);
    expect(least).toBeLessThan(7);
    expect(least).toBeGreaterThanOrEqual(4);
  });

  it.each([
    { kibibytes: 64, bytesPerMs: 1, waiting: 10 },
    { kibibytes: 128, bytesPerMs: 1, waiting: 10 },
    { kibibytes: 256, bytesPerMs: 1, waiting: 5 },
    { kibibytes: 4_096, bytesPerMs: 1, waiting: 4 },
    { kibibytes: 512, bytesPerMs: 64 * 1024, waiting: 6.25 },
    { kibibytes: 512, bytesPerMs: 1_024 * 1024, waiting: 10 },
  ])(
    'lets $waiting pieces of $kibibytes KiB wait on a line of $bytesPerMs bytes a millisecond: ten, or 1.25 MiB, or 50 ms',
    ({ kibibytes, bytesPerMs, waiting }) => {
      const window = new UploadWindow();
      const bytes = kibibytes * 1024;
      const delayMs = bytes / bytesPerMs;
      for (let piece = 0; piece < 100; piece++) {
        const acknowledgedBefore = window.acknowledgedBytes;
        window.reserve(bytes);
        window.acknowledge({ bytes, delayMs, roundTripMs: 0, acknowledgedBefore });
      }
      const carriedBytes = 1.5 * bytes + 10 * bytesPerMs;
      expect((window.limitBytes - carriedBytes) / bytes).toBeCloseTo(waiting);
    },
  );

  it('knows the usual delay', () => {
    const window = new UploadWindow();
    expect(window.usualDelayMs).toBeUndefined();
    for (const delayMs of [100, 180]) {
      window.reserve(PIECE_BYTES);
      window.acknowledge({ bytes: PIECE_BYTES, delayMs, roundTripMs: 1, acknowledgedBefore: 0 });
    }
    expect(window.usualDelayMs).toBe(110);
  });

  it('ends at 64 MiB', () => {
    const window = new UploadWindow();
    for (let piece = 0; piece < 2_000; piece++) {
      window.reserve(PIECE_BYTES);
      window.acknowledge({ bytes: PIECE_BYTES, delayMs: 1, roundTripMs: 1_000, acknowledgedBefore: 0 });
    }
    expect(window.limitBytes).toBe(64 * 1024 * 1024);
  });
});
