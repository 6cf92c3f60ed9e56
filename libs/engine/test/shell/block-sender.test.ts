import { ShoalError, type InfoHash } from '@shoal/protocol';
import { beforeEach, describe, expect, it } from 'vitest';
import { RateLimiter } from '../../src/core/rate-limiter.ts';
import { BlockSender } from '../../src/shell/block-sender.ts';
import type { PeerLink } from '../../src/shell/peer-link.ts';
import { FakeClock, settled } from '../../src/testing/fake-clock.ts';
import { aPeerLink, X, Y, type FakeLink } from './fake-link.ts';

const MIB = 1024 * 1024;
const LENGTH = 1_000;

let clock: FakeClock;
let sender: BlockSender;
beforeEach(() => {
  clock = new FakeClock();
  sender = new BlockSender(clock, new RateLimiter(undefined));
});

/** A link on which both sides are in two swarms. */
function aLink(): { link: FakeLink; peerLink: PeerLink } {
  const { link, peerLink } = aPeerLink(clock);
  link.sayHello();
  for (const infoHash of [X, Y]) peerLink.join(infoHash);
  return { link, peerLink };
}

/** What came of a block, and what its store does. */
class Request {
  readonly piece: number;
  isRead = false;
  outcome: string | undefined;
  /** Where the parts began that were sent. */
  readonly begins: number[] = [];
  readonly #length: number;
  #finish: (() => void) | undefined;
  #fail: ((error: ShoalError) => void) | undefined;

  constructor(piece: number, length = LENGTH) {
    this.piece = piece;
    this.#length = length;
  }

