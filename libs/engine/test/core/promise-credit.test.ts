import { pieceDeadlineMs } from '@shoal/protocol';
import { beforeEach, expect, it } from 'vitest';
import { aPeerId, PIECE_BYTES, saidTo, SwarmUnderTest } from './swarm-under-test.ts';

const [anne, bert] = [aPeerId(1), aPeerId(2)];
/** Pieces that a stranger may promise: 2 MiB. */
const FIRST_CREDIT = 8;

let leecher: SwarmUnderTest;
beforeEach(() => {
  leecher = new SwarmUnderTest({ pieceCount: 64 });
  leecher.join(anne, 'all');
  leecher.join(bert, 'all');
});

const offer = (peerId = anne, ...pieces: number[]) => saidTo(leecher.hear(peerId, { kind: 'offer', pieces }), peerId);
const range = (from: number, to: number): number[] => Array.from({ length: to - from }, (_, at) => from + at);
/** Pieces that a peer is asked for in what was said to it. */
const requested = (said: ReturnType<typeof offer>): number[] =>
  said.flatMap((message) => (message.kind === 'request' ? message.blocks.map(([piece]) => piece) : []));

it('lets a stranger promise two mebibytes, and holds back the rest of its offers', () => {
  expect(requested(offer(anne, ...range(0, 20)))).toEqual(range(0, FIRST_CREDIT));
  expect(leecher.swarm.isWaitingForRoom).toBe(false);
});

it('lets a stranger promise one piece, however large', () => {
  leecher = new SwarmUnderTest({ pieceBytes: 64 * PIECE_BYTES });
  leecher.join(anne, 'all');
  expect(new Set(requested(offer(anne, 0, 1)))).toEqual(new Set([0]));
});

it('does not let strangers take the room of a peer that has delivered', () => {
  leecher = new SwarmUnderTest({ pieceCount: 512 });
  leecher.join(anne, 'all');
  offer(anne, 0);
  leecher.deliver(anne, 0);
  leecher.store(anne, 0);
  const liars = range(10, 40).map((number) => aPeerId(number));
  const asked = liars.map((liar, at) => {
    leecher.join(liar, 'all');
    return requested(offer(liar, ...range(1 + 10 * at, 11 + 10 * at))).length;
  });
  expect(asked.slice(0, 4)).toEqual([FIRST_CREDIT, FIRST_CREDIT, FIRST_CREDIT, FIRST_CREDIT]);
  expect(new Set(asked.slice(5))).toEqual(new Set([1]));
  expect(requested(offer(anne, ...range(400, 405)))).toEqual(range(400, 405));
});

it('lets strangers together promise half of the memory, and no more', () => {
  leecher = new SwarmUnderTest({ pieceCount: 16, pieceBytes: 64 * PIECE_BYTES });
  for (const peerId of [anne, bert]) leecher.join(peerId, 'all');
  expect(new Set(requested(offer(anne, 0)))).toEqual(new Set([0]));
  expect(requested(offer(bert, 1))).toEqual([]);
  leecher.wait(pieceDeadlineMs(64 * PIECE_BYTES) + 250);
  expect(leecher.swarm.isWaitingForRoom).toBe(false);
});

it('gives the room of a peer that was late to who has not been', () => {
  leecher = new SwarmUnderTest({ pieceCount: 16, pieceBytes: 64 * PIECE_BYTES });
  for (const peerId of [anne, bert]) leecher.join(peerId, 'all');
  offer(anne, 0, 2);
  offer(bert, 1);
  const said = leecher.wait(pieceDeadlineMs(64 * PIECE_BYTES) + 250);
  expect(new Set(requested(saidTo(said, bert)))).toEqual(new Set([1]));
  expect(requested(saidTo(said, anne))).toEqual([]);
});

it('trusts a peer with as much more as it has delivered', () => {
  offer(anne, ...range(0, 20));
  leecher.deliver(anne, 0);
  expect(requested(saidTo(leecher.store(anne, 0), anne))).toEqual([FIRST_CREDIT, FIRST_CREDIT + 1]);
});

it('lets a peer that was late promise one piece at a time', () => {
  offer(anne, 0);
  leecher.wait(pieceDeadlineMs(PIECE_BYTES) + 250);
  expect(requested(offer(anne, 1, 2))).toEqual([1]);
  leecher.deliver(anne, 1);
  expect(requested(saidTo(leecher.store(anne, 1), anne))).toEqual([2]);
});

it('does not let the promise of a peer that was late keep others out', () => {
  offer(anne, 0);
  leecher.wait(pieceDeadlineMs(PIECE_BYTES) + 250);
  offer(anne, 0);
  expect(requested(offer(bert, 0))).toEqual([0]);
});

it('does not let a peer that was late promise what somebody else has promised', () => {
  leecher = new SwarmUnderTest({ pieceCount: 2 });
  leecher.join(anne, 'all');
  leecher.join(bert, 'all');
  offer(anne, 0);
  leecher.wait(pieceDeadlineMs(PIECE_BYTES) + 250);
  offer(bert, 0, 1);
  expect(offer(anne, 1)).toEqual([{ kind: 'decline', pieces: [1], reason: 'promised' }]);
});
