/** Commands about the daemon and about what it holds: `agent`, `stop`, `remove`. */
import { asInfoHash, ShoalError, type Transfer } from '@shoal/protocol';
import { agentSettings } from '../settings/agent-settings.ts';
import { checkWritable } from '../doctor/folder-check.ts';
import { writtenAs, type Settings } from '../settings/effective-settings.ts';
import type { LogSettings } from '../settings/settings.ts';
import { safeText } from '../drawing/safe-text.ts';
import { EXIT, type Command } from './command.ts';
import { AGENT_OPTIONS, JSON_OPTION, QUIET_OPTION } from './options.ts';
import { requireAgent } from './reports.ts';

/** `agent`: runs the daemon in the foreground. */
export const agentCommand: Command = {
  name: 'agent',
  summary: 'run the daemon, which other commands then use',
  arguments: [],
  options: [...AGENT_OPTIONS, QUIET_OPTION],
  at: 'shell',
  async run({ options }, session, output) {
    const settings = agentSettings(session.settings);
    await refuseUnusable(session.settings);
    const [{ runDaemon }, { createLog }] = await Promise.all([import('../agent/daemon.ts'), import('../agent/log.ts')]);
    const logSettings = options.quiet === true ? quieten(settings.log) : settings.log;
    const log = createLog(logSettings, output.noteFrame.colours);
    await runDaemon({ settings, log, signal: session.signal }, ({ port }) => {
      output.result(port, () => `Shoal agent is running on port ${String(port)}, its state in ${settings.home}`);
    });
    return EXIT.ok;
  },
};

/** What the agent could never work with is said before it starts. */
async function refuseUnusable({ values, sourceOf }: Settings): Promise<void> {
  const folders = values.mirror.length > 0 ? (['home', 'downloads'] as const) : (['home'] as const);
  for (const key of folders) {
    const { path, trouble } = await checkWritable(values[key]);
    if (trouble === undefined) continue;
    const reason = trouble === 'not-a-folder' ? 'it is not a folder' : 'this user cannot write to it';
    throw new ShoalError('bad-config', `opening ${path} (${writtenAs(key, sourceOf(key))}): ${reason}`);
  }
}

/** Whoever wants results and errors only gets no news either. */
function quieten({ level, format }: LogSettings): LogSettings {
  return { level: level === 'error' ? level : 'warn', format };
}

/** `stop`: ends the daemon. */
export const stopCommand: Command = {
  name: 'stop',
  summary: 'stop the daemon',
  arguments: [],
  options: [QUIET_OPTION],
  at: 'shell',
  async run(_input, session, output) {
    await (await requireAgent(session)).shutdown();
    output.note('The agent is stopping; its shares and downloads go on when it starts again.');
    return EXIT.ok;
  },
};

/** `remove`: forgets a share. */
export const removeCommand: Command = {
  name: 'remove',
  summary: 'stop sharing or downloading; the files stay',
  arguments: [{ usage: '<share>', about: 'its info hash, or its name when only one has it' }],
  options: [JSON_OPTION, QUIET_OPTION],
  at: 'both',
  async run({ args: [text = ''] }, session, output) {
    const agent = await requireAgent(session);
    const transfer = pickTransfer(text, await agent.transfers(session.signal));
    await agent.remove(transfer.infoHash, session.signal);
    output.result(transfer, ({ name, path }) => `Removed ${safeText(name)}; ${safeText(path)} is untouched`);
    return EXIT.ok;
  },
};

/**
 * The one transfer that a text means.
 * @throws ShoalError `unknown-share`, `ambiguous-name`
 */
export function pickTransfer(text: string, transfers: readonly Transfer[]): Transfer {
  const infoHash = asInfoHash(text);
  const [found, ...others] = transfers.filter((transfer) => transfer.infoHash === infoHash || transfer.name === text);
  if (found === undefined) throw new ShoalError('unknown-share', `looking for "${text}": the agent has no such share`);
  if (others.length === 0) return found;
  const candidates = [found, ...others].map((transfer) => transfer.infoHash).join(', ');
  throw new ShoalError('ambiguous-name', `looking for "${text}": it may be ${candidates}`);
}
