import { Bitfield, ShoalError, type PeerId } from '@shoal/protocol';
import { beforeEach, describe, expect, it } from 'vitest';
import { MemoryPieceStore, zeroBlock, zeroShare } from '@shoal/engine/testing';
import { RateLimiter } from '../../src/core/rate-limiter.ts';
import { ReceiveBudget } from '../../src/core/receive-budget.ts';
import { Swarm } from '../../src/core/swarm.ts';
import { UploadWindow } from '../../src/core/upload-window.ts';
import { BlockSender } from '../../src/shell/block-sender.ts';
import type { Hasher } from '../../src/shell/ports.ts';
import { SwarmRunner } from '../../src/shell/swarm-runner.ts';
import { FakeClock, settled } from '../../src/testing/fake-clock.ts';
import { aPeerId, aPeerLink, type FakeLink } from './fake-link.ts';

const PIECE_BYTES = 262_144;
const SHARE = zeroShare(2 * PIECE_BYTES, PIECE_BYTES);
const PEER = aPeerId(9);

const rightDigest = SHARE.digestOf(0);
/** Says of every piece that it is right. */
const trusting: Hasher = { digest: (parts) => Promise.resolve({ digest: rightDigest, parts }) };

let clock: FakeClock;
let store: MemoryPieceStore;
let link: FakeLink;
let misdeeds: [PeerId, string][];
let withdrawn: string[];
let handled: number;
beforeEach(() => {
  clock = new FakeClock();
  store = new MemoryPieceStore();
  misdeeds = [];
  withdrawn = [];
  handled = 0;
});

/** A runner in a swarm with one linked peer, which has entered it too. */
function aRunner({ have = new Bitfield(2), hasher = trusting, isLinked = true } = {}): SwarmRunner {
  const { infoHash, layout } = SHARE;
  const swarm = new Swarm({
    infoHash,
    layout,
    have,
    window: new UploadWindow(),
    budget: new ReceiveBudget(),
    chance: () => 0,
  });
  const pair = aPeerLink(clock);
  link = pair.link;
  link.sayHello(PEER);
  pair.peerLink.join(infoHash);
  const runner = new SwarmRunner(
    swarm,
    { metainfo: SHARE, store, trackers: [] },
    {
      clock,
      hasher,
      sender: new BlockSender(clock, new RateLimiter(undefined)),
      linkOf: () => (isLinked ? pair.peerLink : undefined),
      onEventHandled: () => handled++,
      onPeersLearned: () => undefined,
      onMisdeed: (peerId, { code }) => misdeeds.push([peerId, code]),
      onWithdrawn: (_runner, { code }) => withdrawn.push(code),
    },
  );
  runner.start();
  runner.dispatch({ kind: 'peer-joined', peerId: PEER });
  return runner;
}

/** The peer has everything and sends a piece that it offered. */
async function receive(runner: SwarmRunner, ...pieces: number[]): Promise<void> {
  for (const piece of pieces) {
    runner.dispatch({ kind: 'message-received', peerId: PEER, message: { kind: 'offer', pieces: [piece] } });
    runner.dispatch({ kind: 'block-received', peerId: PEER, piece, begin: 0, bytes: zeroBlock(PIECE_BYTES) });
  }
  await settled();
}

const hearBitfield = (runner: SwarmRunner, pieces: 'all' | 'none'): void => {
  const bits = pieces === 'all' ? Bitfield.full(2) : new Bitfield(2);
  const message = { kind: 'bitfield', bits: bits.toBase64() } as const;
  runner.dispatch({ kind: 'message-received', peerId: PEER, message });
};

/** Notes how the transfer ended. */
function outcomeOf(runner: SwarmRunner): { is: string } {
  const outcome = { is: 'open' };
  runner.finished.then(
    () => (outcome.is = 'finished'),
    (error: unknown) => (outcome.is = (error as ShoalError).code),
  );
  return outcome;
}

describe('a download', () => {
  it('is hashed, written and finished', async () => {
    const runner = aRunner();
    const outcome = outcomeOf(runner);
    hearBitfield(runner, 'all');
    await receive(runner, 0);
    expect([store.pieces, outcome.is]).toEqual([[0], 'open']);
    await receive(runner, 1);
    expect([store.pieces, outcome.is]).toEqual([[0, 1], 'finished']);
    expect(runner.swarm.snapshot(0).isFinished).toBe(true);
    expect(link.sent.map(({ kind }) => kind)).toEqual(
      expect.arrayContaining(['bitfield', 'interested', 'request', 'have', 'notInterested']),
    );
  });

  it('writes nothing that fails its hash, and says who sent it', async () => {
    const runner = aRunner({ hasher: { digest: (parts) => Promise.resolve({ digest: new Uint8Array(32), parts }) } });
    hearBitfield(runner, 'all');
    await receive(runner, 0);
    expect(store.pieces).toEqual([]);
    expect(misdeeds).toEqual([[PEER, 'bad-piece']]);
  });

  it('goes on when the disk refused a piece', async () => {
    const runner = aRunner();
    hearBitfield(runner, 'all');
    store.onWrite = () => {
      throw new TypeError('what a disk may say');
    };
    await receive(runner, 0);
    expect(runner.swarm.snapshot(0).problem).toMatchObject({ code: 'storage-failed' });
    expect(withdrawn).toEqual([]);
  });

  it('ends with what its store says when the files cannot be finished', async () => {
    const runner = aRunner();
    const outcome = outcomeOf(runner);
    hearBitfield(runner, 'all');
    store.finish = () => Promise.reject(new ShoalError('target-exists', 'naming the file'));
    await receive(runner, 0, 1);
    expect([outcome.is, withdrawn]).toEqual(['target-exists', ['target-exists']]);
  });

  it('ends when the hasher stops under it', async () => {
    const runner = aRunner({ hasher: { digest: () => Promise.reject(new ShoalError('shutting-down', 'hashing')) } });
    const outcome = outcomeOf(runner);
    hearBitfield(runner, 'all');
    await receive(runner, 0);
    expect([outcome.is, withdrawn]).toEqual(['shutting-down', ['shutting-down']]);
  });
});

