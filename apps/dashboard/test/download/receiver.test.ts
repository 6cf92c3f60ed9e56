import { Bitfield, LIMITS, ShoalError } from '@shoal/protocol';
import { beforeEach, describe, expect, it } from 'vitest';
import { KiB, kinds, MiB, requested, World } from './receiver-world.ts';

/** Ten pieces; the file is those from 3 on to a part of 5. */
let world: World;
beforeEach(() => {
  world = new World([200 * KiB, 180 * KiB, 260 * KiB], 1);
});

describe('what is wanted', () => {
  it('is said after an empty bitfield, as the pieces of the file that the other has', () => {
    const heard = world.enter([0, 3, 5, 9]).take();
    expect(heard).toEqual([
      { kind: 'bitfield', bits: new Bitfield(10).toBase64() },
      { kind: 'interested', first: [3, 5] },
    ]);
  });

  it('is said to nobody who has none of it, and said when it gets some', () => {
    const agent = world.enter([0, 1]);
    expect(kinds(agent.take())).toEqual(['bitfield']);
    world.receiver.heard(agent.sender, { kind: 'have', pieces: [2, 4] });
    expect(agent.take()).toEqual([{ kind: 'interested', first: [4] }]);
  });

  it('begins at another place for another sender', () => {
    const many = new World([64 * KiB * 10], 0);
    const agent = many.enter();
    agent.take();
    Object.assign(agent.sender, { beginAt: 0.6, isAsked: false });
    many.receiver.heard(agent.sender, { kind: 'have', pieces: [0] });
    expect(agent.take()).toEqual([{ kind: 'interested', first: [6, 7, 8, 9, 0, 1, 2, 3, 4, 5] }]);
  });

  it('is at most as long as a list may be', () => {
    const large = new World([64 * KiB * (LIMITS.listEntries + 1)], 0);
    const [, interested] = large.enter().take();
    const first = Array.from({ length: LIMITS.listEntries }, (_, piece) => piece);
    expect(interested).toEqual({ kind: 'interested', first });
  });

  it('is said again when something else is offered, which is declined', () => {
    const agent = world.enter();
    agent.take();
    world.offer(agent, 3, 9, 0);
    expect(agent.take()).toEqual([
      requested(3),
      { kind: 'decline', pieces: [9, 0], reason: 'unwanted' },
      { kind: 'interested', first: [4, 5] },
    ]);
  });

  it('is not said again when there is nothing more to be offered', () => {
    const agent = world.enter();
    world.offer(agent, 3, 4, 5);
    agent.take();
    world.offer(agent, 8);
    expect(agent.take()).toEqual([{ kind: 'decline', pieces: [8], reason: 'unwanted' }]);
  });

  it('is said again to whoever has nothing to do for two seconds', () => {
    const agent = world.enter();
    agent.take();
    world.pass(1_900);
    expect(agent.take()).toEqual([]);
    world.pass(200);
    expect(agent.take()).toEqual([{ kind: 'interested', first: [3, 4, 5] }]);
  });
});

