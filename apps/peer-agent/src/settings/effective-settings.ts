/** The one precedence: flag, then environment, then settings file, then what holds when nobody says. */
import { homedir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { ShoalError } from '@shoal/protocol';
import { findSettingsFile, readSettingsFile, type SettingTexts } from './settings-file.ts';
import { flagOf, SETTING_KEYS, SETTINGS } from './settings-table.ts';
import { readSetting, type SettingKey, type SettingValues } from './setting-values.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** Where a value came from. */
export type Source =
  | { readonly kind: 'flag' | 'environment' | 'default' }
  /** The settings file at this path. */
  | { readonly kind: 'file'; readonly path: string };

/** What settings are read from. */
export interface SettingsInput {
  readonly flags: SettingTexts;
  readonly env: Environment;
  /** Folder that relative paths of flags and variables start from. */
  readonly folder: string;
}

type Always = 'home' | 'pageOrigin' | 'share' | 'mirror' | 'downloads' | 'logLevel' | 'logFormat' | 'debug';

/** The settings that hold for one run of the program. */
export interface Settings {
  /** By key, without those that nobody set and that are nothing by default. All paths are absolute. */
  readonly values: Pick<SettingValues, Always> & Partial<Omit<SettingValues, Always>>;
  readonly sourceOf: (key: SettingKey) => Source;
}

/**
 * Reads the settings of this run.
 * @throws ShoalError `bad-config`, naming the setting as it was written and what is allowed
 */
export function readSettings({ flags, env, folder }: SettingsInput): Settings {
  refuseUnknownVariables(env);
  const near: Layer[] = [
    { texts: flags, source: { kind: 'flag' }, folder },
    { texts: textsOf(env), source: { kind: 'environment' }, folder },
  ];
  const home = readFrom(near, 'home')?.value ?? defaultHome(env);
  const config = readFrom(near, 'config')?.value ?? findSettingsFile(home);
  const layers = config === undefined ? near : [...near, fileLayer(config)];
  const given = new Map(
    SETTING_KEYS.flatMap((key) => {
      const found = readFrom(layers, key);
      return found === undefined ? [] : [[key, found] as const];
    }),
  );
  const said: Partial<SettingValues> = Object.fromEntries([...given].map(([key, { value }]) => [key, value]));
  return {
    values: { ...defaultsOf(said.home ?? home), ...(config === undefined ? {} : { config }), ...said },
    sourceOf: (key) => given.get(key)?.source ?? { kind: 'default' },
  };
}

/** A setting as the person who set it wrote it: `--port`, `SHOAL_PORT`, `port in /etc/shoal/config.yaml`. */
export function writtenAs(key: SettingKey, source: Source): string {
  switch (source.kind) {
    case 'flag':
      return flagOf(key);
    case 'environment':
      return SETTINGS[key].variable;
    case 'file':
      return `${key} in ${source.path}`;
    case 'default':
      return `the default of ${key}`;
  }
}

/** Where a value came from, in words: `flag`, `environment SHOAL_PORT`, `file /etc/shoal/config.yaml`, `default`. */
export function drawSource(key: SettingKey, source: Source): string {
  switch (source.kind) {
    case 'environment':
      return `environment ${SETTINGS[key].variable}`;
    case 'file':
      return `file ${source.path}`;
    default:
      return source.kind;
  }
}

/** One place where settings stand, as texts. */
interface Layer {
  readonly texts: SettingTexts;
  readonly source: Source;
  /** Folder that its relative paths start from. */
  readonly folder: string;
}

interface Found<K extends SettingKey> {
  readonly value: SettingValues[K];
  readonly source: Source;
}

/** The value in the first layer that has one. The others are read as well: a mistake is one even where it does not count. */
function readFrom<K extends SettingKey>(layers: readonly Layer[], key: K): Found<K> | undefined {
  const [first] = layers.flatMap(({ texts, source, folder }): Found<K>[] => {
    const raw = texts[key];
    if (raw === undefined) return [];
    const placed = SETTINGS[key].isPath === true ? absolute(raw, folder) : raw;
    return [{ value: readSetting(key, placed, writtenAs(key, source)), source }];
  });
  return first;
}

/** Nobody expands `~` in a file or in the unit of a service; an empty path stays one, to be refused. */
function absolute(raw: string | readonly string[], folder: string): string | readonly string[] {
  if (typeof raw !== 'string') return raw.map((path) => place(path, folder));
  return place(raw, folder);
}

function place(path: string, folder: string): string {
  if (path === '') return path;
  return path === '~' || path.startsWith('~/') ? join(homedir(), path.slice(1)) : resolve(folder, path);
}

function fileLayer(path: string): Layer {
  return { texts: readSettingsFile(path), source: { kind: 'file', path }, folder: dirname(path) };
}

/** The variables that are set; an empty one counts as not set. */
function textsOf(env: Environment): SettingTexts {
  const entries = SETTING_KEYS.flatMap((key) => {
    const { variable, isList = false } = SETTINGS[key];
    const text = env[variable]?.trim() ?? '';
    return text === '' ? [] : [[key, isList ? splitList(text) : text] as const];
  });
  return Object.fromEntries(entries);
}

function splitList(text: string): string[] {
  const entries = text.split(',').map((entry) => entry.trim());
  return entries.filter((entry) => entry !== '');
}

/** A variable that nobody reads is a mistake of who set it. Those of the tracker are its own to refuse. */
function refuseUnknownVariables(env: Environment): void {
  const known = SETTING_KEYS.map((key) => SETTINGS[key].variable);
  const isOurs = (name: string): boolean => name.startsWith('SHOAL_') && !name.startsWith('SHOAL_TRACKER_');
  const unknown = Object.keys(env).find((name) => isOurs(name) && !known.includes(name));
  if (unknown === undefined) return;
  throw new ShoalError('bad-config', `reading the environment: ${unknown} is unknown; known are ${known.join(', ')}`);
}

function defaultsOf(home: string): Pick<SettingValues, Always> {
  const downloads = join(home, 'downloads');
  return { home, pageOrigin: [], share: [], mirror: [], downloads, logLevel: 'info', logFormat: 'json', debug: false };
}

function defaultHome(env: Environment): string {
  if (process.platform === 'darwin') return join(homedir(), 'Library', 'Application Support', 'shoal');
  if (process.platform === 'win32') return join(env.LOCALAPPDATA ?? homedir(), 'shoal');
  const dataFolder = env.XDG_DATA_HOME ?? '';
  return join(dataFolder === '' ? join(homedir(), '.local', 'share') : dataFolder, 'shoal');
}