describe('a seeder', () => {
  it('is finished from the start', async () => {
    const outcome = outcomeOf(aRunner({ have: Bitfield.full(2) }));
    await settled();
    expect(outcome.is).toBe('finished');
  });

  it('sends the blocks that are requested of it', async () => {
    store = new MemoryPieceStore(({ length }) => zeroBlock(length));
    const runner = aRunner({ have: Bitfield.full(2) });
    hearBitfield(runner, 'none');
    runner.dispatch({ kind: 'message-received', peerId: PEER, message: { kind: 'interested' } });
    const message = { kind: 'request', blocks: [[1, 0, PIECE_BYTES]] } as const;
    runner.dispatch({ kind: 'message-received', peerId: PEER, message });
    await settled();
    expect(link.sentBlocks).toMatchObject([{ piece: 1, begin: 0, bytes: { length: PIECE_BYTES } }]);
    expect(runner.swarm.snapshot(0).sentBytes).toBe(PIECE_BYTES);
  });

  it('forgets the blocks of a request that is taken back', async () => {
    let finishReading = (): void => undefined;
    store.readBlock = () =>
      new Promise((resolve) => {
        finishReading = () => {
          resolve(zeroBlock(PIECE_BYTES));
        };
      });
    const runner = aRunner({ have: Bitfield.full(2) });
    hearBitfield(runner, 'none');
    runner.dispatch({ kind: 'message-received', peerId: PEER, message: { kind: 'interested' } });
    const blocks = [[1, 0, PIECE_BYTES]] as const;
    runner.dispatch({ kind: 'message-received', peerId: PEER, message: { kind: 'request', blocks } });
    runner.dispatch({ kind: 'message-received', peerId: PEER, message: { kind: 'cancel', blocks } });
    finishReading();
    await settled();
    expect(link.sentBlocks).toEqual([]);
  });

  it('withdraws when it cannot read what it has', async () => {
    const runner = aRunner({ have: Bitfield.full(2) });
    hearBitfield(runner, 'none');
    runner.dispatch({ kind: 'message-received', peerId: PEER, message: { kind: 'interested' } });
    const message = { kind: 'request', blocks: [[1, 0, PIECE_BYTES]] } as const;
    runner.dispatch({ kind: 'message-received', peerId: PEER, message });
    await settled();
    expect(withdrawn).toEqual(['storage-failed']);
    expect(link.sentBlocks).toEqual([]);
  });

  it('hands out the metainfo', () => {
    const runner = aRunner({ have: Bitfield.full(2) });
    runner.dispatch({ kind: 'message-received', peerId: PEER, message: { kind: 'metainfo?' } });
    expect(link.sent.at(-1)).toMatchObject({ kind: 'metainfo' });
  });
});

describe('a runner that is stopped', () => {
  it('fails what waits for it, and closes its store, once', async () => {
    let closes = 0;
    store.close = () => {
      closes++;
      return Promise.resolve();
    };
    const runner = aRunner();
    const outcome = outcomeOf(runner);
    await runner.stop();
    await runner.stop();
    expect([outcome.is, closes, runner.isStopped]).toEqual(['shutting-down', 1, true]);
  });

  it('handles nothing any more, not even what was being hashed', async () => {
    const runner = aRunner();
    hearBitfield(runner, 'all');
    runner.dispatch({ kind: 'message-received', peerId: PEER, message: { kind: 'offer', pieces: [0] } });
    const bytes = zeroBlock(PIECE_BYTES);
    runner.dispatch({ kind: 'block-received', peerId: PEER, piece: 0, begin: 0, bytes });
    const before = handled;
    await runner.stop();
    await settled();
    runner.dispatch({ kind: 'tick' });
    expect([handled, store.pieces]).toEqual([before, []]);
  });
});

it('does nothing for a peer whose link is gone', () => {
  const runner = aRunner({ isLinked: false });
  expect(() => {
    hearBitfield(runner, 'all');
    runner.dispatch({ kind: 'message-received', peerId: PEER, message: { kind: 'offer', pieces: [0] } });
  }).not.toThrow();
  expect(link.sent.map(({ kind }) => kind)).toEqual(['hello', 'join']);
});
