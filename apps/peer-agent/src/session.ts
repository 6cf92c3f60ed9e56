import type { AgentApi } from '@shoal/client';
import type { TransferBoard } from './drawing/transfer-board.ts';
import type { Settings } from './settings/effective-settings.ts';

/** The agent that a command works on. */
export interface AgentAccess {
  readonly api: AgentApi;
  /** Whether it ends with this process; the daemon goes on without us. */
  readonly isOwn: boolean;
}

/** What a command can reach besides its input and output: one session is one run of the program, or one prompt. */
export interface Session {
  readonly settings: Settings;
  /** What a program that is started inherits. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Folder that relative paths start from. */
  readonly folder: string;
  /** At the prompt, what takes long goes on while other commands are typed; this board tells what becomes of it. */
  readonly board: TransferBoard | undefined;
  /** Aborted when the person presses Ctrl-C or the process has to end. */
  readonly signal: AbortSignal;
  /** The agent that is there already: the prompt's own, or in the shell this user's daemon. */
  existingAgent(): Promise<AgentApi | undefined>;
  /** The agent that is there already, or a new one that lives as long as the session. */
  agent(): Promise<AgentAccess>;
  /** Has something ended with the session. */
  atEnd(action: () => Promise<void>): void;
  /** Ends the prompt after the command that calls it. */
  leave(): void;
}
