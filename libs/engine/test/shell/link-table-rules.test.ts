import { LIMITS, ShoalError } from '@shoal/protocol';
import { beforeEach, describe, expect, it } from 'vitest';
import { settled } from '../../src/testing/fake-clock.ts';
import { aPeerId, X, Y, type FakeLink } from './fake-link.ts';
import { ADDRESS, kindsSent, LARGER, LinkTableUnderTest, SMALLER, US } from './link-table-under-test.ts';

let we: LinkTableUnderTest;
beforeEach(() => {
  we = new LinkTableUnderTest();
});

describe('two links that crossed', () => {
  it.each([
    ['larger', LARGER, 'ours first', true],
    ['larger', LARGER, 'theirs first', true],
    ['smaller', SMALLER, 'ours first', false],
    ['smaller', SMALLER, 'theirs first', false],
  ] as const)('with a peer of %s id (%s, %s): the one that the smaller id dialled is kept', async (...row) => {
    const [, peerId, order, isOursKept] = row;
    let theirs: FakeLink;
    let ours: FakeLink;
    if (order === 'ours first') {
      ours = await we.weDial(peerId);
      theirs = we.comesIn(peerId);
    } else {
      ours = await we.weDialSilently(peerId);
      theirs = we.comesIn(peerId);
      ours.sayHello(peerId);
    }
    expect([ours.isClosed, theirs.isClosed]).toEqual([!isOursKept, isOursKept]);
    expect((isOursKept ? theirs : ours).byes).toEqual(['duplicate-link']);
    expect(we.table.ready).toHaveLength(1);
  });
});

describe('a second link', () => {
  it('in the same direction takes the place of the first: that one may be dead', () => {
    const [first, second] = [we.comesIn(LARGER), we.comesIn(LARGER)];
    expect([first.isClosed, second.isClosed]).toEqual([true, false]);
    expect(we.table.ready).toHaveLength(1);
  });

  it('tells the swarms that the peer left, and that it came back', () => {
    we.enter(X);
    const first = we.comesIn(LARGER);
    first.say({ kind: 'join', channel: 0, infoHash: X });
    const second = we.comesIn(LARGER);
    second.say({ kind: 'join', channel: 0, infoHash: X });
    expect(we.told).toEqual(['peer-joined 6', 'peer-left 6', 'peer-joined 6']);
  });
});

describe('a peer that is dialled at several addresses', () => {
  it('is linked where it answers first; the other attempt ends without a hello, and the link stands', async () => {
    const [first, second] = await we.weDialAll(LARGER, [7_000, 7_001]);
    second!.sayHello(LARGER);
    first!.sayHello(LARGER);
    expect([kindsSent(first!), kindsSent(second!)]).toEqual([['bye'], ['hello', 'join']]);
    expect([first!.byes, second!.isClosed]).toEqual([['duplicate-link'], false]);
    first!.break();
    expect(we.table.ready).toHaveLength(1);
  });

  it('is not dialled at another when one of them fails and a link stands', async () => {
    const [first, second] = await we.weDialAll(LARGER, [7_000, 7_001]);
    second!.sayHello(LARGER);
    first!.break();
    await we.clock.pass(60_000);
    we.table.tick();
    await settled();
    expect(we.dialled).toHaveLength(2);
  });
});

describe('somebody else at the address of a peer', () => {
  it('gets no word from us, and the address rests', async () => {
    const [link] = await we.weDialAll(LARGER, [7_000]);
    link!.sayHello(SMALLER);
    expect([kindsSent(link!), link!.byes]).toEqual([['bye'], ['peer-unreachable']]);
    expect(we.table.ready).toEqual([]);
    we.table.tick();
    await we.clock.pass(1_000);
    we.table.tick();
    await settled();
    expect(we.dialled).toHaveLength(2);
  });

  it('keeps the link that it has with us, and is not banned', async () => {
    const good = we.comesIn(SMALLER, 1);
    const [link] = await we.weDialAll(LARGER, [7_000]);
    link!.sayHello(SMALLER);
    expect([good.isClosed, we.table.linkOf(SMALLER)?.isOutgoing]).toEqual([false, false]);
    link!.break();
    expect(we.table.linkOf(SMALLER)).toBeDefined();
  });
});

it('where a banned peer came in, another peer behind the same NAT is dialled all the same', async () => {
  we.comesIn(SMALLER, 7_000);
  we.table.ban(SMALLER, new ShoalError('bad-piece', 'piece 0 fails its SHA-256'));
  expect(await we.weDialAll(LARGER, [7_000])).toHaveLength(1);
});

it('a ban is logged once, however many pieces of the peer were under way', () => {
  we.comesIn(SMALLER);
  for (const piece of [0, 1]) we.table.ban(SMALLER, new ShoalError('bad-piece', `piece ${piece} fails its SHA-256`));
  expect(we.logged).toEqual(['banned a peer: piece 0 fails its SHA-256']);
});