describe('an offer', () => {
  it('of what another has promised is declined, and the others are told not to make one', () => {
    const [one, two] = [world.enter(), world.enter()];
    one.take();
    two.take();
    world.offer(one, 3);
    expect(two.take()).toEqual([{ kind: 'expect', add: [3], drop: [] }]);
    world.offer(two, 3);
    expect(two.take()).toEqual([{ kind: 'decline', pieces: [3], reason: 'promised' }]);
  });

  it('of what is here is declined', async () => {
    const agent = world.enter();
    world.offer(agent, 3);
    world.send(agent, 3);
    agent.take();
    world.offer(agent, 3);
    expect(agent.take()).toEqual([{ kind: 'decline', pieces: [3], reason: 'have' }]);
    await expect.poll(() => kinds(agent.take())).toEqual(['have']);
    world.offer(agent, 3);
    expect(agent.take()).toEqual([{ kind: 'decline', pieces: [3], reason: 'have' }]);
  });

  it('of a stranger is held back once it has promised 2 MiB, until it delivers', async () => {
    const large = new World([10 * MiB], 0, MiB);
    const agent = large.enter();
    agent.take();
    large.offer(agent, 0, 1, 2, 3, 4);
    expect(kinds(agent.take())).toEqual(['request', 'request']);
    large.send(agent, 0);
    await expect.poll(() => kinds(agent.take())).toEqual(['have', 'request', 'request']);
  });

  it('is held back while the memory of the page is full, and answered when there is room', async () => {
    const large = new World([6 * 16 * MiB], 0, 16 * MiB);
    const agents = [large.enter(), large.enter(), large.enter()];
    for (const agent of agents) agent.take();
    let release = (): void => undefined;
    large.onWrite = () => new Promise((resolve) => (release = resolve));
    for (const [piece, agent] of agents.entries()) large.offer(agent, piece);
    expect(agents.map((agent) => kinds(agent.take()).includes('request'))).toEqual([true, true, false]);
    large.send(agents[0]!, 0);
    await expect.poll(() => release.length).toBe(1);
    expect(kinds(agents[2]!.take())).not.toContain('request');
    release();
    await expect.poll(() => kinds(agents[2]!.take())).toContain('request');
  });

  it.each([
    ['a piece that the share does not have', { kind: 'offer', pieces: [10] }],
    ['a bitfield of another length', { kind: 'bitfield', bits: '' }],
    ['a metainfo that nobody asked for', { kind: 'metainfo', document: '' }],
    ['a second bitfield', { kind: 'bitfield', bits: Bitfield.full(10).toBase64() }],
  ] as const)('of nonsense, as %s, ends it with its sender', (_what, message) => {
    const agent = world.enter();
    world.receiver.heard(agent.sender, message);
    expect(agent.bans).toEqual(['protocol-violation']);
  });
});

describe('a piece', () => {
  it('is written where it belongs in the file, without what is not the file’s, and acknowledged to its sender first', async () => {
    const [one, two] = [world.enter(), world.enter()];
    world.offer(one, 3);
    one.take();
    two.take();
    world.send(one, 3);
    await expect.poll(() => one.take()).toEqual([{ kind: 'have', pieces: [3] }]);
    expect(two.take()).toEqual([{ kind: 'have', pieces: [3] }]);
    expect([...world.written.keys()]).toEqual([0]);
    expect(world.written.get(0)).toEqual(world.share.file(1).slice(0, 56 * KiB));
  });

  it('that fails its SHA-256 is not written, its sender is banned, and it is fetched from another', async () => {
    const [bad, good] = [world.enter(), world.enter()];
    world.offer(bad, 4);
    good.take();
    world.send(bad, 4, true);
    await expect.poll(() => bad.bans).toEqual(['bad-piece']);
    expect(world.written.size).toBe(0);
    expect(good.take()).toEqual([{ kind: 'expect', add: [], drop: [4] }]);
    world.offer(good, 4);
    expect(good.take()).toEqual([requested(4)]);
    world.send(good, 4);
    await expect.poll(() => world.written.size).toBe(1);
    expect(good.bans).toEqual([]);
  });

  it('completes the file when it is the last', async () => {
    const agent = world.enter();
    world.offer(agent, 3, 4, 5);
    for (const piece of [5, 3, 4]) world.send(agent, piece);
    await expect.poll(() => world.isComplete).toBe(true);
    const file = new Uint8Array(180 * KiB);
    for (const [position, bytes] of world.written) file.set(bytes, position);
    expect(file).toEqual(world.share.file(1));
  });

  it('that the disk refuses ends everything', async () => {
    const agent = world.enter();
    world.onWrite = () => Promise.reject(new ShoalError('disk-full', 'no room'));
    world.offer(agent, 3);
    world.send(agent, 3);
    await expect.poll(() => world.failures).toEqual(['disk-full']);
  });

  it.each([
    ['that nobody asked for', 0, 0],
    ['with a gap before it', 3, 10],
  ])('may not come in a block %s', (_what, piece, begin) => {
    const agent = world.enter();
    world.offer(agent, 3);
    world.receiver.blockCame(agent.sender, { channel: 0, piece, begin, bytes: new Uint8Array(10) });
    expect(agent.bans).toEqual(['protocol-violation']);
  });

  it('may come in parts of blocks, and twice', async () => {
    const agent = world.enter();
    world.offer(agent, 3);
    const bytes = world.share.piece(3);
    for (const [begin, end] of [
      [0, 100],
      [0, 100],
      [100, 64 * KiB],
    ] as const) {
      world.receiver.blockCame(agent.sender, { channel: 0, piece: 3, begin, bytes: bytes.subarray(begin, end) });
    }
    await expect.poll(() => world.written.size).toBe(1);
  });
});
