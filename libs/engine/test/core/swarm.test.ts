import { LIMITS, ShoalError } from '@shoal/protocol';
import { describe, expect, it } from 'vitest';
import { aPeerId, effectsOf, INFO_HASH, offersIn, PIECE_BYTES, saidTo, SwarmUnderTest } from './swarm-under-test.ts';

const [anne, bert] = [aPeerId(1), aPeerId(2)];

/** Anne sends a piece from offer to disk. */
function download(swarm: SwarmUnderTest, piece: number) {
  swarm.hear(anne, { kind: 'offer', pieces: [piece] });
  return [...swarm.deliver(anne, piece), ...swarm.store(anne, piece)];
}

describe('a peer that joins', () => {
  it('is told what we have, and that we are interested while we lack anything', () => {
    const leecher = new SwarmUnderTest({ have: [0] });
    expect(leecher.handle({ kind: 'peer-joined', peerId: anne })).toEqual([
      { kind: 'send-message', peerId: anne, message: { kind: 'bitfield', bits: 'gA==' } },
      { kind: 'send-message', peerId: anne, message: { kind: 'interested' } },
    ]);
    const seeder = new SwarmUnderTest({ have: 'all' });
    expect(saidTo(seeder.handle({ kind: 'peer-joined', peerId: anne })).map(({ kind }) => kind)).toEqual(['bitfield']);
  });

  it('starts anew when it comes back', () => {
    const leecher = new SwarmUnderTest();
    leecher.join(anne, [1, 2]);
    leecher.handle({ kind: 'peer-left', peerId: anne });
    expect(leecher.swarm.peerCount).toBe(0);
    expect(effectsOf(leecher.join(anne, [1]), 'ban-peer')).toEqual([]);
    expect(leecher.swarm.peerCount).toBe(1);
  });
});

describe('a peer that has left', () => {
  it('has nothing to say any more', () => {
    const source = new SwarmUnderTest({ have: 'all' });
    source.join(anne);
    source.handle({ kind: 'peer-left', peerId: anne });
    expect(source.hear(anne, { kind: 'have', pieces: [99] })).toEqual([]);
    expect(
      source.handle({ kind: 'block-received', peerId: anne, piece: 0, begin: 0, bytes: new Uint8Array(1) }),
    ).toEqual([]);
    expect(source.handle({ kind: 'peer-left', peerId: anne })).toEqual([]);
  });

  it('leaves its place in the window to others', () => {
    const source = new SwarmUnderTest({ have: 'all' });
    source.join(anne);
    source.handle({ kind: 'peer-left', peerId: anne });
    expect(source.window.usedBytes).toBe(0);
  });
});

