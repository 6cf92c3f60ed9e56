import { expect, it } from 'vitest';
import { feedingOf } from '../../src/state/feeding.ts';
import { member, peerId } from './pictures.ts';

const [a, b, c] = [peerId('a'), peerId('b'), peerId('c')];

it('names the strongest flows and sums up the others', () => {
  const members = [
    member('a', {
      feeders: [
        [b, 5],
        [c, 50],
      ],
    }),
    member('b', {
      feeders: [
        [c, 20],
        [a, 0],
      ],
    }),
    member('c'),
  ];
  expect(feedingOf(members, 2)).toEqual({
    strongest: [
      { from: c, to: a, bytesPerSecond: 50 },
      { from: c, to: b, bytesPerSecond: 20 },
    ],
    others: { count: 1, bytesPerSecond: 5 },
  });
});
