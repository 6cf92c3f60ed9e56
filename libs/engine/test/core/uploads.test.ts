import { LIMITS, pieceDeadlineMs } from '@shoal/protocol';
import { describe, expect, it } from 'vitest';
import { aPeerId, effectsOf, offersIn, PIECE_BYTES, saidTo, SwarmUnderTest } from './swarm-under-test.ts';

const [anne, bert, cleo] = [aPeerId(1), aPeerId(2), aPeerId(3)];

/** A source of eight pieces of two blocks. */
const aSource = (): SwarmUnderTest => new SwarmUnderTest({ have: 'all', pieceBytes: 2 * PIECE_BYTES });

describe('offers', () => {
  it('go to a peer as soon as it is interested, as many as the window allows', () => {
    const source = aSource();
    source.handle({ kind: 'peer-joined', peerId: anne });
    expect(offersIn(source.hear(anne, { kind: 'bitfield', bits: 'AA==' }))).toEqual([]);
    const effects = source.hear(anne, { kind: 'interested' });
    expect(offersIn(effects)).toEqual([
      { peerId: anne, piece: 0 },
      { peerId: anne, piece: 1 },
    ]);
    expect(source.window.usedBytes).toBe(4 * PIECE_BYTES);
    expect(source.swarm.isWaitingForRoom).toBe(true);
  });

  it('do not go to a peer that is not interested any more', () => {
    const source = aSource();
    source.join(anne, [0]);
    source.hear(anne, { kind: 'notInterested' });
    source.hear(anne, { kind: 'have', pieces: [1] });
    expect(offersIn(source.wait(LIMITS.offerMs + 250))).toEqual([]);
  });

  it('do not go to a seeder', () => {
    const source = aSource();
    source.join(anne, 'all');
    expect(offersIn(source.hear(anne, { kind: 'interested' }))).toEqual([]);
  });

  it('are of what we have', () => {
    const leecher = new SwarmUnderTest({ have: [2] });
    expect(offersIn(leecher.join(anne))).toEqual([{ peerId: anne, piece: 2 }]);
  });

  it('are not of what others promised', () => {
    const leecher = new SwarmUnderTest({ have: [2, 3] });
    leecher.handle({ kind: 'peer-joined', peerId: anne });
    leecher.hear(anne, { kind: 'bitfield', bits: 'AA==' });
    leecher.hear(anne, { kind: 'expect', add: [2], drop: [] });
    expect(offersIn(leecher.hear(anne, { kind: 'interested' }))).toEqual([{ peerId: anne, piece: 3 }]);
    expect(offersIn(leecher.hear(anne, { kind: 'expect', add: [], drop: [2] }))).toEqual([{ peerId: anne, piece: 2 }]);
  });

  it('follow when the peer has what it was sent', () => {
    const source = aSource();
    source.join(anne);
    source.request(anne, 0, 1);
    const effects = source.hear(anne, { kind: 'have', pieces: [0] });
    expect(offersIn(effects).map(({ piece }) => piece)).toContain(2);
    expect(effectsOf(effects, 'unsend-piece')).toEqual([{ kind: 'unsend-piece', peerId: anne, piece: 0 }]);
  });

  it('are of what the peer wants first', () => {
    const source = aSource();
    source.handle({ kind: 'peer-joined', peerId: anne });
    source.hear(anne, { kind: 'bitfield', bits: 'AA==' });
    const offered = offersIn(source.hear(anne, { kind: 'interested', first: [6, 5] }));
    expect(offered.map(({ piece }) => piece)).toEqual([6, 5]);
  });

  it('wait for room only while somebody lacks something', () => {
    const source = aSource();
    source.join(anne, [0, 1, 2, 3, 4]);
    expect(source.swarm.isWaitingForRoom).toBe(true);
    source.hear(anne, { kind: 'have', pieces: [5, 6, 7] });
    expect(source.swarm.isWaitingForRoom).toBe(false);
  });

  it('go to another peer when the first has left', () => {
    const source = aSource();
    source.join(anne);
    expect(offersIn(source.join(bert))).toEqual([]);
    const effects = source.handle({ kind: 'peer-left', peerId: anne });
    expect(offersIn(effects)).toHaveLength(2);
    expect(offersIn(effects)).toContainEqual({ peerId: bert, piece: 0 });
    expect(offersIn(effects)).toContainEqual({ peerId: bert, piece: 1 });
  });

  it('use the room that another swarm made', () => {
    const source = aSource();
    source.window.reserve(4 * PIECE_BYTES);
    expect(offersIn(source.join(anne))).toEqual([]);
    expect(source.swarm.isWaitingForRoom).toBe(true);
    source.window.release(4 * PIECE_BYTES);
    expect(offersIn(source.handle({ kind: 'room-made' }))).toHaveLength(2);
  });
});

