import type { Command } from './command.ts';
import { configCommand } from './config.ts';
import { connectCommand } from './connect.ts';
import { createCommand } from './create.ts';
import { agentCommand, removeCommand, stopCommand } from './daemon.ts';
import { doctorCommand } from './doctor.ts';
import { downloadCommand } from './download.ts';
import { exitCommand } from './exit.ts';
import { filesCommand, peersCommand, statusCommand } from './reports.ts';
import { searchCommand } from './search.ts';
import { shareCommand } from './share.ts';
import { trackerCommand } from './tracker.ts';
import { verifyCommand } from './verify.ts';

/** Every command, in the order in which help lists them; the shell and the prompt both read this table. */
export const COMMANDS: readonly Command[] = [
  trackerCommand,
  createCommand,
  shareCommand,
  downloadCommand,
  searchCommand,
  peersCommand,
  filesCommand,
  connectCommand,
  statusCommand,
  verifyCommand,
  removeCommand,
  agentCommand,
  stopCommand,
  configCommand,
  doctorCommand,
  exitCommand,
];
