/**
 * Every setting in words. Flags, variables, keys of the settings file, help, `shoal config` and the manual's table are all
 * made of this; what a value may be stands in setting-values.ts.
 */
import { settingsSchema, type SettingKey } from './setting-values.ts';

/** One setting as people meet it. */
export interface Setting {
  /** As commander reads it; absent where there is no flag. */
  readonly flag?: string;
  readonly variable: string;
  /** Whether it is a key of the settings file. */
  readonly isInFile: boolean;
  /** Whether it takes several values: the flag again and again, the variable with commas, the file with a list. */
  readonly isList?: true;
  /** Whether it is a path: in a file it counts from the file's folder, elsewhere from the current one. */
  readonly isPath?: true;
  readonly about: string;
  /** What holds when nobody says, in words. */
  readonly otherwise: string;
}

export const SETTINGS: Readonly<Record<SettingKey, Setting>> = {
  config: {
    flag: '--config <file>',
    variable: 'SHOAL_CONFIG',
    isInFile: false,
    isPath: true,
    about: 'read settings from this JSON or YAML file',
    otherwise: 'config.json or config.yaml in the home',
  },
  home: {
    variable: 'SHOAL_HOME',
    isInFile: true,
    isPath: true,
    about: 'folder of key, remembered shares and history',
    otherwise: 'per user',
  },
  tracker: {
    flag: '--tracker <address>',
    variable: 'SHOAL_TRACKER',
    isInFile: true,
    about: 'ask this tracker',
    otherwise: 'none',
  },
  host: {
    flag: '--host <address>',
    variable: 'SHOAL_HOST',
    isInFile: true,
    about: 'listen for peers on this address',
    otherwise: 'all',
  },
  port: {
    flag: '--port <number>',
    variable: 'SHOAL_PORT',
    isInFile: true,
    about: 'listen for peers on this port',
    otherwise: 'any free one',
  },
  advertise: {
    flag: '--advertise <address>',
    variable: 'SHOAL_ADVERTISE',
    isInFile: true,
    about: 'tell others to reach this agent at host or host:port',
    otherwise: 'where its connections come from',
  },
  name: {
    flag: '--name <name>',
    variable: 'SHOAL_NAME',
    isInFile: true,
    about: 'what people read for this machine on the page of the fleet',
    otherwise: 'the host name',
  },
  pageOrigin: {
    flag: '--page-origin <origin>',
    variable: 'SHOAL_PAGE_ORIGIN',
    isInFile: true,
    isList: true,
    about: 'let web pages of this origin download from this agent; may be given again',
    otherwise: 'those of its trackers',
  },
  uploadLimit: {
    flag: '--upload-limit <rate>',
    variable: 'SHOAL_UPLOAD_LIMIT',
    isInFile: true,
    about: 'send at most this, as in 500K or 2M bytes a second',
    otherwise: 'none',
  },
  downloadLimit: {
    flag: '--download-limit <rate>',
    variable: 'SHOAL_DOWNLOAD_LIMIT',
    isInFile: true,
    about: 'receive at most this',
    otherwise: 'none',
  },
  share: {
    flag: '--share <folder>',
    variable: 'SHOAL_SHARE',
    isInFile: true,
    isList: true,
    isPath: true,
    about: 'watch this folder and share each entry of it; may be given again',
    otherwise: 'none',
  },
  mirror: {
    flag: '--mirror <pattern>',
    variable: 'SHOAL_MIRROR',
    isInFile: true,
    isList: true,
    about: 'download and keep what the tracker lists under such a name, as * or builds-*; may be given again',
    otherwise: 'nothing',
  },
  downloads: {
    flag: '--downloads <folder>',
    variable: 'SHOAL_DOWNLOADS',
    isInFile: true,
    isPath: true,
    about: 'put mirrored shares into this folder',
    otherwise: 'downloads in the home',
  },
  logLevel: {
    flag: '--log-level <level>',
    variable: 'SHOAL_LOG_LEVEL',
    isInFile: true,
    about: 'log this and what is worse: debug, info, warn or error',
    otherwise: 'info',
  },
  logFormat: {
    flag: '--log-format <format>',
    variable: 'SHOAL_LOG_FORMAT',
    isInFile: true,
    about: 'log as json for programs or text for people',
    otherwise: 'json',
  },
  trackerProgram: {
    variable: 'SHOAL_TRACKER_PROGRAM',
    isInFile: false,
    isPath: true,
    about: "the tracker's program",
    otherwise: 'beside shoal, then shoal-tracker in PATH',
  },
  debug: {
    variable: 'SHOAL_DEBUG',
    isInFile: false,
    about: 'show errors with their stack',
    otherwise: 'not set',
  },
};

/** Every key, in the order in which people are shown them. */
export const SETTING_KEYS: readonly SettingKey[] = settingsSchema.keyof().options;

/** The flag of a setting without its value, as a person writes it: `--upload-limit`. */
export function flagOf(key: SettingKey): string {
  return SETTINGS[key].flag?.split(' ')[0] ?? key;
}
