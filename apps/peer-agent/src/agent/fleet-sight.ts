import type { SwarmSnapshot } from '@shoal/engine';
import { LIMITS, toText, type ErrorReport, type SwarmReport } from '@shoal/protocol';
import { secondsFor, stateOf, type HeldShare } from './held-share.ts';

/** One share as it was seen last, and how it is told. */
export interface Sight {
  /** Of the share in the engine; undefined while it is not there. */
  eventCount: number | undefined;
  /** The problem that the agent itself has with it. */
  readonly ownProblem: ErrorReport | undefined;
  /** Bytes flow: then its rates change without an event. */
  readonly isMoving: boolean;
  readonly report: Omit<SwarmReport, 'pieces' | 'feeders'>;
  readonly feeders: NonNullable<SwarmReport['feeders']>;
  /** What the transfer came to: what is told though nobody looks. */
  readonly outcome: string;
  /** All of it but the time, to compare. */
  readonly key: string;
}

/** Looks at a share. @param swarm its state in the engine; undefined while it is not there */
export function sightOf(
  share: HeldShare,
  swarm: SwarmSnapshot | undefined,
  { eventCount, nowMs }: { readonly eventCount: number | undefined; readonly nowMs: number },
): Sight {
  const { infoHash, info } = share.metainfo;
  const problem = share.problem ?? swarm?.problem;
  const { verifiedBytes, receivedBytesPerSecond, sentBytesPerSecond, peers } = swarm ?? NOTHING_MOVES;
  const report: Sight['report'] = {
    infoHash,
    state: stateOf(share, swarm),
    left: info.length - verifiedBytes,
    receivedBytesPerSecond: Math.round(receivedBytesPerSecond),
    sentBytesPerSecond: Math.round(sentBytesPerSecond),
    ...tellTimeLeft(receivedBytesPerSecond, info.length - verifiedBytes),
    ...(problem === undefined ? {} : { problem: inFewWords(problem) }),
  };
  const feeders = feedersOf(peers);
  return {
    eventCount,
    ownProblem: share.problem,
    isMoving: receivedBytesPerSecond > 0 || sentBytesPerSecond > 0,
    report: { ...report, ...tellTime(share, nowMs) },
    feeders,
    outcome: JSON.stringify([report.state, problem?.code, problem?.message]),
    key: JSON.stringify([report, feeders]),
  };
}

/** Whether nothing is different but that time has passed. */
export function isSameSight(one: Sight, other: Sight): boolean {
  return one.key === other.key && one.ownProblem === other.ownProblem && one.isMoving === other.isMoving;
}

const NOTHING_MOVES = { verifiedBytes: 0, receivedBytesPerSecond: 0, sentBytesPerSecond: 0, peers: [] } as const;

function tellTimeLeft(bytesPerSecond: number, leftBytes: number): { readonly secondsLeft?: number } {
  const secondsLeft = secondsFor(leftBytes, bytesPerSecond);
  return secondsLeft === undefined ? {} : { secondsLeft: Math.round(secondsLeft) };
}

/** Seconds, to a tenth, that this process has downloaded it. */
function tellTime({ download }: HeldShare, nowMs: number): { readonly seconds?: number } {
  if (download === undefined) return {};
  return { seconds: Math.round(((download.endedMs ?? nowMs) - download.begunMs) / 100) / 10 };
}

function feedersOf(peers: SwarmSnapshot['peers']): Sight['feeders'] {
  const rates = peers.map((peer) => [peer.peerId, Math.round(peer.receivedBytesPerSecond)] as const);
  return rates.filter(([, bytesPerSecond]) => bytesPerSecond > 0).slice(0, LIMITS.links);
}

function inFewWords({ code, message, hint }: ErrorReport): ErrorReport {
  return { code, message: cut(message), hint: cut(hint) };
}

function cut(text: string): string {
  return toText(text.slice(0, LIMITS.lastWordsLength));
}
