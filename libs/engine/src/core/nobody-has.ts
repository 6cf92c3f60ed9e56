import type { Bitfield } from '@shoal/protocol';
import type { Peer } from './peer.ts';

/** Ranges that are named; the pieces of all are counted. */
const MOST_RANGES = 20;

/** Pieces that neither we nor anybody linked has. */
export interface PiecesNobodyHas {
  /** How many there are. */
  readonly count: number;
  /** The first of them, as ranges: both ends belong to it. */
  readonly ranges: readonly (readonly [first: number, last: number])[];
}

/**
 * The pieces for which a download waits though peers are there.
 * @returns undefined when there are none, or when nobody is linked: then it is all that we lack
 */
export function piecesNobodyHas(have: Bitfield, peers: readonly Peer[]): PiecesNobodyHas | undefined {
  if (have.isFull || peers.length === 0 || peers.some(({ isSeeder }) => isSeeder)) return undefined;
  const ranges: [number, number][] = [];
  let count = 0;
  let begin: number | undefined;
  const isMissing = (piece: number): boolean => !have.has(piece) && !peers.some((peer) => peer.has(piece));
  for (let piece = 0; piece <= have.size; piece++) {
    if (piece < have.size && isMissing(piece)) begin ??= piece;
    else if (begin !== undefined) {
      count += piece - begin;
      ranges.push([begin, piece - 1]);
      begin = undefined;
    }
  }
  return count === 0 ? undefined : { count, ranges: ranges.slice(0, MOST_RANGES) };
}
