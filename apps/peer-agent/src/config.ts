/** What the environment and the options of the command line may set, and what they may not. */
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { normaliseTrackerUrl, ShoalError } from '@shoal/protocol';

/** Settings that hold for every command of one process. */
export interface Config {
  /** Absolute path of the folder that keeps the agent's key, shares and history. */
  readonly home: string;
  /** Asked when a command names no tracker. */
  readonly tracker?: string;
  /** The tracker's program, when it does not stand beside this one. */
  readonly trackerProgram?: string;
  /** What a program that is started inherits. */
  readonly environment: Environment;
  /** Whether errors are shown with their stack. */
  readonly isDebug: boolean;
}

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Reads the settings from the environment; docs/commands.md lists them.
 * @throws ShoalError `bad-config`
 */
export function readConfig(env: Environment): Config {
  refuseUnknown(env);
  const tracker = setting(env, 'SHOAL_TRACKER');
  const trackerProgram = setting(env, 'SHOAL_TRACKER_PROGRAM');
  return {
    home: resolve(setting(env, 'SHOAL_HOME') ?? defaultHome(env)),
    ...(tracker === undefined ? {} : { tracker: trackerSetting(tracker) }),
    ...(trackerProgram === undefined ? {} : { trackerProgram: resolve(trackerProgram) }),
    environment: env,
    isDebug: setting(env, 'SHOAL_DEBUG') !== undefined,
  };
}

/**
 * Reads the value of a port option; 0 means any free one.
 * @throws ShoalError `bad-config`
 */
export function parsePort(text: string): number {
  const port = Number(text);
  if (/^\d{1,5}$/.test(text) && port <= 65_535) return port;
  throw new ShoalError('bad-config', `reading the port "${text}": it must be a number from 0 to 65535`);
}

const UNITS: Readonly<Record<string, number>> = { '': 1, k: 1024, m: 1024 ** 2, g: 1024 ** 3 };

/**
 * Reads the value of a rate limit: bytes per second, with K, M or G for their binary multiples (`500K`, `1.5M`).
 * @throws ShoalError `bad-config`
 */
export function parseRate(text: string): number {
  const [, digits = '', unit = ''] = /^(\d+(?:\.\d+)?)\s*([kmg]?)(?:i?b)?(?:\/s)?$/i.exec(text) ?? [];
  const rate = Math.round(Number(digits) * (UNITS[unit.toLowerCase()] ?? 0));
  if (rate >= 1024) return rate;
  throw new ShoalError(
    'bad-config',
    `reading the limit "${text}": write bytes per second, at least 1K, as in 500K or 2M`,
  );
}

const VARIABLES = ['SHOAL_HOME', 'SHOAL_TRACKER', 'SHOAL_TRACKER_PROGRAM', 'SHOAL_DEBUG'];

/** A variable that nobody reads is a mistake of who set it. Those of the tracker are its own to refuse. */
function refuseUnknown(env: Environment): void {
  const isOurs = (name: string): boolean => name.startsWith('SHOAL_') && !name.startsWith('SHOAL_TRACKER_');
  const unknown = Object.keys(env).find((name) => isOurs(name) && !VARIABLES.includes(name));
  if (unknown === undefined) return;
  throw new ShoalError(
    'bad-config',
    `reading the environment: ${unknown} is unknown; known are ${VARIABLES.join(', ')}`,
  );
}

/** An empty variable counts as not set. */
function setting(env: Environment, name: string): string | undefined {
  const value = env[name];
  return value === '' ? undefined : value;
}

function trackerSetting(text: string): string {
  try {
    return normaliseTrackerUrl(text);
  } catch (cause) {
    throw new ShoalError('bad-config', `reading SHOAL_TRACKER: "${text}" is not a tracker's address`, { cause });
  }
}

function defaultHome(env: Environment): string {
  if (process.platform === 'darwin') return join(homedir(), 'Library', 'Application Support', 'shoal');
  if (process.platform === 'win32') return join(env.LOCALAPPDATA ?? homedir(), 'shoal');
  return join(setting(env, 'XDG_DATA_HOME') ?? join(homedir(), '.local', 'share'), 'shoal');
}
