import { beforeEach, describe, expect, it } from 'vitest';
import { Availability } from '../../src/core/availability.ts';
import { Peer, type Offer } from '../../src/core/peer.ts';
import { aPeerId } from './swarm-under-test.ts';

const PIECES = 4;
let availability: Availability;
let peer: Peer;
beforeEach(() => {
  availability = new Availability(PIECES);
  peer = new Peer(aPeerId(1), PIECES, availability);
});

const anOffer = (piece: number, bytes = 100): Offer => ({
  piece,
  bytes,
  offeredMs: 0,
  acknowledgedBefore: 0,
  requestedBytes: 0,
  askedMs: 0,
  isInWindow: true,
});
const rarities = (): number[] => Array.from({ length: PIECES }, (_, piece) => availability.rarity(piece));

describe('what a peer has', () => {
  it('is nothing at first', () => {
    expect(peer.claimedCount).toBe(0);
    expect(peer.has(0)).toBe(false);
    expect(peer.lacks(0)).toBe(true);
  });

  it('counts once, however often the peer says it', () => {
    expect([peer.gain(2), peer.gain(2)]).toEqual([true, false]);
    expect(peer.claimedCount).toBe(1);
    expect(peer.lacks(2)).toBe(false);
    expect(availability.rarity(2)).toBe(1);
  });

  it('makes it a seeder when it is everything', () => {
    for (const piece of [0, 1, 2]) peer.gain(piece);
    expect(peer.isSeeder).toBe(false);
    peer.gain(3);
    expect(peer.isSeeder).toBe(true);
  });
});

describe('what others promised a peer', () => {
  it('is not lacked, and makes the piece less rare', () => {
    peer.promise(1, 5);
    expect(peer.lacks(1)).toBe(false);
    expect(peer.has(1)).toBe(false);
    expect(rarities()).toEqual([0, 1, 0, 0]);
    expect([...peer.promises]).toEqual([[1, 5]]);
  });

  it('keeps the time of the first promise and counts once', () => {
    peer.promise(1, 5);
    peer.promise(1, 9);
    expect([...peer.promises]).toEqual([[1, 5]]);
    expect(availability.rarity(1)).toBe(1);
  });

  it('is lacked again when the promise is withdrawn', () => {
    peer.promise(1, 5);
    peer.unpromise(1);
    peer.unpromise(1);
    expect(peer.lacks(1)).toBe(true);
    expect(rarities()).toEqual([0, 0, 0, 0]);
  });

  it('ends when the peer has the piece', () => {
    peer.promise(1, 5);
    peer.gain(1);
    expect([...peer.promises]).toEqual([]);
    expect(rarities()).toEqual([0, 1, 0, 0]);
    expect(peer.lacks(1)).toBe(false);
  });

  it('is nothing that it has already', () => {
    peer.gain(1);
    peer.promise(1, 5);
    expect([...peer.promises]).toEqual([]);
    expect(availability.rarity(1)).toBe(1);
  });
});

describe('what we offered a peer', () => {
  it('is its load until the offer ends', () => {
    peer.addOffer(anOffer(0, 100));
    peer.addOffer(anOffer(3, 30));
    expect(peer.loadBytes).toBe(130);
    expect(peer.endOffer(0)?.piece).toBe(0);
    expect(peer.loadBytes).toBe(30);
    expect(peer.endOffer(0)).toBeUndefined();
    expect(peer.loadBytes).toBe(30);
  });

  it('is not lacked while the offer stands, and is again when it ends without the piece', () => {
    peer.addOffer(anOffer(0));
    expect(peer.lacks(0)).toBe(false);
    expect(availability.rarity(0)).toBe(1);
    peer.endOffer(0);
    expect(peer.lacks(0)).toBe(true);
    expect(availability.rarity(0)).toBe(0);
  });

  it('stays claimed when somebody else promised it too', () => {
    peer.promise(0, 5);
    peer.addOffer(anOffer(0));
    peer.endOffer(0);
    expect(peer.lacks(0)).toBe(false);
    expect(availability.rarity(0)).toBe(1);
  });

  it('is found by its piece, oldest first', () => {
    peer.addOffer(anOffer(2));
    peer.addOffer(anOffer(1));
    expect([...peer.offers].map(({ piece }) => piece)).toEqual([2, 1]);
    expect(peer.offerOf(1)?.piece).toBe(1);
    expect(peer.offerOf(0)).toBeUndefined();
  });
});

it('takes all that it had and was promised out of the availability when it leaves', () => {
  peer.gain(0);
  peer.promise(1, 5);
  peer.addOffer(anOffer(2));
  peer.addOffer(anOffer(3));
  expect(peer.leave().map(({ piece }) => piece)).toEqual([2, 3]);
  expect(rarities()).toEqual([0, 0, 0, 0]);
  expect(availability.rarity(0)).toBe(0);
  expect(peer.loadBytes).toBe(0);
});
