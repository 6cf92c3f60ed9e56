import { LIMITS, pieceDeadlineMs } from '@shoal/protocol';
import { beforeEach, describe, expect, it } from 'vitest';
import type { Effect } from '../../src/core/events.ts';
import { ReceiveBudget } from '../../src/core/receive-budget.ts';
import { aPeerId, effectsOf, PIECE_BYTES, saidTo, SwarmUnderTest } from './swarm-under-test.ts';

const [anne, bert, cleo, dora] = [aPeerId(1), aPeerId(2), aPeerId(3), aPeerId(4)];
/** A piece has two blocks, a share eight pieces, unless a test says otherwise. */
const BLOCKS = { pieceBytes: 2 * PIECE_BYTES };

let leecher: SwarmUnderTest;
beforeEach(() => {
  leecher = new SwarmUnderTest(BLOCKS);
});

/** A peer offers pieces. */
const offer = (swarm: SwarmUnderTest, peerId = anne, ...pieces: number[]) =>
  swarm.hear(peerId, { kind: 'offer', pieces });

describe('an offer', () => {
  it('of a piece that we lack is accepted in all its blocks', () => {
    leecher.join(anne, 'all');
    expect(saidTo(offer(leecher, anne, 3), anne)).toEqual([{ kind: 'request', blocks: leecher.blockList(3) }]);
  });

  it('of a piece that we have is declined', () => {
    leecher = new SwarmUnderTest({ ...BLOCKS, have: [3] });
    leecher.join(anne, 'all');
    expect(saidTo(offer(leecher, anne, 3))).toEqual([{ kind: 'decline', pieces: [3], reason: 'have' }]);
  });

  it('of a piece that is being checked or written is declined', () => {
    leecher.join(anne, 'all');
    leecher.join(bert, 'all');
    offer(leecher, anne, 3);
    leecher.deliver(anne, 3);
    expect(saidTo(offer(leecher, bert, 3))).toEqual([{ kind: 'decline', pieces: [3], reason: 'have' }]);
    leecher.handle({ kind: 'piece-hashed', peerId: anne, piece: 3, isGood: true, parts: [] });
    expect(saidTo(offer(leecher, bert, 3))).toEqual([{ kind: 'decline', pieces: [3], reason: 'have' }]);
  });

  it('of a piece that somebody promised is declined', () => {
    leecher.join(anne, 'all');
    leecher.join(bert, 'all');
    offer(leecher, anne, 3);
    expect(saidTo(offer(leecher, bert, 3))).toEqual([{ kind: 'decline', pieces: [3], reason: 'promised' }]);
  });

  it('of a piece that the same peer promised is declined', () => {
    leecher.join(anne, 'all');
    offer(leecher, anne, 3);
    expect(saidTo(offer(leecher, anne, 3))).toEqual([{ kind: 'decline', pieces: [3], reason: 'promised' }]);
  });

  it('that was accepted is told to the others that could send the piece, and to nobody else', () => {
    leecher.join(anne, 'all');
    leecher.join(bert, [3]);
    leecher.join(cleo, [4]);
    const effects = offer(leecher, anne, 3);
    expect(saidTo(effects, bert)).toEqual([{ kind: 'expect', add: [3], drop: [] }]);
    expect(saidTo(effects, cleo)).toEqual([]);
    expect(saidTo(effects, anne).map(({ kind }) => kind)).toEqual(['request']);
  });

  it('is held back while the budget has no room, and accepted when a piece is stored', () => {
    const budget = new ReceiveBudget();
    leecher = new SwarmUnderTest({ ...BLOCKS, budget });
    budget.take(2 * LIMITS.maxPieceBytes - 3 * PIECE_BYTES);
    leecher.join(anne, 'all');
    expect(saidTo(offer(leecher, anne, 3, 4))).toEqual([{ kind: 'request', blocks: leecher.blockList(3) }]);
    expect(leecher.swarm.isWaitingForRoom).toBe(true);
    leecher.deliver(anne, 3);
    expect(saidTo(leecher.store(anne, 3), anne)).toContainEqual({ kind: 'request', blocks: leecher.blockList(4) });
    expect(leecher.swarm.isWaitingForRoom).toBe(false);
  });

  it('is requested in parts, as the download limit allows, and the next is held back until then', () => {
    leecher = new SwarmUnderTest({ ...BLOCKS, budget: new ReceiveBudget(PIECE_BYTES) });
    leecher.join(anne, 'all');
    const requested = (effects: Effect[]): (readonly [number, number, number])[] =>
      saidTo(effects, anne).flatMap((message) => (message.kind === 'request' ? message.blocks : []));
    const first = requested(offer(leecher, anne, 3, 4));
    expect(leecher.swarm.isWaitingForRoom).toBe(true);
    const all = [...first, ...requested(leecher.wait(1_750))];
    expect(new Set(all.map(([piece]) => piece))).toEqual(new Set([3]));
    expect(all.reduce((sum, [, , length]) => sum + length, 0) / PIECE_BYTES).toBeCloseTo(2, 1);
    expect(requested(leecher.wait(1_000)).map(([piece]) => piece)).toContain(4);
  });

  it('leaves the download limit to another swarm when its sender goes', () => {
    const budget = new ReceiveBudget(PIECE_BYTES);
    leecher = new SwarmUnderTest({ ...BLOCKS, budget });
    leecher.join(anne, 'all');
    offer(leecher, anne, 3);
    leecher.handle({ kind: 'peer-left', peerId: anne });
    expect(leecher.swarm.isWaitingForRoom).toBe(false);
    expect(budget.mayRequest(leecher.nowMs + 1_000, {})).toBe(true);
  });

  it('is accepted when a peer has left whose promises took the room', () => {
    const budget = new ReceiveBudget();
    leecher = new SwarmUnderTest({ ...BLOCKS, budget });
    budget.take(2 * LIMITS.maxPieceBytes - 2 * PIECE_BYTES);
    leecher.join(anne, 'all');
    leecher.join(bert, 'all');
    offer(leecher, anne, 3);
    offer(leecher, bert, 4);
    const effects = leecher.handle({ kind: 'peer-left', peerId: anne });
    expect(saidTo(effects, bert)).toContainEqual({ kind: 'request', blocks: leecher.blockList(4) });
  });

  it('that was held back is declined when the piece came from somebody else', () => {
    const budget = new ReceiveBudget();
    leecher = new SwarmUnderTest({ ...BLOCKS, budget });
    budget.take(2 * LIMITS.maxPieceBytes - 3 * PIECE_BYTES);
    leecher.join(anne, 'all');
    leecher.join(bert, 'all');
    offer(leecher, anne, 3, 4);
    budget.give(2 * PIECE_BYTES);
    offer(leecher, bert, 4);
    expect(saidTo(leecher.wait(250), anne)).toEqual([{ kind: 'decline', pieces: [4], reason: 'promised' }]);
  });
});

