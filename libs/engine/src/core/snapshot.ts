import type { ErrorReport, InfoHash, PeerAddress, PeerId } from '@shoal/protocol';
import type { PiecesNobodyHas } from './nobody-has.ts';

/** What one remote peer did in one swarm. */
export interface SwarmPeerSnapshot {
  readonly peerId: PeerId;
  readonly isSeeder: boolean;
  readonly receivedBytes: number;
  readonly sentBytes: number;
  readonly receivedBytesPerSecond: number;
}

/** One share at a moment: what `status` and progress bars show. Bytes are payload. */
export interface SwarmSnapshot {
  readonly infoHash: InfoHash;
  readonly pieceCount: number;
  readonly verifiedPieces: number;
  readonly verifiedBytes: number;
  /** All pieces are there; `isFinished` follows when the files are checked and have their final names. */
  readonly isComplete: boolean;
  readonly isFinished: boolean;
  readonly receivedBytes: number;
  readonly sentBytes: number;
  readonly receivedBytesPerSecond: number;
  readonly sentBytesPerSecond: number;
  readonly peers: readonly SwarmPeerSnapshot[];
  /** What nobody linked has, while nothing comes and somebody is linked. */
  readonly nobodyHas?: PiecesNobodyHas;
  /** Why the share cannot go on. */
  readonly problem?: ErrorReport;
}

/** One link at a moment. */
export interface LinkSnapshot {
  readonly peerId: PeerId;
  readonly host: string;
  /** Where the peer accepts links; 0 when it does not. */
  readonly port: number;
  readonly agent: string;
  readonly swarms: readonly InfoHash[];
  readonly receivedBytes: number;
  readonly sentBytes: number;
}

/** A peer that we know of and have no link to. */
export interface KnownPeerSnapshot {
  readonly host: string;
  readonly port: number;
}

/** A tracker at a moment. */
export interface TrackerSnapshot {
  readonly url: string;
  readonly problem?: ErrorReport;
  /** Where it sees our connections come from. */
  readonly observedHost?: string;
  /** Whether it reached us; unknown before it has tried, and while the session is lost. */
  readonly reachability: 'unknown' | 'reachable' | 'unreachable';
  readonly reachableAt?: PeerAddress;
}

/** The whole engine at a moment. */
export interface EngineSnapshot {
  readonly swarms: readonly SwarmSnapshot[];
  readonly links: readonly LinkSnapshot[];
  readonly knownPeers: readonly KnownPeerSnapshot[];
  readonly trackers: readonly TrackerSnapshot[];
}