it('nobody is dialled for a swarm that we are not in', async () => {
  we.table.dialFor(X, ADDRESS, LARGER);
  await settled();
  expect(we.dialled).toEqual([]);
});

describe('nobody is linked', () => {
  it('who is ourselves', () => {
    expect(we.comesIn(US).byes).toEqual(['self-link']);
    expect(we.table.ready).toEqual([]);
  });

  it('who is banned', () => {
    const link = we.comesIn(LARGER);
    we.table.ban(LARGER, new ShoalError('bad-piece', 'piece 0 fails its SHA-256'));
    expect(link.byes).toEqual(['bad-piece']);
    expect(we.comesIn(LARGER).byes).toEqual(['protocol-violation']);
    expect(we.table.ready).toEqual([]);
  });

  it('beyond as many as the limit says', () => {
    const links = Array.from({ length: LIMITS.links }, (_, n) => we.comesIn(aPeerId(n + 100)));
    expect(links.every(({ isClosed }) => !isClosed)).toBe(true);
    const tooMany = we.comesInSilently();
    expect([tooMany.byes, kindsSent(tooMany)]).toEqual([['too-many-links'], ['bye']]);
    links[0]!.break();
    expect(we.comesIn(LARGER).isClosed).toBe(false);
  });

  it('any more when the agent stops', async () => {
    const link = we.comesIn(LARGER);
    await we.table.stop();
    expect(link.byes).toEqual(['shutting-down']);
    expect(we.comesInSilently().byes).toEqual(['shutting-down']);
  });
});

it('who only looks who is there, as a tracker does, hears it and leaves no trace', async () => {
  const good = we.comesIn(LARGER);
  const visit = we.comesInSilently();
  expect(kindsSent(visit)).toEqual(['hello']);
  visit.break();
  await we.clock.pass(LIMITS.helloMs);
  expect([we.logged, we.told, we.table.ready.length, good.isClosed]).toEqual([[], [], 1, false]);
  expect(we.table.knownPeers()).toEqual([]);
});

describe('a swarm', () => {
  it('is entered where the other side enters it, if we are in it', () => {
    we.enter(X);
    const link = we.comesIn(LARGER);
    link.say({ kind: 'join', channel: 0, infoHash: X }, { kind: 'join', channel: 1, infoHash: Y });
    expect(kindsSent(link)).toEqual(['hello', 'join']);
    expect(we.told).toEqual(['peer-joined 6']);
  });

  it('is entered with a linked peer that the tracker names, while we lack pieces', () => {
    we.enter(X);
    we.enter(Y, { isComplete: true });
    const link = we.comesIn(LARGER);
    we.table.learn(X, [{ ...ADDRESS, peerId: LARGER }]);
    we.table.learn(Y, [{ ...ADDRESS, peerId: LARGER }]);
    expect(link.sent.filter(({ kind }) => kind === 'join')).toMatchObject([{ infoHash: X }]);
    expect(we.dialled).toEqual([]);
  });

  it('is entered with whoever comes from an address where we know of it', () => {
    we.enter(X);
    we.table.learn(X, [ADDRESS]);
    expect(kindsSent(we.comesIn(LARGER))).toContain('join');
  });

  it('is left on every link', () => {
    const runner = we.enter(X);
    const link = we.comesIn(LARGER);
    link.say({ kind: 'join', channel: 0, infoHash: X });
    we.table.leave(runner);
    expect(kindsSent(link)).toEqual(['hello', 'join', 'leave']);
  });

  it('introduces its peers to each other, but not those who cannot be dialled', () => {
    we.enter(X);
    const join = { kind: 'join', channel: 0, infoHash: X } as const;
    we.comesIn(aPeerId(7), 7_007).say(join);
    we.comesIn(aPeerId(8), 0).say(join);
    we.comesIn(aPeerId(9), 7_009);
    const last = we.comesIn(aPeerId(10), 7_010);
    last.say(join);
    expect(last.sent.filter(({ kind }) => kind === 'peers')).toMatchObject([
      { peers: [{ host: '10.0.0.9', port: 7_007 }] },
    ]);
  });
});

describe('a link that carries nothing', () => {
  it('is closed after two minutes, not before, and only while it carries nothing', async () => {
    we.enter(X);
    const link = we.comesIn(LARGER);
    we.table.tick();
    await we.clock.pass(LIMITS.idleMs - 1);
    link.say({ kind: 'join', channel: 0, infoHash: X });
    we.table.tick();
    link.say({ kind: 'leave', channel: 0 });
    we.table.tick();
    await we.clock.pass(LIMITS.idleMs);
    we.table.tick();
    expect(link.byes).toEqual([]);
    await we.clock.pass(1);
    we.table.tick();
    expect(link.byes).toEqual(['idle']);
  });
});

it('lists its links', () => {
  we.comesIn(LARGER, 7_006);
  expect(we.table.snapshot()).toEqual([
    {
      peerId: LARGER,
      agent: 'fake',
      host: '10.0.0.9',
      port: 7_006,
      swarms: [],
      receivedBytes: 0,
      sentBytes: 0,
    },
  ]);
});
