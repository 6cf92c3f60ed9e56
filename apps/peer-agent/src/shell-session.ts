import type { AgentApi } from '@shoal/client';
import type { Log } from '@shoal/engine';
import { ShoalError } from '@shoal/protocol';
import { findDaemon } from './agent/control-file.ts';
import type { AgentAccess, Session } from './session.ts';
import { peerFlags, peerSettings } from './settings/agent-settings.ts';
import type { Settings } from './settings/effective-settings.ts';
import type { PeerSettings } from './settings/settings.ts';

/** The surroundings of one run of the program. */
export type ShellOptions = Pick<Session, 'settings' | 'environment' | 'folder' | 'signal'>;

/** The session of a one-shot command: it works on this user's daemon, or on a peer that lives as long as the command. */
export class ShellSession implements Session {
  readonly settings: Settings;
  readonly environment: Session['environment'];
  readonly folder: string;
  readonly signal: AbortSignal;
  readonly board = undefined;
  readonly #endings: (() => Promise<void>)[] = [];
  #daemon: Promise<AgentApi | undefined> | undefined;
  #own: Promise<AgentApi> | undefined;

  constructor({ settings, environment, folder, signal }: ShellOptions) {
    this.settings = settings;
    this.environment = environment;
    this.folder = folder;
    this.signal = signal;
  }

  existingAgent(): Promise<AgentApi | undefined> {
    this.#daemon ??= findDaemon(this.settings.values.home, this.signal);
    return this.#daemon;
  }

  async agent(): Promise<AgentAccess> {
    const daemon = await this.existingAgent();
    if (daemon !== undefined) {
      refuseFlags(peerFlags(this.settings));
      return { api: daemon, isOwn: false };
    }
    this.#own ??= this.#start();
    return { api: await this.#own, isOwn: true };
  }

  atEnd(action: () => Promise<void>): void {
    this.#endings.push(action);
  }

  leave(): void {
    throw new Error('invariant: only a prompt can be left');
  }

  /** Ends what the command started, the last first. */
  async close(): Promise<void> {
    for (const end of this.#endings.splice(0).reverse()) await end();
  }

  async #start(): Promise<AgentApi> {
    const agent = await startPeer(peerSettings(this.settings));
    this.atEnd(() => agent.shutdown());
    return agent;
  }
}

/** Flags that set up a peer come too late for the daemon. */
function refuseFlags([given]: readonly string[]): void {
  if (given === undefined) return;
  throw new ShoalError(
    'bad-argument',
    `setting ${given}: the agent of this user runs already; give it to \`shoal agent\``,
  );
}

/** A peer that is forgotten when it ends: its own random key, and no state but what lies beside a download. */
export async function startPeer(peer: PeerSettings): Promise<AgentApi & { readonly port: number }> {
  const [{ createAgent }, { newIdentity }] = await Promise.all([
    import('./agent/create-agent.ts'),
    import('./agent/identity.ts'),
  ]);
  return createAgent({ peerId: newIdentity(), peer, log: SILENT });
}

const ignore = (): void => undefined;
/** What matters to the person at the command line is in the transfers' own reports. */
const SILENT: Log = { debug: ignore, info: ignore, warn: ignore, error: ignore };
