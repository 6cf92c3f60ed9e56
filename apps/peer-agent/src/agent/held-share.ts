import type { Metainfo, ErrorReport, Transfer, TransferState } from '@shoal/protocol';
import type { SwarmSnapshot } from '@shoal/engine';
import type { ShareLook } from '@shoal/engine/node';
import type { Origin } from './share-records.ts';

/** One share of this agent, as the agent itself keeps it; what moves is in the engine's snapshot. */
export interface HeldShare {
  readonly metainfo: Metainfo;
  /** Where the file or folder stands, or will stand. */
  path: string;
  /** Trackers that are asked, the metainfo's own first. */
  readonly trackers: readonly string[];
  readonly origin: Origin;
  /** How complete data looked when it was verified. */
  fingerprint?: string;
  /** When this process began to download it, and when that ended, on the agent's clock; absent for what was offered here. */
  download?: { readonly begunMs: number; readonly endedMs?: number };
  /** Why it cannot go on, when the engine does not know. */
  problem?: ErrorReport;
}

/** Files that are named in a report. */
const NAMED_FILES = 10;

/**
 * What is reported of a share.
 * @param swarm its state in the engine; undefined while it is not there
 * @param trackerProblem why its trackers do not know it, or cannot be reached
 */
export function reportTransfer(
  held: HeldShare,
  swarm: SwarmSnapshot | undefined,
  trackerProblem: ErrorReport | undefined,
): Transfer {
  const { info, infoHash } = held.metainfo;
  const problem = held.problem ?? swarm?.problem ?? trackerProblem;
  const state = stateOf(held, swarm);
  const nobodyHas = state === 'waiting' ? swarm?.nobodyHas : undefined;
  return {
    infoHash,
    name: info.name,
    length: info.length,
    fileCount: info.files.length,
    files: info.files.slice(0, NAMED_FILES).map((file) => file.path.join('/')),
    path: held.path,
    tracker: held.trackers[0] ?? '',
    state,
    ...(swarm === undefined ? NOTHING_MOVES : reportMovement(swarm, info.length)),
    ...(nobodyHas === undefined ? {} : { nobodyHas }),
    ...(problem === undefined ? {} : { problem }),
  };
}

/** Whether complete data looks as it did when it was verified, with nothing added to it. */
export function isUnchanged({ metainfo, fingerprint }: HeldShare, look: ShareLook): boolean {
  return look.hasFilesOf(metainfo) && look.fingerprint === fingerprint;
}

/** Why none of a share's trackers can be reached; undefined when one can. */
export function commonProblem(
  trackers: readonly string[],
  problemOf: ReadonlyMap<string, ErrorReport | undefined>,
): ErrorReport | undefined {
  const problems = trackers.map((url) => problemOf.get(url));
  return problems.includes(undefined) ? undefined : problems[0];
}

const NOTHING_MOVES = {
  verifiedBytes: 0,
  receivedBytes: 0,
  sentBytes: 0,
  receivedBytesPerSecond: 0,
  sentBytesPerSecond: 0,
  connectedPeers: 0,
  sendingPeers: 0,
} as const;

function reportMovement(swarm: SwarmSnapshot, length: number): Movement {
  const { verifiedBytes, receivedBytes, sentBytes, receivedBytesPerSecond, sentBytesPerSecond, peers } = swarm;
  const secondsLeft = secondsFor(length - verifiedBytes, receivedBytesPerSecond);
  return {
    verifiedBytes,
    receivedBytes,
    sentBytes,
    receivedBytesPerSecond,
    sentBytesPerSecond,
    connectedPeers: peers.length,
    sendingPeers: peers.filter((peer) => peer.receivedBytesPerSecond > 0).length,
    ...(secondsLeft === undefined ? {} : { secondsLeft }),
  };
}

/** How long bytes take at a rate; undefined while none are missing, or none come. */
export function secondsFor(missingBytes: number, bytesPerSecond: number): number | undefined {
  return bytesPerSecond > 0 && missingBytes > 0 ? missingBytes / bytesPerSecond : undefined;
}

type Movement = Pick<Transfer, keyof typeof NOTHING_MOVES | 'secondsLeft'>;

/** What a share is doing. */
export function stateOf(held: HeldShare, swarm: SwarmSnapshot | undefined): TransferState {
  if (held.problem !== undefined || swarm?.problem !== undefined) return 'failed';
  if (swarm === undefined) return 'checking';
  if (swarm.isFinished) return 'seeding';
  if (swarm.isComplete) return 'checking';
  return canProceed(swarm) ? 'downloading' : 'waiting';
}

/** Somebody who is linked sends, or has all there is. */
function canProceed(swarm: SwarmSnapshot): boolean {
  return swarm.receivedBytesPerSecond > 0 || swarm.peers.some((peer) => peer.isSeeder);
}
