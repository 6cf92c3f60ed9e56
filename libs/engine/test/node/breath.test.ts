import { describe, expect, it } from 'vitest';
import { Breath } from '../../src/node/breath.ts';

const TURN_MS = 1;
const SECOND = 1_000;

/** An event loop whose turns take a millisecond, and a breath that adds to that. */
class FakeLoop {
  nowMs = 5_000;
  sleptMs = 0;
  #atEnd: (() => void)[] = [];
  readonly #breath = new Breath({
    now: () => this.nowMs,
    afterTurn: (breathe) => {
      this.#atEnd.push(breathe);
    },
    sleep: (ms) => {
      this.sleptMs += ms;
      this.nowMs += ms;
    },
  });

  /** One turn, in which links read so many bytes each. */
  turn(...reads: number[]): void {
    for (const bytes of reads) this.#breath.moved(bytes);
    for (const callback of this.#atEnd.splice(0)) callback();
    this.nowMs += TURN_MS;
  }

  /** Turns, with as many bytes in each as the rate demands, for a while; returns how many turns it took. */
  flow(bytesPerSecond: number, forMs: number): number {
    let turns = 0;
    for (let at = this.nowMs, end = this.nowMs + forMs; this.nowMs < end; turns++) {
      const bytes = ((this.nowMs - at) * bytesPerSecond) / SECOND;
      at = this.nowMs;
      this.turn(bytes);
    }
    return turns;
  }
}

describe('a breath', () => {
  it('is taken after every turn while data trickles', () => {
    const loop = new FakeLoop();
    loop.flow(2_000_000, SECOND);
    const turns = loop.flow(2_000_000, SECOND);
    expect(turns).toBeLessThan(300);
    expect(loop.sleptMs).toBeGreaterThan(SECOND);
  });

  it('is one of at most 3 ms, however many links have read', () => {
    const loop = new FakeLoop();
    loop.flow(2_000_000, SECOND);
    const before = loop.sleptMs;
    loop.turn(1_500, 1_500, 1_500);
    expect(loop.sleptMs - before).toBe(3);
  });

  it('is not taken in the first quarter of a second', () => {
    const loop = new FakeLoop();
    loop.flow(2_000_000, 250);
    expect(loop.sleptMs).toBe(0);
  });

  it('is never taken where much comes', () => {
    const loop = new FakeLoop();
    loop.flow(20_000_000, 10 * SECOND);
    expect(loop.sleptMs).toBe(0);
  });

  it('is never taken where little comes', () => {
    const loop = new FakeLoop();
    loop.flow(200_000, 10 * SECOND);
    expect(loop.sleptMs).toBe(0);
  });

  it('is never taken after a turn without data', () => {
    const loop = new FakeLoop();
    loop.flow(2_000_000, SECOND);
    const before = loop.sleptMs;
    loop.turn();
    expect(loop.sleptMs).toBe(before);
  });

  it('is not taken after a pause until data has trickled for another quarter of a second', () => {
    const loop = new FakeLoop();
    loop.flow(2_000_000, SECOND);
    loop.nowMs += SECOND;
    const before = loop.sleptMs;
    loop.flow(2_000_000, 200);
    expect(loop.sleptMs).toBe(before);
    loop.flow(2_000_000, 200);
    expect(loop.sleptMs).toBeGreaterThan(before);
  });

  it('ends as soon as much comes', () => {
    const loop = new FakeLoop();
    loop.flow(2_000_000, SECOND);
    loop.turn(3_000_000);
    const before = loop.sleptMs;
    loop.flow(20_000_000, SECOND);
    expect(loop.sleptMs).toBe(before);
  });
});
