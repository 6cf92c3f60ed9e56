import type { Metainfo, ErrorReport, Transfer } from '@shoal/protocol';
import type { SwarmSnapshot } from '@shoal/engine';

/** One share of this agent, as the agent itself keeps it; what moves is in the engine's snapshot. */
export interface HeldShare {
  readonly metainfo: Metainfo;
  /** Where the file or folder stands, or will stand. */
  readonly path: string;
  /** Trackers that are asked, the metainfo's own first. */
  readonly trackers: readonly string[];
  /** Why it cannot go on, when the engine does not know. */
  problem?: ErrorReport;
}

/** Files that are named in a report. */
const NAMED_FILES = 10;

/**
 * What is reported of a share.
 * @param swarm its state in the engine; undefined while it is not there
 * @param registration why its tracker has not registered it yet
 */
export function reportTransfer(
  held: HeldShare,
  swarm: SwarmSnapshot | undefined,
  registration: ErrorReport | undefined,
): Transfer {
  const { info, infoHash } = held.metainfo;
  const problem = held.problem ?? swarm?.problem ?? registration;
  const missing = info.length - (swarm?.verifiedBytes ?? 0);
  const rate = swarm?.receivedBytesPerSecond ?? 0;
  return {
    infoHash,
    name: info.name,
    length: info.length,
    fileCount: info.files.length,
    files: info.files.slice(0, NAMED_FILES).map((file) => file.path.join('/')),
    path: held.path,
    tracker: held.trackers[0] ?? '',
    state: stateOf(held, swarm),
    verifiedBytes: swarm?.verifiedBytes ?? 0,
    receivedBytes: swarm?.receivedBytes ?? 0,
    sentBytes: swarm?.sentBytes ?? 0,
    receivedBytesPerSecond: rate,
    sentBytesPerSecond: swarm?.sentBytesPerSecond ?? 0,
    connectedPeers: swarm?.peers.length ?? 0,
    sendingPeers: countSenders(swarm),
    ...(rate > 0 && missing > 0 ? { secondsLeft: missing / rate } : {}),
    ...(problem === undefined ? {} : { problem }),
  };
}

function stateOf(held: HeldShare, swarm: SwarmSnapshot | undefined): Transfer['state'] {
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

function countSenders(swarm: SwarmSnapshot | undefined): number {
  return swarm?.peers.filter((peer) => peer.receivedBytesPerSecond > 0).length ?? 0;
}