describe('a share', () => {
  it('that is complete from the start is checked at once', () => {
    expect(new SwarmUnderTest({ have: 'all' }).swarm.start()).toEqual([{ kind: 'finish' }]);
    expect(new SwarmUnderTest({ have: [0] }).swarm.start()).toEqual([]);
  });

  it('is finished when its last piece is stored and its files are checked', () => {
    const leecher = new SwarmUnderTest({ have: [0, 1, 2, 3, 4, 5] });
    leecher.join(anne, 'all');
    leecher.join(bert);
    expect(effectsOf(download(leecher, 6), 'finish')).toEqual([]);
    const effects = download(leecher, 7);
    expect(effectsOf(effects, 'finish')).toHaveLength(1);
    for (const peer of [anne, bert]) expect(saidTo(effects, peer)).toContainEqual({ kind: 'notInterested' });
    expect(leecher.swarm.snapshot(0)).toMatchObject({ isComplete: true, isFinished: false });
    leecher.handle({ kind: 'finished' });
    expect(leecher.swarm.snapshot(0)).toMatchObject({ isComplete: true, isFinished: true });
  });

  it('serves what it has while it downloads', () => {
    const leecher = new SwarmUnderTest();
    leecher.join(anne, 'all');
    leecher.join(bert);
    expect(offersIn(download(leecher, 5))).toEqual([{ peerId: bert, piece: 5 }]);
  });

  it('that cannot be read is withdrawn, and shows why', () => {
    const seeder = new SwarmUnderTest({ have: 'all' });
    const error = new ShoalError('content-mismatch', 'the file changed');
    expect(seeder.handle({ kind: 'store-failed', error })).toEqual([{ kind: 'withdraw', error }]);
    expect(seeder.swarm.snapshot(0).problem).toMatchObject({ code: 'content-mismatch' });
  });

  it('that is left holds no place in window and budget, whatever was under way', () => {
    const leecher = new SwarmUnderTest({ have: [0, 1, 2] });
    leecher.join(anne, 'all');
    leecher.join(bert);
    leecher.budget.take(2 * LIMITS.maxPieceBytes - 2 * PIECE_BYTES);
    leecher.hear(anne, { kind: 'offer', pieces: [3, 4, 5] });
    leecher.deliver(anne, 3);
    leecher.budget.give(2 * LIMITS.maxPieceBytes - 2 * PIECE_BYTES);
    expect(leecher.swarm.isWaitingForRoom).toBe(true);
    expect(leecher.window.usedBytes).toBe(2 * PIECE_BYTES);
    leecher.swarm.stop();
    expect(leecher.window.usedBytes).toBe(0);
    expect(leecher.budget.usedBytes).toBe(0);
    expect(leecher.swarm.peerCount).toBe(0);
    expect(leecher.swarm.isWaitingForRoom).toBe(false);
    const other = {};
    expect([leecher.window.hasRoom(PIECE_BYTES, other), leecher.budget.hasRoom(PIECE_BYTES, other)]).toEqual([
      true,
      true,
    ]);
  });
});

describe('a snapshot', () => {
  it('counts whole bytes, also with a short last piece', () => {
    const leecher = new SwarmUnderTest({ pieceCount: 4, shortBy: 100, have: [3] });
    expect(leecher.swarm.snapshot(0)).toMatchObject({
      infoHash: INFO_HASH,
      pieceCount: 4,
      verifiedPieces: 1,
      verifiedBytes: PIECE_BYTES - 100,
    });
    expect(leecher.swarm.leftBytes).toBe(3 * PIECE_BYTES);
    leecher.join(anne, 'all');
    download(leecher, 0);
    expect(leecher.swarm.leftBytes).toBe(2 * PIECE_BYTES);
  });

  it('says who gave and who took how much, and how fast', () => {
    const leecher = new SwarmUnderTest();
    leecher.join(anne, 'all');
    leecher.join(bert);
    download(leecher, 5);
    leecher.request(bert, 5);
    const [block] = leecher.layout.blocksOf(5);
    leecher.handle({ kind: 'block-sent', peerId: bert, block: block! });
    expect(leecher.swarm.snapshot(leecher.nowMs)).toEqual({
      infoHash: INFO_HASH,
      pieceCount: 8,
      verifiedPieces: 1,
      verifiedBytes: PIECE_BYTES,
      isComplete: false,
      isFinished: false,
      receivedBytes: PIECE_BYTES,
      sentBytes: PIECE_BYTES,
      receivedBytesPerSecond: 2 * PIECE_BYTES,
      sentBytesPerSecond: 2 * PIECE_BYTES,
      peers: [
        {
          peerId: anne,
          isSeeder: true,
          receivedBytes: PIECE_BYTES,
          sentBytes: 0,
          receivedBytesPerSecond: 2 * PIECE_BYTES,
        },
        { peerId: bert, isSeeder: false, receivedBytes: 0, sentBytes: PIECE_BYTES, receivedBytesPerSecond: 0 },
      ],
    });
  });
});

it('does not hide a defect of its own behind a ban', () => {
  const source = new SwarmUnderTest({ have: 'all' });
  source.join(anne);
  source.window.release(source.window.usedBytes);
  expect(() => source.hear(anne, { kind: 'decline', pieces: [0], reason: 'have' })).toThrow('invariant');
});
