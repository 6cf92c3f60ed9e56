import type {
  AddDownload,
  AddShare,
  AgentStatus,
  Connect,
  InfoHash,
  Metainfo,
  PeerHit,
  PeerReport,
  Transfer,
} from '@shoal/protocol';

/**
 * What can be asked of an agent, whether it lives in this process or behind its control API: a command works on an
 * `AgentApi` and never knows which. Every call ends early when its signal is aborted; every failure is a ShoalError.
 */
export interface AgentApi {
  status(signal?: AbortSignal): Promise<AgentStatus>;
  /**
   * Seeds complete data. The data is not hashed again: whoever calls has hashed it just now. The agent registers the
   * share with its tracker; when that fails the transfer carries the problem, and the agent keeps trying.
   */
  addShare(share: AddShare, signal?: AbortSignal): Promise<Transfer>;
  /** Starts or resumes a download; it goes on after the call returned. */
  addDownload(download: AddDownload, signal?: AbortSignal): Promise<Transfer>;
  transfers(signal?: AbortSignal): Promise<readonly Transfer[]>;
  /** The metainfo of a share, from this agent or a linked peer. Throws `unknown-share`. */
  metainfo(infoHash: InfoHash, signal?: AbortSignal): Promise<Metainfo>;
  /** Leaves the swarm and forgets the share; what is on disk stays. Throws `unknown-share`. */
  remove(infoHash: InfoHash, signal?: AbortSignal): Promise<void>;
  /** Linked peers first, then those that are only known. */
  peers(signal?: AbortSignal): Promise<readonly PeerReport[]>;
  /** Dials an address. Throws `peer-unreachable`, `self-link`. */
  connect(address: Connect, signal?: AbortSignal): Promise<PeerReport>;
  /** Asks every linked peer for file names that contain the query. */
  searchPeers(query: string, signal?: AbortSignal): Promise<readonly PeerHit[]>;
  /** Ends the agent; what it has is kept. */
  shutdown(): Promise<void>;
}
