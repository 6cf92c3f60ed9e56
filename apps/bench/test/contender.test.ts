import { expect, it } from 'vitest';
import { race, type Contender } from '../src/contender.ts';

it('takes turns, so that no contender has the machine to itself at its best moment', async () => {
  const order: string[] = [];
  const contender = (name: string, milliseconds: number): Contender => ({
    name,
    run: () => {
      order.push(name);
      return Promise.resolve({ milliseconds, senderPeakBytes: 1, receiverPeakBytes: undefined });
    },
  });
  const seen: string[] = [];
  const passages = await race(
    [contender('a', 10), contender('b', 20)],
    { path: '/nowhere', bytes: 1, sha256: '' },
    { runs: 3, onPassage: ({ name }, { milliseconds }) => seen.push(`${name} ${milliseconds}`) },
  );
  expect(order).toEqual(['a', 'b', 'a', 'b', 'a', 'b']);
  expect(seen).toHaveLength(6);
  expect(passages.map((all) => all.map(({ milliseconds }) => milliseconds))).toEqual([
    [10, 10, 10],
    [20, 20, 20],
  ]);
});
