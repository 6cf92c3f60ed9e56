import { LIMITS } from '@shoal/protocol';
import { describe, expect, it } from 'vitest';
import { aPeerId, offersIn, PIECE_BYTES, SwarmUnderTest } from './swarm-under-test.ts';

const [anne, bert] = [aPeerId(1), aPeerId(2)];

describe('a receiver that stalls', () => {
  /** Anne took two pieces in 100 ms each; now she is offered others, which fill the window. */
  function afterGoodStart(): { source: SwarmUnderTest; offered: number[] } {
    const source = new SwarmUnderTest({ have: 'all', pieceCount: 64 });
    source.join(anne);
    source.request(anne, 0, 1);
    source.nowMs += 100;
    const effects = source.hear(anne, { kind: 'have', pieces: [0, 1] });
    return { source, offered: offersIn(effects).map(({ piece }) => piece) };
  }

  it('loses its place in the window after a second and four times the usual delay, not before', () => {
    const { source, offered } = afterGoodStart();
    source.nowMs += 1_400;
    source.handle({ kind: 'tick' });
    expect(source.window.usedBytes).toBe(offered.length * PIECE_BYTES);
    source.nowMs += 1;
    source.handle({ kind: 'tick' });
    expect(source.window.usedBytes).toBe(0);
  });

  it('is offered nothing more, while others are', () => {
    const { source } = afterGoodStart();
    source.join(bert);
    const offered = offersIn(source.wait(1_500));
    expect(offered.length).toBeGreaterThan(1);
    expect(new Set(offered.map(({ peerId }) => peerId))).toEqual(new Set([bert]));
  });

  it('is offered something again when nothing is left by which it could show that it gets on', () => {
    const { source, offered } = afterGoodStart();
    const [first, ...others] = offered;
    source.hear(anne, { kind: 'request', blocks: [[first!, 0, 4_096]] });
    source.hear(anne, { kind: 'decline', pieces: others, reason: 'promised' });
    source.wait(2_000);
    expect(offersIn(source.wait(4 * LIMITS.pieceMs - 3_000))).toEqual([]);
    expect(offersIn(source.wait(2_000)).length).toBeGreaterThan(0);
  });

  it.each([
    ['takes what it was offered', (source: SwarmUnderTest, piece: number) => source.request(anne, piece)],
    [
      'has what it was sent',
      (source: SwarmUnderTest, piece: number) => source.hear(anne, { kind: 'have', pieces: [piece] }),
    ],
  ])('is offered more as soon as it %s', (_what, getOn) => {
    const { source, offered } = afterGoodStart();
    source.request(anne, offered[0]!);
    source.wait(1_500);
    expect(source.window.usedBytes).toBe(0);
    const effects = [
      ...getOn(source, offered[1]!),
      ...getOn(source, offered[0]!),
      ...source.handle({ kind: 'room-made' }),
    ];
    expect(offersIn(effects).length).toBeGreaterThan(0);
  });

  it.each([
    ['requests what was withdrawn meanwhile', (source: SwarmUnderTest, piece: number) => source.request(anne, piece)],
    [
      'declines what it was offered',
      (source: SwarmUnderTest, piece: number) =>
        source.hear(anne, { kind: 'decline', pieces: [piece], reason: 'promised' }),
    ],
  ])('is offered more when it %s', (_what, answer) => {
    const { source, offered } = afterGoodStart();
    source.wait(LIMITS.offerMs + 500);
    const effects = [...answer(source, offered[0]!), ...source.handle({ kind: 'room-made' })];
    expect(offersIn(effects).length).toBeGreaterThan(0);
  });

  it('is offered more when it gives up what came too late', () => {
    const { source, offered } = afterGoodStart();
    for (const piece of offered) source.request(anne, piece);
    source.wait(20_000);
    const blocks = offered.flatMap((piece) => source.blockList(piece));
    const effects = source.hear(anne, { kind: 'cancel', blocks });
    expect(offersIn(effects).length).toBeGreaterThan(0);
  });

  it('before anything arrived anywhere is one that lets a second pass and has not requested all of it', () => {
    const source = new SwarmUnderTest({ have: 'all', pieceBytes: 2 * PIECE_BYTES });
    source.join(anne);
    source.request(anne, 0);
    source.hear(anne, { kind: 'request', blocks: [[1, 0, PIECE_BYTES]] });
    source.wait(1_000);
    expect(source.window.usedBytes).toBe(4 * PIECE_BYTES);
    source.wait(250);
    expect(source.window.usedBytes).toBe(2 * PIECE_BYTES);
  });

  it('does not get on by requesting a part', () => {
    const { source, offered } = afterGoodStart();
    source.wait(1_500);
    const effects = source.hear(anne, { kind: 'request', blocks: [[offered[0]!, 0, 4_096]] });
    expect(offersIn([...effects, ...source.handle({ kind: 'room-made' })])).toEqual([]);
  });

  it('gives its place back once, whatever becomes of the offer', () => {
    const { source, offered } = afterGoodStart();
    source.wait(1_500);
    source.hear(anne, { kind: 'decline', pieces: [offered[0]!], reason: 'promised' });
    source.request(anne, offered[1]!);
    source.hear(anne, { kind: 'notInterested' });
    source.hear(anne, { kind: 'have', pieces: [offered[1]!] });
    source.handle({ kind: 'peer-left', peerId: anne });
    expect(source.window.usedBytes).toBe(0);
  });

  it('has let an offer pass without an answer', () => {
    const source = new SwarmUnderTest({ have: 'all' });
    source.join(anne);
    source.wait(LIMITS.offerMs + 250);
    expect(source.window.usedBytes).toBe(0);
    expect(offersIn(source.hear(anne, { kind: 'interested' }))).toHaveLength(2);
  });
});
