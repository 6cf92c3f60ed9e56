import { LIMITS } from '@shoal/protocol';
import { beforeEach, describe, expect, it } from 'vitest';
import { settled } from '../../src/testing/fake-clock.ts';
import { X, Y } from './fake-link.ts';
import { ADDRESS, kindsSent, LARGER, LinkTableUnderTest, SMALLER } from './link-table-under-test.ts';

let we: LinkTableUnderTest;
beforeEach(() => {
  we = new LinkTableUnderTest();
});

describe('a peer of a swarm', () => {
  const learnAt = async (infoHash = X): Promise<number> => {
    we.table.learn(infoHash, [{ ...ADDRESS, peerId: LARGER }]);
    await settled();
    return we.dialled.length;
  };

  it('is dialled while we lack pieces', async () => {
    we.enter(X);
    expect(await learnAt()).toBe(1);
  });

  it('is not dialled by a seeder, nor for a swarm that we are not in', async () => {
    we.enter(Y, { isComplete: true });
    expect([await learnAt(X), await learnAt(Y)]).toEqual([0, 0]);
  });

  it.each([
    [LIMITS.peersPerSwarm - 1, 1],
    [LIMITS.peersPerSwarm, 0],
  ])('is dialled or not when we have %i peers there: %i', async (peerCount, dials) => {
    we.enter(X, { peerCount });
    expect(await learnAt()).toBe(dials);
  });

  it('is dialled though we lack nothing when the tracker wants us to', async () => {
    we.enter(X, { isComplete: true });
    const link = await we.weDial(LARGER);
    expect(kindsSent(link)).toEqual(['hello', 'join']);
  });

  it('is dialled again when its link has closed and it has rested', async () => {
    we.enter(X);
    await learnAt();
    we.dialled[0]!.sayHello(LARGER);
    we.dialled[0]!.break();
    we.table.tick();
    expect(we.dialled).toHaveLength(1);
    await we.clock.pass(1_000);
    we.table.tick();
    await settled();
    expect(we.dialled).toHaveLength(2);
  });

  it.each([
    ['we dialled', async () => (await learnAt(Y), we.dialled[0]!.sayHello(LARGER), we.dialled[0]!)],
    ['came in', () => Promise.resolve(we.comesIn(LARGER, ADDRESS.port))],
  ])('is dialled for it when a link closes that stood before we heard of it there: one that %s', async (_how, link) => {
    we.enter(X);
    we.enter(Y);
    const standing = await link();
    const before = await learnAt(X);
    we.table.leave(we.enter(Y));
    standing.break();
    await we.clock.pass(1_000);
    we.table.tick();
    await settled();
    expect(we.dialled).toHaveLength(before + 1);
  });

  it('is not dialled a second time when somebody names its address and a link stands', async () => {
    we.enter(X);
    const link = we.comesIn(LARGER, ADDRESS.port);
    we.table.learn(X, [ADDRESS]);
    await settled();
    expect(we.dialled).toEqual([]);
    expect(kindsSent(link)).toContain('join');
  });
});

describe('an address that a person gives', () => {
  it('is dialled, and every swarm is entered there', async () => {
    we.enter(X);
    we.enter(Y, { isComplete: true });
    const linked = we.table.connect(ADDRESS, [X, Y]);
    await settled();
    we.dialled[0]!.sayHello(LARGER);
    expect(await linked).toBe(LARGER);
    expect(kindsSent(we.dialled[0]!)).toEqual(['hello', 'join', 'join']);
  });

  it('where we are linked already is not dialled, but every swarm is entered there', async () => {
    we.enter(X);
    const link = we.comesIn(LARGER, ADDRESS.port);
    we.comesIn(SMALLER, 1);
    expect(await we.table.connect(ADDRESS, [X])).toBe(LARGER);
    expect([we.dialled.length, kindsSent(link)]).toEqual([0, ['hello', 'join']]);
  });
});
