import { PieceLayout, type PeerId } from '@shoal/protocol';
import { beforeEach, describe, expect, it } from 'vitest';
import { Availability } from '../../src/core/availability.ts';
import { News } from '../../src/core/news.ts';
import { Outbox } from '../../src/core/outbox.ts';
import { Peer } from '../../src/core/peer.ts';
import { aBitfield, aPeerId } from './swarm-under-test.ts';

const PIECE_COUNT = 1_024;
const PIECE_BYTES = 64 * 1024;
const SENDER = aPeerId(0);

/** So many peers of a share, of which we have the first pieces. */
class NewsUnderTest {
  readonly #outbox = new Outbox();
  readonly #have;
  readonly #peers: ReadonlyMap<PeerId, Peer>;
  readonly news: News;

  constructor({ peerCount, hadPieces }: { peerCount: number; hadPieces: number }) {
    const ids = Array.from({ length: peerCount }, (_, n) => aPeerId(n));
    this.#have = aBitfield(PIECE_COUNT, [...Array(hadPieces).keys()]);
    const availability = new Availability(PIECE_COUNT);
    this.#peers = new Map(ids.map((id) => [id, new Peer(id, PIECE_COUNT, availability)]));
    const layout = new PieceLayout(PIECE_BYTES, [PIECE_COUNT * PIECE_BYTES]);
    this.news = new News({ layout, have: this.#have, peers: this.#peers, outbox: this.#outbox });
  }

  /** The next piece comes from the first peer; returns how many pieces each peer is told of. */
  gain(nowMs = 0): number[] {
    const piece = this.#have.count;
    this.#have.add(piece);
    this.news.had(piece, SENDER);
    this.news.tell(nowMs, this.#have.isFull);
    return this.told();
  }

  /** How many pieces each peer is told of. */
  told(): number[] {
    const counts = new Map([...this.#peers.keys()].map((id) => [id, 0]));
    for (const effect of this.#outbox.take()) {
      if (effect.kind !== 'send-message' || effect.message.kind !== 'have') continue;
      counts.set(effect.peerId, effect.message.pieces.length);
    }
    return [...counts.values()];
  }

  /** Gains pieces until the others are told; returns of how many at once. */
  lot(): number {
    for (let pieces = 1; ; pieces++) if (this.gain()[1] !== 0) return pieces;
  }
}

describe('news of a piece', () => {
  let among17: NewsUnderTest;

  beforeEach(() => {
    among17 = new NewsUnderTest({ peerCount: 16, hadPieces: 500 });
    among17.lot();
  });

  it('is told at once to its sender alone, where there are many peers', () => {
    expect(among17.gain()).toEqual([1, ...Array<number>(15).fill(0)]);
  });

  it('is told to the others with that of so many that it costs a hundred-and-fiftieth', () => {
    expect(among17.lot()).toBe(5);
    expect(new NewsUnderTest({ peerCount: 50, hadPieces: 500 }).lot()).toBe(14);
  });

  it('is told to all at once where there are few', () => {
    expect(new NewsUnderTest({ peerCount: 3, hadPieces: 500 }).gain()).toEqual([1, 1, 1]);
  });

  it('waits for no second longer', () => {
    among17.gain(900);
    expect(among17.gain(1_001)).toEqual([1, ...Array<number>(15).fill(2)]);
  });

  it('is told at once while we have few', () => {
    const beginner = new NewsUnderTest({ peerCount: 16, hadPieces: 0 });
    expect(Array.from({ length: 4 }, () => beginner.lot())).toEqual([1, 1, 1, 1]);
    expect(new NewsUnderTest({ peerCount: 16, hadPieces: 32 }).lot()).toBe(3);
  });

  it('is told at once while we lack few', () => {
    const finisher = new NewsUnderTest({ peerCount: 16, hadPieces: PIECE_COUNT - 10 });
    expect(Array.from({ length: 4 }, () => finisher.lot())).toEqual([1, 1, 1, 1]);
  });
});
