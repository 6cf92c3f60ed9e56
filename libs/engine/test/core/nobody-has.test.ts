import { describe, expect, it } from 'vitest';
import { Availability } from '../../src/core/availability.ts';
import { piecesNobodyHas } from '../../src/core/nobody-has.ts';
import { Peer } from '../../src/core/peer.ts';
import { aBitfield, aPeerId, SwarmUnderTest, type Pieces } from './swarm-under-test.ts';

const COUNT = 100;

function aPeerWith(pieces: Pieces): Peer {
  const peer = new Peer(aPeerId(1), COUNT, new Availability(COUNT));
  for (const piece of aBitfield(COUNT, pieces)) peer.gain(piece);
  return peer;
}

const range = (first: number, last: number): number[] =>
  Array.from({ length: last - first + 1 }, (_, at) => first + at);

describe('pieces that nobody has', () => {
  it('are those that neither we nor a linked peer has', () => {
    const [have, peers] = [aBitfield(COUNT, range(0, 44)), [aPeerWith(range(45, 89)), aPeerWith([92, 99])]];
    expect(piecesNobodyHas(have, peers)).toEqual({
      count: 8,
      ranges: [
        [90, 91],
        [93, 98],
      ],
    });
  });

  it('are not told when there are none, when somebody has everything, and when nobody is linked', () => {
    const half = aBitfield(COUNT, range(0, 49));
    expect(piecesNobodyHas(half, [aPeerWith(range(50, 99))])).toBeUndefined();
    expect(piecesNobodyHas(half, [aPeerWith([]), aPeerWith('all')])).toBeUndefined();
    expect(piecesNobodyHas(half, [])).toBeUndefined();
    expect(piecesNobodyHas(aBitfield(COUNT, 'all'), [aPeerWith([])])).toBeUndefined();
  });

  it('are counted, and twenty ranges of them are named', () => {
    const everySecond = range(0, COUNT - 1).filter((piece) => piece % 2 === 1);
    const nobodyHas = piecesNobodyHas(aBitfield(COUNT, everySecond), [aPeerWith([])]);
    expect(nobodyHas?.count).toBe(50);
    expect(nobodyHas?.ranges).toHaveLength(20);
    expect(nobodyHas?.ranges.at(-1)).toEqual([38, 38]);
  });

  it('stand in the snapshot of a swarm that gets nothing', () => {
    const leecher = new SwarmUnderTest({ have: [0, 1, 2] });
    leecher.join(aPeerId(1), [3, 4]);
    expect(leecher.swarm.snapshot(leecher.nowMs).nobodyHas).toEqual({ count: 3, ranges: [[5, 7]] });
  });
});
