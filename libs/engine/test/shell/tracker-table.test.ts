import { beforeEach, describe, expect, it } from 'vitest';
import type { ErrorReport, HandedPeer, InfoHash, PeerId } from '@shoal/protocol';
import type { EnginePorts, TrackerHandlers } from '../../src/shell/ports.ts';
import type { SwarmRunner } from '../../src/shell/swarm-runner.ts';
import { TrackerTable } from '../../src/shell/tracker-table.ts';
import { FakeClock } from '../../src/testing/fake-clock.ts';
import { aPeerId, X, Y } from './fake-link.ts';

const [ONE, TWO] = ['http://one:8000', 'http://two:8000'];

let clock: FakeClock;
let table: TrackerTable;
/** What the trackers were told, and what they can say. */
let told: string[];
let handlers: Map<string, TrackerHandlers>;
let news: unknown[][];

beforeEach(() => {
  clock = new FakeClock();
  told = [];
  news = [];
  handlers = new Map();
  const openTracker: EnginePorts['openTracker'] = (url, { port }, itsHandlers) => {
    const note = (what: string): void => {
      told.push(`${new URL(url).hostname} ${what}`);
    };
    note(`open as ${String(port)}`);
    handlers.set(url, itsHandlers);
    return {
      announce: (infoHash, left) => {
        note(`announce ${infoHash.slice(0, 1)} ${String(left)}`);
      },
      leave: (infoHash) => {
        note(`leave ${infoHash.slice(0, 1)}`);
      },
      follow: (onListed) => {
        note('follow');
        onListed();
      },
      stop: () => {
        note('stop');
        return Promise.resolve();
      },
    };
  };
  table = new TrackerTable({ clock, openTracker } as unknown as EnginePorts, {
    onPeers: (infoHash: InfoHash, peers: readonly HandedPeer[]) => news.push(['peers', infoHash, peers]),
    onGone: (infoHash: InfoHash, peerIds: readonly PeerId[]) => news.push(['gone', infoHash, peerIds]),
    onDial: (infoHash: InfoHash, peer: HandedPeer) => news.push(['dial', infoHash, peer]),
  });
  table.open({ peerId: aPeerId(1), port: 7_001, agent: 'test' });
});

/** A share as the table sees it. */
function aShare(infoHash: InfoHash, trackers: readonly string[], left = 10, isStopped = false) {
  const swarm = { isComplete: left === 0, leftBytes: left };
  return { infoHash, trackers, swarm, isStopped } as unknown as SwarmRunner;
}

/** What was told since the last look. */
const toldNow = (): string[] => told.splice(0);

it('a catalogue is followed by the one session with its tracker', () => {
  let listed = 0;
  table.follow(ONE, () => listed++);
  table.announce(aShare(X, [ONE]));
  expect(toldNow()).toEqual(['one open as 7001', 'one follow', 'one announce a 10']);
  expect(listed).toBe(1);
});

describe('a session', () => {
  it('is opened when a share first names its tracker, and used for all that do', () => {
    expect(told).toEqual([]);
    table.announce(aShare(X, [ONE]));
    table.announce(aShare(Y, [ONE, TWO]));
    expect(toldNow()).toEqual([
      'one open as 7001',
      'one announce a 10',
      'one announce b 10',
      'two open as 7001',
      'two announce b 10',
    ]);
  });

  it('is closed at the end', async () => {
    table.announce(aShare(X, [ONE, TWO]));
    toldNow();
    await table.stop();
    expect(toldNow()).toEqual(['one stop', 'two stop']);
    expect(table.snapshot()).toEqual([]);
  });

  it('shows what is wrong with it, as long as it is', () => {
    table.announce(aShare(X, [ONE, TWO]));
    const problem: ErrorReport = { code: 'tracker-unreachable', message: 'refused', hint: 'start it' };
    handlers.get(ONE)?.onState(problem);
    expect(table.snapshot()).toEqual([
      { url: ONE, problem, reachability: 'unknown' },
      { url: TWO, reachability: 'unknown' },
    ]);
    handlers.get(ONE)?.onState(undefined);
    expect(table.snapshot()[0]).toEqual({ url: ONE, reachability: 'unknown' });
  });

  it('shows where the tracker sees us and whether it reaches us, as long as its session stands', () => {
    table.announce(aShare(X, [ONE]));
    const tracker = handlers.get(ONE);
    tracker?.onWelcome('192.0.2.9');
    expect(table.snapshot()).toEqual([{ url: ONE, observedHost: '192.0.2.9', reachability: 'unknown' }]);
    const reachableAt = { host: '192.0.2.9', port: 7_001 };
    tracker?.onReachability(reachableAt);
    const seen = { url: ONE, observedHost: '192.0.2.9' };
    expect(table.snapshot()).toEqual([{ ...seen, reachability: 'reachable', reachableAt }]);
    tracker?.onReachability(undefined);
    expect(table.snapshot()).toEqual([{ ...seen, reachability: 'unreachable' }]);
    const problem: ErrorReport = { code: 'tracker-unreachable', message: 'refused', hint: 'start it' };
    tracker?.onState(problem);
    expect(table.snapshot()).toEqual([{ url: ONE, problem, reachability: 'unknown' }]);
  });

  it('passes on who came, who went, and whom to dial', () => {
    table.announce(aShare(X, [ONE]));
    const peer = { peerId: aPeerId(2), host: '10.0.0.2', port: 7_000 };
    handlers.get(ONE)?.onPeers(X, [peer], [aPeerId(3)]);
    handlers.get(ONE)?.onDial(X, peer);
    expect(news).toEqual([
      ['peers', X, [peer]],
      ['gone', X, [aPeerId(3)]],
      ['dial', X, peer],
    ]);
  });
});

describe('a share', () => {
  it('that becomes complete is announced as such at once, and once', () => {
    const leeching = aShare(X, [ONE]);
    table.announce(leeching);
    toldNow();
    table.announceIfComplete(leeching);
    expect(toldNow()).toEqual([]);
    const complete = aShare(X, [ONE], 0);
    table.announceIfComplete(complete);
    table.announceIfComplete(complete);
    expect(toldNow()).toEqual(['one announce a 0']);
  });

  it('that was complete from the start is not announced twice', () => {
    const complete = aShare(X, [ONE], 0);
    table.announce(complete);
    toldNow();
    table.announceIfComplete(complete);
    expect(toldNow()).toEqual([]);
  });

  it('that is left is left at its trackers, and may come back', () => {
    const complete = aShare(X, [ONE], 0);
    table.announce(complete);
    toldNow();
    table.leave(complete);
    table.announceIfComplete(complete);
    expect(toldNow()).toEqual(['one leave a', 'one announce a 0']);
  });

  it('that lacks pieces tells every five seconds how far it is', async () => {
    const shares = [aShare(X, [ONE], 7), aShare(Y, [ONE], 0)];
    for (const share of shares) table.announce(share);
    toldNow();
    for (let tick = 0; tick < 40; tick++) {
      await clock.pass(250);
      table.tick(shares);
    }
    expect(toldNow()).toEqual(['one announce a 7', 'one announce a 7']);
  });

  it('that failed tells nothing any more', async () => {
    const failed = aShare(X, [ONE], 7, true);
    await clock.pass(5_000);
    table.tick([failed]);
    expect(toldNow()).toEqual([]);
  });
});
