import { describe, expect, it } from 'vitest';
import { aPeerId, offersIn, PIECE_BYTES, SwarmUnderTest } from './swarm-under-test.ts';

const anne = aPeerId(1);

/** A source of eight pieces of two blocks. */
const aSource = (): SwarmUnderTest => new SwarmUnderTest({ have: 'all', pieceBytes: 2 * PIECE_BYTES });

describe('the window', () => {
  it('learns from a piece that was sent', () => {
    const source = aSource();
    source.join(anne);
    source.request(anne, 0, 1);
    source.nowMs += 10;
    source.hear(anne, { kind: 'have', pieces: [0] });
    expect(source.window.limitBytes).toBe(3 * 2 * PIECE_BYTES);
  });

  it('learns nothing from a peer that got the piece from somebody else meanwhile', () => {
    const source = aSource();
    source.join(anne);
    source.nowMs += 10;
    source.hear(anne, { kind: 'have', pieces: [0] });
    expect(source.window.limitBytes).toBe(0);
    expect(source.window.usedBytes).toBe(4 * PIECE_BYTES);
  });

  it('takes the shortest time in which a receiver answered for its distance', () => {
    const limitAfter = (answersMs: readonly number[]): number => {
      const source = new SwarmUnderTest({ have: 'all', pieceCount: 1_024 });
      let offered = offersIn(source.join(anne));
      for (const answerMs of answersMs) {
        const pieces = offered.map(({ piece }) => piece);
        source.nowMs += answerMs;
        source.request(anne, ...pieces);
        source.nowMs += 300 - answerMs;
        offered = offersIn(source.hear(anne, { kind: 'have', pieces }));
      }
      return source.window.limitBytes;
    };
    const often = (answerMs: number): number[] => Array.from({ length: 9 }, () => answerMs);
    const near = limitAfter([10, ...often(10)]);
    expect(limitAfter([10, ...often(200)])).toBe(near);
    expect(limitAfter([200, ...often(200)])).toBeGreaterThan(near);
  });
});
