/** What the doctor looks at: facts, without a judgement. */
import type { PeerAddress } from '@shoal/protocol';

/** Everything that was looked at. */
export interface Facts {
  /** Path of the settings file; absent when there is none. */
  readonly settingsFile?: string;
  readonly home: FolderFact;
  readonly downloads: FolderFact;
  readonly shares: readonly FolderFact[];
  readonly port: PortFact;
  /** Absent when no tracker is set. */
  readonly tracker?: TrackerFact;
  /** Absent when there was nobody to ask. */
  readonly reachability?: ReachabilityFact;
}

/** A folder and what can be done with it; one that is not there yet is judged by the folder that it would be made in. */
export interface FolderFact {
  readonly path: string;
  readonly exists: boolean;
  /** Why it cannot be used as it has to be; absent when it can. */
  readonly trouble?: FolderTrouble;
  /** Free bytes of its disk, where they can be told. */
  readonly freeBytes?: number;
}

export type FolderTrouble = 'missing' | 'not-a-folder' | 'not-readable' | 'not-writable';

/** Where the agent listens, or would; a port is absent where any free one will do. */
export interface PortFact {
  readonly state: 'held-by-agent' | 'free' | 'taken' | 'refused';
  readonly port?: number;
  readonly host?: string;
  /** The port that is set, where the running agent holds another. */
  readonly wanted?: number;
  /** Why it was refused, in words. */
  readonly reason?: string;
}

/** What became of asking the tracker. */
export interface TrackerFact {
  readonly url: string;
  /** Why it did not answer as it should; absent when it did. */
  readonly trouble?: TrackerTrouble;
  /** The trouble as it was reported. */
  readonly reason?: string;
  /** How far our clock is ahead of the tracker's; absent when it told no time. */
  readonly clockAheadMs?: number;
}

export type TrackerTrouble = 'unknown-name' | 'refused' | 'silent' | 'certificate' | 'unwell';

/** Whether others get through to the agent, as the tracker found out. */
export interface ReachabilityFact {
  /** `no-session`: the tracker answers calls, but no session stands. */
  readonly state: 'reachable' | 'unreachable' | 'unknown' | 'no-session';
  readonly reachableAt?: PeerAddress;
  /** Where the tracker sees our connections come from. */
  readonly observedHost?: string;
  /** What was set to be told to others. */
  readonly advertised?: PeerAddress;
  readonly reason?: string;
}
