/** Options and arguments that several commands take. */
import { normaliseTrackerUrl, ShoalError } from '@shoal/protocol';
import type { Session } from '../session.ts';
import { SETTING_KEYS, SETTINGS, type Setting } from '../settings/settings-table.ts';
import type { SettingTexts } from '../settings/settings-file.ts';
import { readSetting, type SettingKey } from '../settings/setting-values.ts';
import type { Command, CommandOption, CommandOptions } from './command.ts';

export const JSON_OPTION: CommandOption = { flags: '--json', about: 'write the result as JSON' };
export const QUIET_OPTION: CommandOption = { flags: '-q, --quiet', about: 'write only results and errors' };
export const FORCE_OPTION: CommandOption = {
  flags: '--force',
  about: 'replace a .torrent that describes something else',
};

/** Every setting that has a flag, for the commands that are about the daemon. */
export const AGENT_OPTIONS = settingOptions(
  SETTING_KEYS,
  ({ variable, otherwise }) => `${variable}; default: ${otherwise}`,
);
export const TRACKER_OPTIONS = settingOptions(['tracker'], ({ variable }) => `default: ${variable}`);
/** How the peer of this process is set up, for commands that start one: at the prompt it runs already. */
export const PEER_OPTIONS = settingOptions(
  ['host', 'port', 'uploadLimit', 'downloadLimit'],
  ({ otherwise }) => `default: ${otherwise}`,
).map((option): CommandOption => ({ ...option, at: 'shell' }));

function settingOptions(keys: readonly SettingKey[], note: (setting: Setting) => string): CommandOption[] {
  return keys.flatMap((key) => {
    const setting = SETTINGS[key];
    const { flag, about, isList = false } = setting;
    return flag === undefined ? [] : [{ flags: flag, about: `${about} (${note(setting)})`, isList, setting: key }];
  });
}

/** The settings among the options that were typed. */
export function settingFlags({ options: known }: Command, options: CommandOptions): SettingTexts {
  const entries = known.flatMap(({ setting }) => {
    const text = setting === undefined ? undefined : options[setting];
    return setting === undefined || text === undefined ? [] : [[setting, text] as const];
  });
  return Object.fromEntries(entries);
}

/**
 * The tracker that a command names, or the configured one.
 * @throws ShoalError `bad-tracker-url`, `bad-argument` when there is none
 */
export function chooseTracker(given: string | undefined, session: Session): string {
  if (given !== undefined) return normaliseTrackerUrl(given);
  const { tracker } = session.settings.values;
  if (tracker !== undefined) return tracker;
  throw new ShoalError('bad-argument', 'choosing the tracker: name one, as in localhost:8000, or set SHOAL_TRACKER');
}

/**
 * The trackers to ask when a command names none: the configured one and those that the agent talks to.
 * @throws ShoalError `bad-config`
 */
export async function knownTrackers(given: string | undefined, session: Session): Promise<readonly string[]> {
  if (given !== undefined) return [readSetting('tracker', given, '--tracker')];
  const agent = await session.existingAgent();
  const { trackers } = agent === undefined ? { trackers: [] } : await agent.status(session.signal);
  const { tracker } = session.settings.values;
  return [...new Set([...(tracker === undefined ? [] : [tracker]), ...trackers.map(({ url }) => url)])];
}
