import { beforeEach, describe, expect, it } from 'vitest';
import { KiB, kinds, requested, World, type Heard } from './receiver-world.ts';

/** Ten pieces; the file is those from 3 on to a part of 5. */
let world: World;
beforeEach(() => {
  world = new World([200 * KiB, 180 * KiB, 260 * KiB], 1);
});

describe('a promise', () => {
  it('is free again when its sender leaves', () => {
    const [one, two] = [world.enter(), world.enter()];
    world.offer(one, 3);
    two.take();
    world.receiver.left(one.sender);
    expect(two.take()).toEqual([{ kind: 'expect', add: [], drop: [3] }]);
    world.offer(two, 3);
    expect(two.take()).toEqual([requested(3)]);
  });

  it('is free again when its sender takes it back', () => {
    const agent = world.enter();
    world.offer(agent, 3);
    agent.take();
    world.receiver.heard(agent.sender, { kind: 'reject', blocks: [[3, 0, 64 * KiB]] });
    world.offer(agent, 3);
    expect(agent.take()).toEqual([requested(3)]);
  });

  it('that is not kept for 20 s is cancelled, and its sender may promise one piece at a time until it delivers', () => {
    const [slow, other] = [world.enter(), world.enter()];
    world.offer(slow, 3);
    slow.take();
    other.take();
    world.pass(20_000);
    expect(kinds(slow.take())).not.toContain('cancel');
    world.pass(1);
    expect(slow.take()).toContainEqual({ kind: 'cancel', blocks: [[3, 0, 64 * KiB]] });
    expect(other.take()).toContainEqual({ kind: 'expect', add: [], drop: [3] });
    world.offer(slow, 4, 5);
    expect(kinds(slow.take())).toEqual(['request']);
  });

  it('that gets on, however slowly, is not late; a byte now and then is nothing', () => {
    const [slow, dripping] = [world.enter([3]), world.enter([4])];
    world.offer(slow, 3);
    world.offer(dripping, 4);
    for (const [agent, piece, bytes] of [
      [slow, 3, 17 * KiB],
      [dripping, 4, 1],
    ] as const) {
      world.nowMs = 15_000;
      const block = world.share.piece(piece).subarray(0, bytes);
      world.receiver.blockCame(agent.sender, { channel: 0, piece, begin: 0, bytes: block });
    }
    slow.take();
    dripping.take();
    world.pass(6_000);
    expect([slow, dripping].map((agent) => kinds(agent.take()).includes('cancel'))).toEqual([false, true]);
  });

  it('that was given up may still be kept, without reproach and without effect', async () => {
    const [late, other] = [world.enter(), world.enter()];
    world.offer(late, 3);
    world.pass(21_000);
    world.offer(other, 3);
    world.send(late, 3);
    expect([late.bans, world.written.size]).toEqual([[], 0]);
    world.send(other, 3);
    await expect.poll(() => world.written.size).toBe(1);
  });

  it('that waits while nothing else is lacking may be made by a second, and by no third; the first to keep it wins', async () => {
    const agents = [world.enter([3]), world.enter(), world.enter()];
    const [slow, second, third] = agents as [Heard, Heard, Heard];
    world.offer(slow, 3);
    world.offer(second, 4, 5);
    world.send(second, 4);
    world.send(second, 5);
    await expect.poll(() => world.written.size).toBe(2);
    for (const agent of agents) agent.take();
    world.pass(2_100);
    const invitation = [
      { kind: 'expect', add: [], drop: [3] },
      { kind: 'interested', first: [3] },
    ];
    expect(second.take()).toEqual(invitation);
    world.offer(second, 3);
    world.offer(third, 3);
    expect(second.take()).toEqual([requested(3)]);
    expect(third.take()).toEqual([{ kind: 'decline', pieces: [3], reason: 'promised' }]);
    world.send(second, 3);
    expect(slow.take()).toContainEqual({ kind: 'cancel', blocks: [[3, 0, 64 * KiB]] });
    await expect.poll(() => world.isComplete).toBe(true);
  });
});