describe('a request', () => {
  it('of what we offered is answered with blocks', () => {
    const source = aSource();
    source.join(anne);
    expect(effectsOf(source.request(anne, 0), 'send-block')).toEqual(
      source.layout.blocksOf(0).map((block) => ({ kind: 'send-block', peerId: anne, block })),
    );
  });

  it('may come in parts, from the beginning of the piece on', () => {
    const source = aSource();
    source.join(anne);
    const blocks = [
      [0, 0, 1_000],
      [0, 1_000, 7],
    ] as const;
    expect(source.hear(anne, { kind: 'request', blocks })).toEqual(
      blocks.map(([piece, begin, length]) => ({ kind: 'send-block', peerId: anne, block: { piece, begin, length } })),
    );
  });

  it('of what we did not offer is rejected', () => {
    const source = aSource();
    source.join(anne);
    const effects = source.request(anne, 5);
    expect(effectsOf(effects, 'send-block')).toEqual([]);
    expect(saidTo(effects, anne)).toEqual([{ kind: 'reject', blocks: source.blockList(5) }]);
  });

  it('of what we offered to somebody else is rejected', () => {
    const source = aSource();
    source.join(anne);
    source.join(bert);
    expect(effectsOf(source.request(bert, 0), 'send-block')).toEqual([]);
  });

  it.each([
    ['across two blocks', [0, 0, PIECE_BYTES + 1]],
    ['of nothing', [0, 0, 0]],
    ['that leaves out the beginning', [0, PIECE_BYTES, PIECE_BYTES]],
    ['behind the piece', [0, 2 * PIECE_BYTES, PIECE_BYTES]],
  ] as const)('%s is rejected', (_what, block) => {
    const source = aSource();
    source.join(anne);
    expect(source.hear(anne, { kind: 'request', blocks: [block] })).toEqual([
      { kind: 'send-message', peerId: anne, message: { kind: 'reject', blocks: [block] } },
    ]);
  });

  it('that comes a second time is rejected: nobody makes us send more than we offered', () => {
    const source = aSource();
    source.join(anne);
    source.request(anne, 0);
    const effects = source.request(anne, 0);
    expect(effectsOf(effects, 'send-block')).toEqual([]);
    expect(saidTo(effects, anne)).toEqual([{ kind: 'reject', blocks: source.blockList(0) }]);
  });
});

describe('a peer that takes back its request', () => {
  it('is sent no more of the piece, and its place in the window is free', () => {
    const source = aSource();
    source.join(anne);
    source.request(anne, 0);
    const effects = source.hear(anne, { kind: 'cancel', blocks: source.blockList(0) });
    expect(effectsOf(effects, 'unsend-piece')).toEqual([{ kind: 'unsend-piece', peerId: anne, piece: 0 }]);
    expect(offersIn(effects)).toHaveLength(1);
  });

  it('of what was never offered changes nothing', () => {
    const source = aSource();
    source.join(anne);
    const used = source.window.usedBytes;
    expect(source.hear(anne, { kind: 'cancel', blocks: source.blockList(7) })).toEqual([]);
    expect(source.window.usedBytes).toBe(used);
  });
});

describe('a peer that declines', () => {
  it('because it is promised the piece is not offered it again until the promise is over', () => {
    const leecher = new SwarmUnderTest({ have: [2] });
    leecher.join(anne);
    expect(offersIn(leecher.hear(anne, { kind: 'decline', pieces: [2], reason: 'promised' }))).toEqual([]);
    expect(leecher.window.usedBytes).toBe(0);
    expect(offersIn(leecher.hear(anne, { kind: 'expect', add: [], drop: [2] }))).toEqual([{ peerId: anne, piece: 2 }]);
  });

  it('because it has the piece, checked or not, is not offered it again and again', () => {
    const leecher = new SwarmUnderTest({ have: [2] });
    leecher.join(anne);
    expect(offersIn(leecher.hear(anne, { kind: 'decline', pieces: [2], reason: 'have' }))).toEqual([]);
    expect(offersIn(leecher.wait(1_000))).toEqual([]);
  });

  it('because it wants nothing is left alone until it is interested', () => {
    const source = aSource();
    source.join(anne);
    expect(offersIn(source.hear(anne, { kind: 'decline', pieces: [0, 1], reason: 'unwanted' }))).toEqual([]);
    expect(source.window.usedBytes).toBe(0);
    expect(offersIn(source.wait(60_000))).toEqual([]);
    expect(offersIn(source.hear(anne, { kind: 'interested' }))).toHaveLength(2);
  });

  it('what was never offered changes nothing', () => {
    const leecher = new SwarmUnderTest({ have: [2] });
    leecher.join(anne);
    leecher.hear(anne, { kind: 'decline', pieces: [5], reason: 'promised' });
    expect(leecher.window.usedBytes).toBe(PIECE_BYTES);
  });
});

