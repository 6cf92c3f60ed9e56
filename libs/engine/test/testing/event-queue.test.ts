import fc from 'fast-check';
import { expect, it } from 'vitest';
import { EventQueue } from '../../src/testing/event-queue.ts';

it('hands out what is due in the order of time, and of insertion within one moment', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(20), { maxLength: 200 }), (times) => {
      const queue = new EventQueue();
      const ran: number[] = [];
      times.forEach((atMs, order) => {
        queue.add(atMs, () => ran.push(order));
      });
      for (let action = queue.take(); action !== undefined; action = queue.take()) action();
      const expected = times.map((_, order) => order).sort((a, b) => times[a]! - times[b]! || a - b);
      expect(ran).toEqual(expected);
    }),
  );
});

it('knows when the next is due', () => {
  const queue = new EventQueue();
  expect(queue.nextMs).toBeUndefined();
  queue.add(7, () => undefined);
  queue.add(3, () => undefined);
  expect(queue.nextMs).toBe(3);
  queue.take();
  expect(queue.nextMs).toBe(7);
  queue.take();
  expect([queue.nextMs, queue.take()]).toEqual([undefined, undefined]);
});