describe('a block', () => {
  it('that was not requested gets its sender banned', () => {
    leecher.join(anne, 'all');
    expect(effectsOf(leecher.deliver(anne, 3), 'ban-peer')[0]).toMatchObject({
      peerId: anne,
      code: 'protocol-violation',
    });
  });

  it('that came already changes nothing, and counts as received', () => {
    leecher.join(anne, 'all');
    offer(leecher, anne, 3);
    const [first] = leecher.layout.blocksOf(3);
    leecher.deliver(anne, 3, [first!]);
    expect(leecher.deliver(anne, 3, [first!])).toEqual([]);
    expect(leecher.swarm.snapshot(leecher.nowMs).receivedBytes).toBe(2 * PIECE_BYTES);
  });

  it('is refused of an older offer without harm to a newer one', () => {
    leecher.join(anne, 'all');
    offer(leecher, anne, 3);
    const [first, ...others] = leecher.blockList(3);
    leecher.hear(anne, { kind: 'reject', blocks: [first!] });
    offer(leecher, anne, 3);
    leecher.deliver(anne, 3, leecher.layout.blocksOf(3).slice(0, 1));
    leecher.hear(anne, { kind: 'reject', blocks: [first!] });
    expect(effectsOf(leecher.deliver(anne, 3, leecher.layout.blocksOf(3).slice(1)), 'hash-piece')).toHaveLength(1);
    expect(others.length).toBeGreaterThan(0);
  });

  it('of a piece that we gave up on may still come', () => {
    leecher.join(anne, 'all');
    offer(leecher, anne, 3);
    leecher.hear(anne, { kind: 'reject', blocks: leecher.blockList(3) });
    expect(leecher.deliver(anne, 3)).toEqual([]);
  });

  it('of a piece that it had promised may come when the peer left and is back', () => {
    leecher.join(anne, 'all');
    offer(leecher, anne, 3);
    leecher.handle({ kind: 'peer-left', peerId: anne });
    leecher.join(anne, 'all');
    expect(effectsOf(leecher.deliver(anne, 3), 'ban-peer')).toEqual([]);
    expect(effectsOf(leecher.deliver(anne, 4), 'ban-peer').length).toBeGreaterThan(0);
  });

  it('may come late for the last 256 pieces that we gave up on, not for more', () => {
    leecher = new SwarmUnderTest({ pieceCount: 257 });
    leecher.join(anne, 'all');
    for (let piece = 0; piece < 257; piece++) {
      offer(leecher, anne, piece);
      leecher.hear(anne, { kind: 'reject', blocks: leecher.blockList(piece) });
    }
    expect(effectsOf(leecher.deliver(anne, 1), 'ban-peer')).toEqual([]);
    expect(effectsOf(leecher.deliver(anne, 0), 'ban-peer')).toHaveLength(1);
  });
});

