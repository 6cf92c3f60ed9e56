import { expect, it } from 'vitest';
import { inTurns } from '../src/rounds.ts';

it('takes turns, so that no contender has the machine to itself at its best moment', async () => {
  const order: string[] = [];
  const results = await inTurns(['a', 'b'], 3, (name, run) => {
    order.push(name);
    return Promise.resolve(`${name}${String(run)}`);
  });
  expect(order).toEqual(['a', 'b', 'a', 'b', 'a', 'b']);
  expect(results).toEqual([
    ['a0', 'a1', 'a2'],
    ['b0', 'b1', 'b2'],
  ]);
});
