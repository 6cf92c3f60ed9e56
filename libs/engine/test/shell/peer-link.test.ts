import { encodeBlockHeader, LIMITS } from '@shoal/protocol';
import { beforeEach, describe, expect, it } from 'vitest';
import { FakeClock } from '../../src/testing/fake-clock.ts';
import { aPeerId, aPeerLink, X, Y } from './fake-link.ts';

let clock: FakeClock;
beforeEach(() => {
  clock = new FakeClock();
});

/** A link after hello from both sides. */
function aReadyLink() {
  const pair = aPeerLink(clock);
  pair.link.sayHello();
  pair.calls.length = 0;
  pair.link.sent.length = 0;
  return pair;
}

/** A link on which both sides have entered a swarm: ours is channel 0, theirs 5. */
function aJoinedLink() {
  const pair = aReadyLink();
  pair.peerLink.join(X);
  pair.link.say({ kind: 'join', channel: 5, infoHash: X });
  pair.calls.length = 0;
  pair.link.sent.length = 0;
  return pair;
}

describe('hello', () => {
  it('is said first, and answered with who the other side is', () => {
    const { link, peerLink, calls } = aPeerLink(clock);
    expect(link.sent).toEqual([{ kind: 'hello', version: 1, peerId: aPeerId(1), port: 7_001, agent: 'test' }]);
    expect(peerLink.remote).toBeUndefined();
    link.sayHello(aPeerId(9), 7_000);
    const remote = { peerId: aPeerId(9), agent: 'fake', address: { host: '10.0.0.9', port: 7_000 } };
    expect(calls).toEqual([['ready', remote]]);
    expect(peerLink.remote).toEqual(remote);
  });

  it('is said by who dialled only when it knows who is there, and wants to', () => {
    const { link, peerLink } = aPeerLink(clock, true);
    link.sayHello();
    expect(link.sent).toEqual([]);
    peerLink.greet();
    expect(link.sent).toMatchObject([{ kind: 'hello', peerId: aPeerId(1) }]);
  });

  it('is waited for as long as the limit says, and no longer', async () => {
    const { link, calls } = aPeerLink(clock);
    await clock.pass(LIMITS.helloMs - 1);
    expect(calls).toEqual([]);
    await clock.pass(1);
    expect([link.byes, link.isClosed]).toEqual([['timed-out'], true]);
    expect(calls).toMatchObject([['closed', { code: 'timed-out' }]]);
  });

  it('ends the wait', async () => {
    const { link } = aPeerLink(clock);
    link.sayHello();
    expect(clock.openTimers).toBe(0);
    await clock.pass(2 * LIMITS.helloMs);
    expect(link.isClosed).toBe(false);
  });

  it('is said once', () => {
    const { link } = aReadyLink();
    link.sayHello();
    expect(link.byes).toEqual(['protocol-violation']);
  });

  it('is of our version', () => {
    const { link } = aPeerLink(clock);
    link.say({ kind: 'hello', version: 2, peerId: aPeerId(9), port: 1, agent: 'newer' });
    expect(link.byes).toEqual(['unsupported-version']);
  });

  it.each([
    { kind: 'join', channel: 0, infoHash: X },
    { kind: 'leave', channel: 0 },
    { kind: 'search', id: 0, query: 'fish' },
    { kind: 'found', id: 0, shares: [] },
    { kind: 'interested', channel: 0 },
  ] as const)('comes before "$kind"', (message) => {
    const { link, calls } = aPeerLink(clock);
    link.say(message);
    expect(link.byes).toEqual(['protocol-violation']);
    expect(calls.map(([name]) => name)).toEqual(['closed']);
  });
});

describe('a swarm', () => {
  it('is entered once', () => {
    const { link, peerLink } = aReadyLink();
    peerLink.join(X);
    peerLink.join(X);
    expect(link.sent).toEqual([{ kind: 'join', channel: 0, infoHash: X }]);
    expect(peerLink.isIn(X)).toBe(false);
  });

  it('is live when the other side enters it as well', () => {
    const { link, peerLink, calls } = aReadyLink();
    peerLink.join(X);
    link.say({ kind: 'join', channel: 5, infoHash: X });
    expect(calls).toEqual([['joined', X]]);
    expect([peerLink.isIn(X), peerLink.swarms]).toEqual([true, [X]]);
  });

  it('that the other side enters first is offered to us', () => {
    const { link, peerLink, calls } = aReadyLink();
    link.say({ kind: 'join', channel: 5, infoHash: X });
    expect(calls).toEqual([['join wanted', X]]);
    expect(peerLink.isOtherIn(X)).toBe(true);
    peerLink.join(X);
    expect(calls.at(-1)).toEqual(['joined', X]);
  });

  it('carries messages under the channel of who speaks', () => {
    const { link, peerLink, calls } = aJoinedLink();
    peerLink.send(X, { kind: 'have', pieces: [3] });
    expect(link.sent).toEqual([{ kind: 'have', channel: 0, pieces: [3] }]);
    link.say({ kind: 'have', channel: 5, pieces: [4] });
    expect(calls).toEqual([['message', X, { kind: 'have', pieces: [4] }]]);
  });

  it('carries blocks, and counts them', () => {
    const { link, peerLink, calls } = aJoinedLink();
    const block = { piece: 2, begin: 0, length: 3 };
    expect(peerLink.sendBlock(X, block, Uint8Array.of(1, 2, 3))).toBe(true);
    expect(link.sentBlocks).toMatchObject([{ channel: 0, piece: 2, begin: 0, bytes: { length: 3 } }]);
    link.sayBytes(Uint8Array.of(...encodeBlockHeader(5, 7, 0), 9, 9));
    expect(calls).toMatchObject([['block', X, { piece: 7, begin: 0, bytes: { length: 2 } }]]);
    expect([peerLink.sentBytes, peerLink.receivedBytes]).toEqual([3, 2]);
  });

  it('that we left carries nothing any more, either way', () => {
    const { link, peerLink, calls } = aJoinedLink();
    peerLink.leave(X);
    peerLink.leave(X);
    expect(link.sent).toEqual([{ kind: 'leave', channel: 0 }]);
    peerLink.send(X, { kind: 'have', pieces: [3] });
    expect(peerLink.sendBlock(X, { piece: 2, begin: 0, length: 3 }, new Uint8Array(3))).toBe(false);
    link.say({ kind: 'have', channel: 5, pieces: [4] });
    link.sayBytes(Uint8Array.of(...encodeBlockHeader(5, 7, 0), 9));
    expect([link.sent.length, link.sentBlocks.length, calls.length, link.isClosed]).toEqual([1, 0, 0, false]);
  });

  it('that the other side left is left', () => {
    const { link, peerLink, calls } = aJoinedLink();
    link.say({ kind: 'leave', channel: 5 });
    expect(calls).toEqual([['left', X]]);
    expect(peerLink.swarms).toEqual([]);
  });

  it.each([
    ['a message on a channel that stands for nothing', { kind: 'interested', channel: 6 }],
    ['leaving a channel that stands for nothing', { kind: 'leave', channel: 6 }],
    ['entering under a channel that is taken', { kind: 'join', channel: 5, infoHash: Y }],
    ['entering a second time', { kind: 'join', channel: 6, infoHash: X }],
  ] as const)('is not harmed by %s', (_what, message) => {
    const { link, calls } = aJoinedLink();
    link.say(message);
    expect(link.byes).toEqual(['protocol-violation']);
    expect(calls).toMatchObject([['closed', { code: 'protocol-violation' }]]);
  });
});

