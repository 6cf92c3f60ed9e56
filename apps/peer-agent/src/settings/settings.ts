/** What an agent can be told by flags, environment and settings file; docs/commands.md lists every setting. */
import type { PeerAddress } from '@shoal/protocol';

/** What a peer is set up with, whether it lives as long as a command or is the daemon. */
export interface PeerSettings {
  /** Address to listen on for peers; absent for all. */
  readonly host?: string;
  /** Port to listen on for peers; absent for any free one. */
  readonly port?: number;
  /** Where others reach us, when that is not where our connections come from. */
  readonly advertise?: PeerAddress;
  /** Bytes per second over all links; absent for none. */
  readonly uploadLimit?: number;
  readonly downloadLimit?: number;
  /** What the machine calls itself; absent for its host name. */
  readonly name?: string;
  /** Web pages that may open links, besides those of trackers; absent for none. */
  readonly pageOrigins?: readonly string[];
}

/** Everything that a daemon is started with: the effective values. */
export interface AgentSettings {
  /** Absolute path of the folder that keeps the agent's key, shares and history. */
  readonly home: string;
  /** The tracker of what is shared and mirrored; without one nothing of either happens. */
  readonly tracker?: string;
  readonly peer: PeerSettings;
  /** Absolute paths of watched folders: each entry in one is a share. */
  readonly share: readonly string[];
  /** Patterns of names, as in `*` or `builds-*`: what the tracker lists under such a name is downloaded and kept. */
  readonly mirror: readonly string[];
  /** Absolute path of the folder that mirrored shares stand in. */
  readonly downloads: string;
  readonly log: LogSettings;
}

export interface LogSettings {
  readonly level: 'debug' | 'info' | 'warn' | 'error';
  /** `json`: one object a line, for programs; `text`: for people. */
  readonly format: 'json' | 'text';
}