describe('a peer that lacks a piece again', () => {
  it('which it had of us and could not keep, is offered it again at once', () => {
    const leecher = new SwarmUnderTest({ have: [2] });
    leecher.join(anne);
    leecher.request(anne, 2);
    expect(offersIn(leecher.hear(anne, { kind: 'expect', add: [], drop: [2] }))).toEqual([{ peerId: anne, piece: 2 }]);
  });

  it('which it has not answered our offer of, still may', () => {
    const leecher = new SwarmUnderTest({ have: [2] });
    leecher.join(anne);
    expect(offersIn(leecher.hear(anne, { kind: 'expect', add: [], drop: [2] }))).toEqual([]);
    expect(effectsOf(leecher.request(anne, 2), 'send-block')).toHaveLength(1);
  });
});

describe('an offer that is not answered', () => {
  it('is withdrawn when its time is over, long after its place in the window went to others', () => {
    const source = aSource();
    source.join(anne);
    source.join(bert);
    expect(offersIn(source.wait(1_000))).toEqual([]);
    const whileItStands = source.wait(LIMITS.offerMs - 1_000);
    expect(offersIn(whileItStands).map(({ peerId }) => peerId)).toEqual([bert, bert]);
    expect(effectsOf(whileItStands, 'unsend-piece')).toEqual([]);
    const effects = source.wait(250);
    expect(effectsOf(effects, 'unsend-piece').map(({ peerId }) => peerId)).toEqual([anne, anne]);
  });

  it('may take longer still while more of it is requested', () => {
    const source = aSource();
    source.join(anne);
    const deadlineMs = 4 * pieceDeadlineMs(2 * PIECE_BYTES);
    source.hear(anne, { kind: 'request', blocks: [[0, 0, 1_000]] });
    source.wait(deadlineMs - 1_000);
    source.hear(anne, { kind: 'request', blocks: [[0, 1_000, 1_000]] });
    expect(effectsOf(source.wait(deadlineMs), 'unsend-piece').map(({ piece }) => piece)).not.toContain(0);
    expect(effectsOf(source.wait(250), 'unsend-piece').map(({ piece }) => piece)).toContain(0);
  });

  it('may take longer once it is accepted', () => {
    const source = aSource();
    source.join(anne);
    source.request(anne, 0);
    source.hear(anne, { kind: 'notInterested' });
    source.wait(4 * pieceDeadlineMs(2 * PIECE_BYTES));
    expect(source.window.usedBytes).toBe(2 * PIECE_BYTES);
    source.wait(250);
    expect(source.window.usedBytes).toBe(0);
  });
});

it('forgets what a peer had requested when it leaves', () => {
  const source = aSource();
  source.join(anne);
  source.request(anne, 0);
  const effects = source.handle({ kind: 'peer-left', peerId: anne });
  expect(effectsOf(effects, 'unsend-piece')).toContainEqual({ kind: 'unsend-piece', peerId: anne, piece: 0 });
});

describe('a source', () => {
  it('offers again what a peer left with, before it offers anything twice', () => {
    const source = new SwarmUnderTest({ have: 'all', pieceCount: 3 });
    source.join(anne);
    source.handle({ kind: 'peer-left', peerId: anne });
    const pieces = offersIn(source.join(bert)).map(({ piece }) => piece);
    for (let next = 0; pieces.length < 3 && next < 3; next++) {
      source.request(bert, pieces[next]!);
      pieces.push(...offersIn(source.hear(bert, { kind: 'have', pieces: [pieces[next]!] })).map(({ piece }) => piece));
    }
    expect(pieces.sort()).toEqual([0, 1, 2]);
  });

  it('offers a piece that was declined or withdrawn before it offers another a second time', () => {
    const source = new SwarmUnderTest({ have: 'all', pieceCount: 4 });
    source.join(anne);
    source.hear(anne, { kind: 'decline', pieces: [0], reason: 'promised' });
    source.hear(anne, { kind: 'notInterested' });
    source.wait(LIMITS.offerMs + 250);
    // Piece 0 is still promised to the one that declined it, which makes it less rare.
    const offered = offersIn(source.join(cleo)).map(({ piece }) => piece);
    expect(offered).toHaveLength(2);
    expect(offered).not.toContain(0);
  });
});
