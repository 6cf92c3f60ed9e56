import { describe, expect, it } from 'vitest';
import { aPeerId, effectsOf, offersIn, PIECE_BYTES, saidTo, SwarmUnderTest } from './swarm-under-test.ts';

const [anne, bert, cleo] = [aPeerId(1), aPeerId(2), aPeerId(3)];
/** A piece has two blocks. */
const BLOCKS = { pieceBytes: 2 * PIECE_BYTES };

/** A peer offers pieces. */
const offer = (swarm: SwarmUnderTest, peerId = anne, ...pieces: number[]) =>
  swarm.hear(peerId, { kind: 'offer', pieces });

describe('for a receiver', () => {
  /** Lacks two pieces, both promised by anne. */
  function almostDone(): SwarmUnderTest {
    const swarm = new SwarmUnderTest({ ...BLOCKS, have: [0, 1, 2, 3, 4, 5] });
    for (const peer of [anne, bert, cleo]) swarm.join(peer, 'all');
    offer(swarm, anne, 6, 7);
    return swarm;
  }

  it('begins when every lacking piece is promised: a second promise is accepted, a third is not', () => {
    const swarm = almostDone();
    expect(saidTo(offer(swarm, bert, 7), bert)).toMatchObject([{ kind: 'request' }]);
    expect(saidTo(offer(swarm, cleo, 7), cleo)).toEqual([{ kind: 'decline', pieces: [7], reason: 'promised' }]);
  });

  it('begins also when some pieces are being written, and others have been', () => {
    const swarm = new SwarmUnderTest({ ...BLOCKS, have: [0, 1, 2, 3, 4] });
    for (const peer of [anne, bert]) swarm.join(peer, 'all');
    offer(swarm, anne, 5, 6, 7);
    swarm.deliver(anne, 5);
    swarm.store(anne, 5);
    swarm.deliver(anne, 6);
    expect(saidTo(offer(swarm, bert, 7), bert)).toMatchObject([{ kind: 'request' }]);
  });

  it('does not begin while a piece is free', () => {
    const swarm = new SwarmUnderTest({ ...BLOCKS, have: [0, 1, 2, 3, 4] });
    for (const peer of [anne, bert]) swarm.join(peer, 'all');
    offer(swarm, anne, 6, 7);
    expect(saidTo(offer(swarm, bert, 7))).toEqual([{ kind: 'decline', pieces: [7], reason: 'promised' }]);
  });

  it('is won by the first complete piece; the other promise is cancelled', () => {
    const swarm = almostDone();
    offer(swarm, bert, 7);
    swarm.deliver(anne, 7, swarm.layout.blocksOf(7).slice(0, 1));
    const effects = swarm.deliver(bert, 7);
    expect(effectsOf(effects, 'hash-piece')).toMatchObject([{ peerId: bert, piece: 7 }]);
    expect(saidTo(effects, anne)).toEqual([{ kind: 'cancel', blocks: swarm.blockList(7) }]);
  });

  it('does not hold what the loser still sends against it', () => {
    const swarm = almostDone();
    offer(swarm, bert, 7);
    swarm.deliver(bert, 7);
    expect(swarm.deliver(anne, 7)).toEqual([]);
  });

  it('does not free a piece while one of its two promises stands', () => {
    const swarm = almostDone();
    offer(swarm, bert, 7);
    expect(saidTo(swarm.hear(bert, { kind: 'reject', blocks: swarm.blockList(7) }))).toEqual([]);
  });

  it('gives all its memory back', () => {
    const swarm = almostDone();
    offer(swarm, bert, 7);
    swarm.deliver(bert, 7);
    swarm.store(bert, 7);
    swarm.deliver(anne, 6);
    swarm.store(anne, 6);
    expect(swarm.budget.usedBytes).toBe(0);
  });
});

describe('for a sender', () => {
  it('keeps a promise of somebody else that has waited for two seconds', () => {
    const leecher = new SwarmUnderTest({ have: [2] });
    leecher.handle({ kind: 'peer-joined', peerId: anne });
    leecher.hear(anne, { kind: 'bitfield', bits: 'AA==' });
    leecher.hear(anne, { kind: 'expect', add: [2], drop: [] });
    expect(offersIn(leecher.hear(anne, { kind: 'interested' }))).toEqual([]);
    expect(offersIn(leecher.wait(2_000))).toEqual([]);
    expect(offersIn(leecher.wait(250))).toEqual([{ peerId: anne, piece: 2 }]);
    leecher.request(anne, 2);
    // Now it is our promise and nobody else's: taken back, the piece is free.
    const effects = leecher.hear(anne, { kind: 'cancel', blocks: leecher.blockList(2) });
    expect(offersIn(effects)).toEqual([{ peerId: anne, piece: 2 }]);
  });
});
