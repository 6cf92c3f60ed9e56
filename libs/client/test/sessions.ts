/** Sessions with a tracker that the test plays; all of it is closed after each test. */
import {
  asInfoHash,
  peerIdOf,
  type ErrorReport,
  type InfoHash,
  type PeerAddress,
  type SwarmReport,
} from '@shoal/protocol';
import { afterEach, expect, vi } from 'vitest';
import type { ServerOptions } from 'ws';
import {
  openTrackerSession,
  type TrackerSession,
  type TrackerSessionOptions,
  type Watch,
} from '../src/tracker-session.ts';
import { FakeTracker } from './fake-tracker.ts';

export const identity = { peerId: peerIdOf(new Uint8Array([1])), port: 4_000, agent: 'test' };
export const QUICK: TrackerSessionOptions = { retry: { baseMs: 1, capMs: 1 }, progressMs: 20 };
export const A: InfoHash = asInfoHash('a'.repeat(64))!;
export const B: InfoHash = asInfoHash('b'.repeat(64))!;

export const cleanUps: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});

export async function fakeTracker(options?: ServerOptions): Promise<FakeTracker> {
  const tracker = await FakeTracker.start(options);
  cleanUps.push(() => tracker.stop());
  return tracker;
}

interface TestSession extends TrackerSession {
  /** What `onState` said: codes, and `well` for no problem. */
  readonly states: string[];
  readonly problems: ErrorReport[];
  /** What the other handlers were called with. */
  readonly told: unknown[];
  /** What `onWelcome` was called with. */
  readonly observed: string[];
  /** What `onPageOrigins` was called with. */
  readonly pages: (readonly string[])[];
}

export function openSession(url: string, options = QUICK): TestSession {
  const states: string[] = [];
  const problems: ErrorReport[] = [];
  const told: unknown[] = [];
  const observed: string[] = [];
  const pages: (readonly string[])[] = [];
  const handlers = {
    onPeers: (...args: unknown[]) => told.push(['peers', ...args]),
    onDial: (...args: unknown[]) => told.push(['dial', ...args]),
    onWelcome: (observedHost: string) => observed.push(observedHost),
    onPageOrigins: (origins: readonly string[]) => pages.push(origins),
    onReachability: (at: PeerAddress | undefined) => told.push(['reachability', at]),
    onWatch: (watch: Watch | undefined) => told.push(['watch', watch]),
    onState: (problem: ErrorReport | undefined) => {
      states.push(problem?.code ?? 'well');
      if (problem !== undefined) problems.push(problem);
    },
  };
  const session = openTrackerSession(url, identity, handlers, options);
  cleanUps.push(() => session.stop());
  return {
    announce: (infoHash, left) => {
      session.announce(infoHash, left);
    },
    leave: (infoHash) => {
      session.leave(infoHash);
    },
    follow: (onListed) => {
      session.follow(onListed);
    },
    report: (swarms) => {
      session.report(swarms);
    },
    stop: () => session.stop(),
    states,
    problems,
    told,
    observed,
    pages,
  };
}

export async function until(claim: () => void): Promise<void> {
  await vi.waitFor(claim, { timeout: 5_000, interval: 2 });
}

export async function standing(session: TestSession): Promise<void> {
  await until(() => {
    expect(session.states).toEqual(['well']);
  });
}

export const hello = { kind: 'hello', version: 1, ...identity };
export const announce = (...swarms: [InfoHash, number][]) => ({
  kind: 'announce',
  swarms: swarms.map(([infoHash, left]) => ({ infoHash, left })),
});

export const report = (infoHash: InfoHash): SwarmReport => {
  return { infoHash, state: 'seeding', left: 0, receivedBytesPerSecond: 0, sentBytesPerSecond: 5 };
};
