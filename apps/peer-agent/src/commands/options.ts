/** Options and arguments that several commands take. */
import { normaliseTrackerUrl, ShoalError } from '@shoal/protocol';
import { parsePort, parseRate } from '../config.ts';
import type { Session } from '../session.ts';
import type { PeerSettings } from '../settings/settings.ts';
import type { CommandOption, CommandOptions } from './command.ts';

export const JSON_OPTION: CommandOption = { flags: '--json', about: 'write the result as JSON' };
export const QUIET_OPTION: CommandOption = { flags: '-q, --quiet', about: 'write only results and errors' };
export const TRACKER_OPTION: CommandOption = {
  flags: '--tracker <address>',
  about: 'ask this tracker (default: SHOAL_TRACKER)',
  parse: normaliseTrackerUrl,
};
export const FORCE_OPTION: CommandOption = {
  flags: '--force',
  about: 'replace a .torrent that describes something else',
};

/** How the peer of this process is set up, for commands that start one: at the prompt it runs already. */
const PEER_SETTINGS: readonly CommandOption[] = [
  { flags: '--host <address>', about: 'listen for peers on this address (default: all)' },
  { flags: '--port <number>', about: 'listen for peers on this port (default: any free one)', parse: parsePort },
  { flags: '--upload-limit <rate>', about: 'send at most this, as in 500K or 2M bytes a second', parse: parseRate },
  { flags: '--download-limit <rate>', about: 'receive at most this', parse: parseRate },
];
export const PEER_OPTIONS = PEER_SETTINGS.map((option): CommandOption => ({ ...option, at: 'shell' }));

/** The part of the options that sets up a peer. */
export function peerOptions({ host, port, uploadLimit, downloadLimit }: CommandOptions): PeerSettings {
  return {
    ...(host === undefined ? {} : { host }),
    ...(port === undefined ? {} : { port }),
    ...(uploadLimit === undefined ? {} : { uploadLimit }),
    ...(downloadLimit === undefined ? {} : { downloadLimit }),
  };
}

/**
 * The tracker that a command names, or the configured one.
 * @throws ShoalError `bad-tracker-url`, `bad-argument` when there is none
 */
export function chooseTracker(given: string | undefined, session: Session): string {
  if (given !== undefined) return normaliseTrackerUrl(given);
  if (session.config.tracker !== undefined) return session.config.tracker;
  throw new ShoalError('bad-argument', 'choosing the tracker: name one, as in localhost:8000, or set SHOAL_TRACKER');
}

/** The trackers to ask when a command names none: the configured one and those that the agent talks to. */
export async function knownTrackers(given: string | undefined, session: Session): Promise<readonly string[]> {
  if (given !== undefined) return [given];
  const agent = await session.existingAgent();
  const { trackers } = agent === undefined ? { trackers: [] } : await agent.status(session.signal);
  const { tracker } = session.config;
  return [...new Set([...(tracker === undefined ? [] : [tracker]), ...trackers.map(({ url }) => url)])];
}
