import type { AgentStatus, Connect, InfoHash, Metainfo, PeerHit, PeerReport, Transfer } from '@shoal/protocol';

/** Complete data, and the share that it is. */
export interface DataToSeed {
  readonly metainfo: Metainfo;
  /** Of the file or folder. */
  readonly path: string;
}

/** A share to download. */
export interface ShareToGet {
  readonly metainfo: Metainfo;
  /** To put its file or folder in. */
  readonly folder: string;
  /** To ask besides its own. */
  readonly tracker?: string;
}

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
  addShare(data: DataToSeed, signal?: AbortSignal): Promise<Transfer>;
  /** Starts or resumes a download; it goes on after the call returned. */
  addDownload(share: ShareToGet, signal?: AbortSignal): Promise<Transfer>;
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
