import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { changeMembers, openShare } from '../../src/state/share-picture.ts';
import { bits, factsOf, membersMessage, NOW_MS, peerId, range, shareOf, told } from './pictures.ts';

describe('machines', () => {
  it('come, change and go', () => {
    let share = shareOf(4, told('web-1'), told('web-2'));
    share = changeMembers(share, membersMessage([told('web-1', { left: 7 })], [peerId('web-2')]), NOW_MS);
    expect([...share.members.values()].map(({ name, left }) => [name, left])).toEqual([['web-1', 7]]);
    expect([...share.departed.values()].map(({ name }) => name)).toEqual(['web-2']);
  });

  it('are departed no more when they come back', () => {
    let share = shareOf(4, told('web-1'));
    share = changeMembers(share, membersMessage([], [peerId('web-1')]), NOW_MS);
    share = changeMembers(share, membersMessage([told('web-1')]), NOW_MS);
    expect(share.departed.size).toBe(0);
  });

  it('keep their highest rates, also when the share is told anew', () => {
    let share = shareOf(4, told('web-1', { receivedBytesPerSecond: 50, sentBytesPerSecond: 5 }));
    share = changeMembers(share, membersMessage([told('web-1', { receivedBytesPerSecond: 20 })]), NOW_MS);
    share = openShare(factsOf(4), share);
    expect(share.members.size).toBe(0);
    share = changeMembers(share, membersMessage([told('web-1', { sentBytesPerSecond: 9 })]), NOW_MS);
    expect(share.members.get(peerId('web-1'))).toMatchObject({ peakReceived: 50, peakSent: 9 });
  });

  it('keep their feeders until others are told', () => {
    let share = shareOf(4, told('web-1', { feeders: [[peerId('build-1'), 10]] }));
    share = changeMembers(share, membersMessage([told('web-1')]), NOW_MS);
    expect(share.members.get(peerId('web-1'))?.feeders).toHaveLength(1);
    share = changeMembers(share, membersMessage([told('web-1', { feeders: [] })]), NOW_MS);
    expect(share.members.get(peerId('web-1'))?.feeders).toEqual([]);
  });

  it('leave the picture before them as it was', () => {
    const before = shareOf(4, told('web-1', { pieces: bits(4, [0]) }));
    changeMembers(before, membersMessage([told('web-1', { pieces: { gained: [1] } })]), NOW_MS);
    expect([...before.members.get(peerId('web-1'))!.held!]).toEqual([0]);
    expect(before.census.holdersOf(1)).toBe(0);
  });
});

describe('pieces', () => {
  it('are those told as bits and those gained since', () => {
    let share = shareOf(10, told('web-1', { pieces: bits(10, [0, 3]) }));
    share = changeMembers(share, membersMessage([told('web-1', { pieces: { gained: [3, 4, 4] } })]), NOW_MS);
    expect([...share.members.get(peerId('web-1'))!.held!]).toEqual([0, 3, 4]);
    expect(range(0, 5).map((piece) => share.census.holdersOf(piece))).toEqual([1, 0, 0, 1, 1, 0]);
  });

  it.each([
    ['a piece beyond the last', { gained: [10] }],
    ['bits of another size', { bits: 'AAAAAAAAAAAA' }],
    ['bits that are no base64', { bits: '????' }],
  ])('pass over %s', (_title, pieces) => {
    let share = shareOf(10, told('web-1', { pieces: bits(10, [2]) }));
    share = changeMembers(share, membersMessage([told('web-1', { pieces })]), NOW_MS);
    expect([...share.members.get(peerId('web-1'))!.held!]).toEqual([2]);
  });

  it('that are rarest are known with their number of holders', () => {
    const share = shareOf(
      4,
      told('a', { pieces: bits(4, [0, 1, 2, 3]) }),
      told('b', { pieces: bits(4, [0, 2]) }),
      told('c', { pieces: bits(4, [0]) }),
    );
    expect(share.census.fewestHolders).toBe(1);
    expect(share.census.rarestCount).toBe(2);
    expect(share.census.rarest(10)).toEqual([1, 3]);
    expect(share.census.rarest(1)).toEqual([1]);
  });

  it('are counted as if counted anew, whatever comes and goes', () => {
    const pieceCount = 12;
    const pieces = fc.uniqueArray(fc.integer({ min: 0, max: pieceCount - 1 }));
    const step = fc.record({
      name: fc.constantFrom('a', 'b', 'c'),
      what: fc.constantFrom('bits', 'gained', 'gone', 'nothing'),
      pieces,
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
        let share = shareOf(pieceCount);
        for (const { name, what, pieces: some } of steps) {
          const news = { bits: bits(pieceCount, some), gained: { gained: some }, gone: undefined, nothing: undefined }[
            what
          ];
          const changed = what === 'gone' ? [] : [told(name, news === undefined ? {} : { pieces: news })];
          share = changeMembers(share, membersMessage(changed, what === 'gone' ? [peerId(name)] : []), NOW_MS);
        }
        const counts = range(0, pieceCount - 1).map(
          (piece) => [...share.members.values()].filter(({ held }) => held?.has(piece)).length,
        );
        expect(range(0, pieceCount - 1).map((piece) => share.census.holdersOf(piece))).toEqual(counts);
        expect(share.census.fewestHolders).toBe(Math.min(...counts));
        expect(share.census.rarestCount).toBe(counts.filter((count) => count === Math.min(...counts)).length);
      }),
    );
  });
});

it('remembers what all receive together, once a second', () => {
  let share = shareOf(4, told('a', { receivedBytesPerSecond: 10 }), told('b', { receivedBytesPerSecond: 5 }));
  share = changeMembers(share, membersMessage([told('a', { receivedBytesPerSecond: 99 })]), NOW_MS + 900);
  share = changeMembers(share, membersMessage([told('a', { receivedBytesPerSecond: 20 })]), NOW_MS + 1_000);
  expect(share.history).toEqual([
    { atMs: NOW_MS, bytesPerSecond: 15 },
    { atMs: NOW_MS + 1_000, bytesPerSecond: 25 },
  ]);
});
