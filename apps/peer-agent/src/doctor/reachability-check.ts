/** Asks a tracker whether it gets through to an agent. */
import { setTimeout as sleep } from 'node:timers/promises';
import { openTrackerSession, type AgentApi } from '@shoal/client';
import type { PeerAddress, PeerId } from '@shoal/protocol';
import { localHosts } from '../agent/local-hosts.ts';
import { AGENT } from '../version.ts';
import type { ReachabilityFact } from './facts.ts';

/** Attempts of the tracker to get through take seconds. */
const PATIENCE_MS = 10_000;
const LOOK_MS = 200;

/** Whom to ask about, and whom to ask. */
export interface ReachabilityQuestion {
  readonly tracker: string;
  /** The agent, in this process or as the daemon: it has to listen. */
  readonly agent: AgentApi;
  readonly advertised?: PeerAddress;
  readonly signal: AbortSignal;
  readonly patienceMs?: number;
}

/** Finds out whether others get through to an agent. An agent that has a session with the tracker knows it already. */
export async function checkReachability(question: ReachabilityQuestion): Promise<ReachabilityFact> {
  const { tracker, agent, advertised, patienceMs = PATIENCE_MS } = question;
  const signal = AbortSignal.any([question.signal, AbortSignal.timeout(patienceMs)]);
  const fact = (await askAgent(tracker, agent, signal)) ?? (await askTracker(question, signal));
  question.signal.throwIfAborted();
  return { ...fact, ...(advertised === undefined ? {} : { advertised }) };
}

/** What the agent's own session was told; undefined when it has none with this tracker. */
async function askAgent(tracker: string, agent: AgentApi, signal: AbortSignal): Promise<ReachabilityFact | undefined> {
  for (;;) {
    const { trackers } = await agent.status();
    const own = trackers.find(({ url }) => url === tracker);
    if (own === undefined) return undefined;
    const { problem, reachability, observedHost, reachableAt } = own;
    const seen = {
      ...(observedHost === undefined ? {} : { observedHost }),
      ...(reachableAt === undefined ? {} : { reachableAt }),
    };
    if (reachability !== 'unknown') return { state: reachability, ...seen };
    if (signal.aborted)
      return problem === undefined ? { state: 'unknown', ...seen } : { state: 'no-session', reason: problem.message };
    await sleep(LOOK_MS, undefined, { signal }).catch(() => undefined);
  }
}

/** Opens a session in the agent's name, upon which the tracker tries to get through to it. */
async function askTracker(
  { tracker, agent, advertised }: ReachabilityQuestion,
  signal: AbortSignal,
): Promise<ReachabilityFact> {
  const { peerId, port } = await agent.status();
  return new Promise((resolve) => {
    let known: ReachabilityFact = { state: 'unknown' };
    const ignore = (): void => undefined;
    const finish = (): void => {
      signal.removeEventListener('abort', finish);
      void session.stop().then(() => {
        resolve(known);
      });
    };
    const session = openTrackerSession(
      tracker,
      identityOf(peerId, port),
      {
        onPeers: ignore,
        onDial: ignore,
        onWelcome: (observedHost) => {
          known = { state: 'unknown', observedHost };
        },
        onReachability: (at) => {
          known = {
            ...known,
            ...(at === undefined ? { state: 'unreachable' } : { state: 'reachable', reachableAt: at }),
          };
          finish();
        },
        onState: (problem) => {
          if (problem === undefined) return;
          known = { state: 'no-session', reason: problem.message };
          finish();
        },
      },
      { localHosts, ...(advertised === undefined ? {} : { advertised }) },
    );
    signal.addEventListener('abort', finish);
    if (signal.aborted) finish();
  });
}

function identityOf(peerId: PeerId, port: number): { peerId: PeerId; port: number; agent: string } {
  return { peerId, port, agent: AGENT };
}