  addTo(target: BlockSender, link: PeerLink, infoHash: InfoHash = X): this {
    target.add({
      link,
      infoHash,
      block: { piece: this.piece, begin: 0, length: this.#length },
      read: () => {
        this.isRead = true;
        return new Promise((resolve, reject) => {
          this.#finish = () => {
            resolve(new Uint8Array(this.#length));
          };
          this.#fail = reject;
        });
      },
      onSent: ({ begin }) => {
        this.begins.push(begin);
        this.outcome = 'sent';
      },
      onFailed: ({ code }) => (this.outcome = code),
    });
    return this;
  }

  /** The store has read the block. */
  async finish(): Promise<void> {
    this.#finish?.();
    await settled();
  }

  async fail(): Promise<void> {
    this.#fail?.(new ShoalError('content-mismatch', 'the file changed'));
    await settled();
  }
}

/** Requests of pieces 0, 1, 2 and so on. */
function requests(count: number, link: PeerLink): Request[] {
  return Array.from({ length: count }, (_, piece) => new Request(piece).addTo(sender, link));
}

async function finishAll(all: readonly Request[]): Promise<void> {
  for (const request of all) await request.finish();
}

const piecesSent = (link: FakeLink): number[] => link.sentBlocks.map(({ piece }) => piece);

describe('the blocks of one link', () => {
  it('are sent in the order of their requests, however the disk reads them', async () => {
    const { link, peerLink } = aLink();
    const [first, second, third] = requests(3, peerLink);
    await third!.finish();
    await second!.finish();
    expect(piecesSent(link)).toEqual([]);
    await first!.finish();
    expect(piecesSent(link)).toEqual([0, 1, 2]);
    expect([first, second, third].map((request) => request?.outcome)).toEqual(['sent', 'sent', 'sent']);
  });

  it('are read four at a time, so that memory is bounded', async () => {
    const { peerLink } = aLink();
    const all = requests(10, peerLink);
    const beingRead = (): number[] => all.filter(({ isRead }) => isRead).map(({ piece }) => piece);
    expect(beingRead()).toEqual([0, 1, 2, 3]);
    await all[0]!.finish();
    expect(beingRead()).toEqual([0, 1, 2, 3, 4]);
  });

  it('wait while the link has more than a mebibyte to send', async () => {
    const { link, peerLink } = aLink();
    link.queuedBytes = MIB + 1;
    const [only] = requests(1, peerLink);
    await only!.finish();
    expect(piecesSent(link)).toEqual([]);
    link.queuedBytes = MIB;
    sender.drained(peerLink);
    await settled();
    expect(piecesSent(link)).toEqual([0]);
  });

  it('do not wait for those of another link', async () => {
    const [slow, fast] = [aLink(), aLink()];
    requests(1, slow.peerLink);
    await finishAll(requests(1, fast.peerLink));
    expect([piecesSent(slow.link), piecesSent(fast.link)]).toEqual([[], [0]]);
  });

  it('go on when the link was idle for a while', async () => {
    const { link, peerLink } = aLink();
    await finishAll(requests(2, peerLink));
    await clock.pass(60_000);
    await finishAll(requests(2, peerLink));
    expect(piecesSent(link)).toEqual([0, 1, 0, 1]);
  });
});

it('what is queued of a swarm that we left is not sent when we are in it again', async () => {
  const { link, peerLink } = aLink();
  const asked = [0, 1].map((piece) => new Request(piece).addTo(sender, peerLink));
  const ofOther = new Request(2).addTo(sender, peerLink, Y);
  sender.forgetSwarm(X);
  peerLink.leave(X);
  peerLink.join(X);
  await finishAll([...asked, ofOther]);
  expect(piecesSent(link)).toEqual([2]);
});

describe('a cancelled piece', () => {
  it('is not sent, whether it waits, is being read, or is read', async () => {
    const { link, peerLink } = aLink();
    const all = requests(4, peerLink);
    await all[2]!.finish();
    sender.cancel(peerLink, X, 0);
    sender.cancel(peerLink, X, 2);
    await finishAll(all);
    expect(piecesSent(link)).toEqual([1, 3]);
    expect(all.map(({ outcome }) => outcome)).toEqual([undefined, 'sent', undefined, 'sent']);
  });

  it('does not take the same piece of another swarm with it', async () => {
    const { link, peerLink } = aLink();
    const mine = new Request(0).addTo(sender, peerLink, X);
    const other = new Request(0).addTo(sender, peerLink, Y);
    sender.cancel(peerLink, X, 0);
    await finishAll([mine, other]);
    expect(link.sentBlocks.map(({ channel }) => channel)).toEqual([1]);
  });

  it('may be one of which nothing is queued', () => {
    const { peerLink } = aLink();
    expect(() => {
      sender.cancel(peerLink, X, 7);
    }).not.toThrow();
  });
});

describe('a failure to read', () => {
  it('is told, and the other pieces are sent', async () => {
    const { link, peerLink } = aLink();
    const [bad, good] = requests(2, peerLink);
    await bad!.fail();
    await good!.finish();
    expect([bad?.outcome, good?.outcome]).toEqual(['content-mismatch', 'sent']);
    expect(piecesSent(link)).toEqual([1]);
  });

  it('of a piece that was cancelled is nobody’s business', async () => {
    const { peerLink } = aLink();
    const [first, second] = requests(2, peerLink);
    await first!.finish();
    sender.cancel(peerLink, X, 1);
    const third = new Request(2).addTo(sender, peerLink);
    await second!.fail();
    await third.finish();
    expect(third.outcome).toBe('sent');
  });
});

describe('a closed link', () => {
  it('is sent nothing, and its queue is forgotten', async () => {
    const { link, peerLink } = aLink();
    const all = requests(3, peerLink);
    sender.forget(peerLink);
    await finishAll(all);
    expect(piecesSent(link)).toEqual([]);
    expect(all.map(({ outcome }) => outcome)).toEqual([undefined, undefined, undefined]);
  });

  it('ends a wait for the link to drain', async () => {
    const { link, peerLink } = aLink();
    link.queuedBytes = 2 * MIB;
    const [only] = requests(1, peerLink);
    await only!.finish();
    sender.forget(peerLink);
    await settled();
    link.queuedBytes = 0;
    await finishAll(requests(1, peerLink));
    expect(link.sentBlocks).toHaveLength(1);
  });
});

describe('with an upload limit', () => {
  beforeEach(() => {
    sender = new BlockSender(clock, new RateLimiter(LENGTH));
  });

  it('blocks go out at that rate, over all links', async () => {
    const [one, two] = [aLink(), aLink()];
    await finishAll([...requests(30, one.peerLink), ...requests(30, two.peerLink)]);
    const sent = (): number => one.link.sentBlocks.length + two.link.sentBlocks.length;
    const before = sent();
    // Each is read when those before it are on their way.
    for (let second = 0; second < 20; second++) await clock.pass(1_000);
    expect(sent() - before).toBeLessThanOrEqual(21);
    expect(before).toBeLessThanOrEqual(2);
  });

  it('a block goes out in parts that are worth 50 ms', async () => {
    sender = new BlockSender(clock, new RateLimiter(100_000));
    const { link, peerLink } = aLink();
    const request = new Request(0, 60_000).addTo(sender, peerLink);
    await request.finish();
    expect(request.begins).toEqual([0, 5_000, 10_000, 15_000, 20_000]);
    for (let at = 0; at < 4; at++) await clock.pass(100);
    expect(request.begins).toHaveLength(12);
    expect(link.sentBlocks.map(({ bytes }) => bytes.length)).toEqual(Array(12).fill(5_000));
  });

  it('links take turns, part by part', async () => {
    sender = new BlockSender(clock, new RateLimiter(100_000));
    const links = [aLink(), aLink(), aLink()];
    const all = links.map(({ peerLink }) => new Request(0, 60_000).addTo(sender, peerLink));
    await finishAll(all);
    const before = all.map(({ begins }) => begins.length);
    for (let at = 0; at < 9; at++) await clock.pass(51);
    const sent = all.map(({ begins }, at) => begins.length - before[at]!);
    expect(Math.min(...sent)).toBe(3);
    expect(Math.max(...sent)).toBeLessThanOrEqual(4);
  });

  it('a block that is cancelled while it waits takes nothing from the limit', async () => {
    sender = new BlockSender(clock, new RateLimiter(100_000));
    const [one, two] = [aLink(), aLink()];
    const first = new Request(0, 60_000).addTo(sender, one.peerLink);
    await first.finish();
    const second = new Request(0, 60_000).addTo(sender, two.peerLink);
    await second.finish();
    sender.cancel(one.peerLink, X, 0);
    for (let at = 0; at < 4; at++) await clock.pass(50);
    expect([first.begins.length, second.begins.length]).toEqual([5, 4]);
  });

  it('a link that closes while it waits leaves no timer', async () => {
    const { peerLink } = aLink();
    const all = requests(3, peerLink);
    await finishAll(all);
    expect(clock.openTimers).toBe(1);
    sender.forget(peerLink);
    await settled();
    expect(clock.openTimers).toBe(0);
  });
});
