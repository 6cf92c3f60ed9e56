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
    expect(source.window.limitBytes).toBeGreaterThan(4 * PIECE_BYTES);
  });

  it('learns nothing from a peer that got the piece from somebody else meanwhile', () => {
    const source = aSource();
    source.join(anne);
    source.nowMs += 10;
    source.hear(anne, { kind: 'have', pieces: [0] });
    expect(source.window.limitBytes).toBe(0);
    expect(source.window.usedBytes).toBe(4 * PIECE_BYTES);
  });

  it('takes what is beyond the shortest delay of a receiver for a queue', () => {
    const limitAfter = (delaysMs: readonly number[]): number => {
      const source = new SwarmUnderTest({ have: 'all', pieceCount: 256 });
      let offered = offersIn(source.join(anne));
      for (const delayMs of delaysMs) {
        const pieces = offered.map(({ piece }) => piece);
        source.request(anne, ...pieces);
        source.nowMs += delayMs;
        offered = offersIn(source.hear(anne, { kind: 'have', pieces }));
      }
      return source.window.limitBytes / PIECE_BYTES;
    };
    const steady = limitAfter([300, 300, 300, 300, 300, 300]);
    expect(steady).toBe(8);
    expect(limitAfter([100, 300, 300, 300, 300, 300])).toBeLessThan(steady - 2);
    expect(limitAfter([300, 300, 300, 300, 300, 100])).toBe(steady);
  });

  it('does not take the short last piece for a sign of a short way', () => {
    const source = new SwarmUnderTest({ have: 'all', pieceCount: 4, shortBy: PIECE_BYTES - 100 });
    source.join(anne, [0, 1]);
    source.request(anne, 2, 3);
    source.nowMs += 1;
    source.hear(anne, { kind: 'have', pieces: [3] });
    source.nowMs += 999;
    const before = source.window.limitBytes;
    source.hear(anne, { kind: 'have', pieces: [2] });
    expect(source.window.limitBytes).toBeGreaterThanOrEqual(before);
  });
});