describe('a piece', () => {
  it('is hashed when it is whole, stored when it is right, and told to all when it is stored', () => {
    leecher.join(anne, 'all');
    leecher.join(bert);
    offer(leecher, anne, 3);
    const [first, second] = leecher.layout.blocksOf(3);
    expect(leecher.deliver(anne, 3, [first!])).toEqual([]);
    const [hash] = effectsOf(leecher.deliver(anne, 3, [second!]), 'hash-piece');
    expect(hash).toMatchObject({ peerId: anne, piece: 3 });
    const { parts } = hash!;
    expect(leecher.handle({ kind: 'piece-hashed', peerId: anne, piece: 3, isGood: true, parts })).toEqual([
      { kind: 'store-piece', piece: 3, parts },
    ]);
    expect(leecher.swarm.snapshot(0).verifiedPieces).toBe(0);
    const effects = leecher.handle({ kind: 'piece-stored', piece: 3 });
    for (const peer of [anne, bert]) expect(saidTo(effects, peer)).toContainEqual({ kind: 'have', pieces: [3] });
    expect(leecher.swarm.snapshot(0).verifiedPieces).toBe(1);
  });

  it('that fails its hash gets its one sender banned, and is free for others', () => {
    for (const peer of [anne, bert, cleo]) leecher.join(peer, 'all');
    offer(leecher, anne, 3);
    leecher.deliver(anne, 3);
    const effects = leecher.handle({ kind: 'piece-hashed', peerId: anne, piece: 3, isGood: false, parts: [] });
    expect(effectsOf(effects, 'ban-peer')).toMatchObject([{ peerId: anne, code: 'bad-piece' }]);
    expect(effectsOf(effects, 'store-piece')).toEqual([]);
    for (const peer of [bert, cleo]) {
      expect(saidTo(effects, peer)).toEqual([{ kind: 'expect', add: [], drop: [3] }]);
    }
    expect(saidTo(offer(leecher, bert, 3), bert)).toMatchObject([{ kind: 'request' }]);
  });

  it('that fails its hash gets its sender banned though it has left', () => {
    leecher.join(anne, 'all');
    offer(leecher, anne, 3);
    leecher.deliver(anne, 3);
    leecher.handle({ kind: 'peer-left', peerId: anne });
    const effects = leecher.handle({ kind: 'piece-hashed', peerId: anne, piece: 3, isGood: false, parts: [] });
    expect(effectsOf(effects, 'ban-peer')).toHaveLength(1);
  });

  it('is stored though its sender has left', () => {
    leecher.join(anne, 'all');
    offer(leecher, anne, 3);
    leecher.deliver(anne, 3);
    leecher.handle({ kind: 'peer-left', peerId: anne });
    leecher.store(anne, 3);
    expect(leecher.swarm.snapshot(0).verifiedPieces).toBe(1);
  });

  it('gives its memory back when it is stored', () => {
    const budget = new ReceiveBudget();
    leecher = new SwarmUnderTest({ ...BLOCKS, budget });
    leecher.join(anne, 'all');
    offer(leecher, anne, 3);
    leecher.deliver(anne, 3);
    expect(budget.usedBytes).toBeGreaterThan(0);
    leecher.store(anne, 3);
    expect(budget.usedBytes).toBe(0);
  });
});

describe('a promise', () => {
  it('that is withdrawn makes the piece free for the others', () => {
    leecher.join(anne, 'all');
    leecher.join(bert, 'all');
    offer(leecher, anne, 3);
    const effects = leecher.hear(anne, { kind: 'reject', blocks: leecher.blockList(3) });
    expect(saidTo(effects, bert)).toEqual([{ kind: 'expect', add: [], drop: [3] }]);
    expect(saidTo(offer(leecher, bert, 3), bert)).toMatchObject([{ kind: 'request' }]);
  });

  it('of a peer that leaves makes the piece free for the others', () => {
    leecher.join(anne, 'all');
    leecher.join(bert, 'all');
    offer(leecher, anne, 3, 4);
    const effects = leecher.handle({ kind: 'peer-left', peerId: anne });
    expect(saidTo(effects, bert)).toEqual([{ kind: 'expect', add: [], drop: [3, 4] }]);
  });

  it('that is late is cancelled, and the piece is free for the others', () => {
    leecher.join(anne, 'all');
    leecher.join(bert, 'all');
    offer(leecher, anne, 3);
    expect(saidTo(leecher.wait(pieceDeadlineMs(2 * PIECE_BYTES)))).toEqual([]);
    const effects = leecher.wait(250);
    expect(saidTo(effects, anne)).toEqual([{ kind: 'cancel', blocks: leecher.blockList(3) }]);
    expect(saidTo(effects, bert)).toEqual([{ kind: 'expect', add: [], drop: [3] }]);
  });

  it('gives the memory back in whatever way it ends', () => {
    const budget = new ReceiveBudget();
    leecher = new SwarmUnderTest({ ...BLOCKS, budget });
    for (const peer of [anne, bert, cleo, dora]) leecher.join(peer, 'all');
    offer(leecher, anne, 0);
    offer(leecher, bert, 1);
    offer(leecher, cleo, 2);
    offer(leecher, dora, 3);
    leecher.deliver(dora, 3);
    leecher.handle({ kind: 'peer-left', peerId: anne });
    leecher.hear(bert, { kind: 'reject', blocks: leecher.blockList(1) });
    leecher.wait(5 * pieceDeadlineMs(2 * PIECE_BYTES) + 250);
    leecher.handle({ kind: 'piece-hashed', peerId: dora, piece: 3, isGood: false, parts: [] });
    expect(budget.usedBytes).toBe(0);
  });
});