describe('what is not about a swarm', () => {
  it('is passed on', () => {
    const { link, calls } = aReadyLink();
    link.say({ kind: 'search', id: 7, query: 'fish' }, { kind: 'found', id: 3, shares: [] });
    link.drain();
    expect(calls).toEqual([['search', 7, 'fish'], ['found', 3, []], ['drain']]);
  });

  it('is sent', () => {
    const { link, peerLink } = aReadyLink();
    peerLink.search(1, 'fish');
    peerLink.found(2, []);
    expect(link.sent).toEqual([
      { kind: 'search', id: 1, query: 'fish' },
      { kind: 'found', id: 2, shares: [] },
    ]);
  });
});

describe('frames', () => {
  it('of the largest size are taken, and one byte more ends the link', () => {
    const { link, calls } = aJoinedLink();
    const largest = new Uint8Array(12 + LIMITS.blockBytes);
    largest.set(encodeBlockHeader(5, 0, 0));
    link.sayBytes(largest);
    expect(calls.map(([name]) => name)).toEqual(['block']);
    const larger = new Uint8Array(largest.length + 1);
    larger.set(encodeBlockHeader(5, 0, 0));
    link.sayBytes(larger);
    expect(link.byes).toEqual(['protocol-violation']);
  });

  it('that are larger than the transport takes end the link', () => {
    const { link } = aReadyLink();
    link.sayTooMuch();
    expect([link.byes, link.isClosed]).toEqual([['too-large'], true]);
  });

  it('that are large are expected as often as a metainfo is asked for', () => {
    const { link, peerLink } = aJoinedLink();
    expect(link.largeExpected).toBe(0);
    peerLink.send(X, { kind: 'metainfo?' });
    expect(link.largeExpected).toBe(1);
  });

  it.each([
    ['not JSON', 'fish', 'bad-json'],
    ['no message', '{"kind":"fish"}', 'bad-message'],
    ['too large', `{"kind":"search","id":1,"query":"${' '.repeat(LIMITS.controlMessageBytes)}"}`, 'too-large'],
  ])('that are %s end the link', (_what, frame, code) => {
    const { link } = aReadyLink();
    link.sayText(frame);
    expect([link.byes, link.isClosed]).toEqual([[code], true]);
  });
});

describe('the end', () => {
  it('is told once, with the reason, and nothing is heard after it', () => {
    const { link, peerLink, calls } = aJoinedLink();
    peerLink.close('idle', 'nothing is shared here');
    peerLink.close('idle', 'again');
    link.say({ kind: 'have', channel: 5, pieces: [1] });
    link.drain();
    link.break();
    expect(calls).toMatchObject([['closed', { code: 'idle' }]]);
    expect(link.byes).toEqual(['idle']);
  });

  it('is told without a reason when the connection breaks', () => {
    const { link, calls } = aJoinedLink();
    link.break();
    expect(calls).toEqual([['closed', undefined]]);
  });

  it('comes with what the other side says, in its words', () => {
    const { link, calls } = aReadyLink();
    link.say({ kind: 'bye', code: 'some-newer-code', message: 'because' });
    expect(calls).toMatchObject([
      ['closed', { code: 'peer-unreachable', message: expect.stringContaining('some-newer-code') as string }],
    ]);
    expect([link.isClosed, link.byes]).toEqual([true, []]);
  });

  it('before hello leaves no timer', () => {
    const { peerLink } = aPeerLink(clock);
    peerLink.close('shutting-down', 'the agent stops');
    expect(clock.openTimers).toBe(0);
  });

  it('lets nobody enter a swarm', () => {
    const { link, peerLink } = aReadyLink();
    peerLink.close('idle', '');
    peerLink.join(X);
    expect(link.sent.map(({ kind }) => kind)).toEqual(['bye']);
  });
});
