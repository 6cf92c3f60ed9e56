/** `config`: what holds, and who said so. */
import { formatAddress } from '../address.ts';
import { safeText } from '../drawing/safe-text.ts';
import { drawTable } from '../drawing/table.ts';
import { drawRate } from '../drawing/units.ts';
import { agentSettings } from '../settings/agent-settings.ts';
import { drawSource, type Settings } from '../settings/effective-settings.ts';
import { SETTING_KEYS, SETTINGS } from '../settings/settings-table.ts';
import type { SettingKey, SettingValues } from '../settings/setting-values.ts';
import { EXIT, type Command } from './command.ts';
import { AGENT_OPTIONS, JSON_OPTION } from './options.ts';

export const configCommand: Command = {
  name: 'config',
  summary: 'show every setting of the agent, and where it comes from',
  arguments: [],
  options: [...AGENT_OPTIONS, JSON_OPTION],
  at: 'shell',
  run(_input, { settings }, output) {
    const reports = SETTING_KEYS.map((key) => reportSetting(key, settings));
    output.result(reports, (rows, { colours }) => {
      const cells = rows.map(({ key, value, source }) => [key, drawValue(key, value), source].map(safeText));
      return drawTable([['SETTING', 'VALUE', 'FROM'].map(colours.bold), ...cells]);
    });
    // What cannot hold together is refused after it was shown: the table says where it comes from.
    agentSettings(settings);
    return Promise.resolve(EXIT.ok);
  },
};

type Value = SettingValues[SettingKey];

/** One row. The value is absent where nothing was set and nothing holds by default. */
interface SettingReport {
  readonly key: SettingKey;
  readonly value?: Value;
  readonly source: string;
}

function reportSetting(key: SettingKey, settings: Settings): SettingReport {
  const value = settings.values[key];
  return { key, ...(value === undefined ? {} : { value }), source: drawSource(key, settings.sourceOf(key)) };
}

function drawValue(key: SettingKey, value: Value | undefined): string {
  const { otherwise } = SETTINGS[key];
  switch (typeof value) {
    case 'string':
      return value;
    case 'number':
      return key === 'port' ? String(value) : drawRate(value);
    case 'boolean':
      return value ? 'set' : otherwise;
    case 'undefined':
      return otherwise;
    default:
      if ('host' in value) return formatAddress(value.host, value.port);
      return value.length === 0 ? otherwise : value.join(', ');
  }
}
