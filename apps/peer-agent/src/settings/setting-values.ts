/** How each setting is read from text: the one place that says what is allowed, wherever the text stands. */
import { isIPv6 } from 'node:net';
import { asPageOrigin, hostSchema, LIMITS, normaliseTrackerUrl, ShoalError, toVisible } from '@shoal/protocol';
import * as z from 'zod';

const LOG_LEVELS = ['debug', 'info', 'warn', 'error'] as const;
const LOG_FORMATS = ['json', 'text'] as const;
const MAX_ENTRIES = 100;

const path = z.string().min(1, 'must be a path').max(4_096, 'must have at most 4096 characters');
const pattern = z
  .string()
  .min(1, 'must be a name, with * for anything, as in builds-*')
  .max(255, 'must have at most 255 characters');
const rate = readWith(readRate, 'must be bytes per second, at least 1K, as in 500K or 2M');
const pageOrigin = readWith(
  asPageOrigin,
  'must be the origin of a page, as in https://shoal.example or http://host:port',
);
const name = readWith(readName, `must be 1 to ${String(LIMITS.machineNameLength)} characters that can be seen`);
const MANY = `must be at most ${String(MAX_ENTRIES)} entries`;

/** Every setting by its key, as a schema that takes the text. */
export const settingsSchema = z.strictObject({
  config: path,
  home: path,
  tracker: readWith(readTracker, 'must be an address, as in localhost:8000, http://host:port or https://host'),
  host: z.string().refine(isHost, 'must be a host name or an address'),
  port: readWith(readPort, 'must be a number from 0 to 65535'),
  advertise: readWith(readAdvertised, 'must be a host or host:port, an IPv6 address as in [2001:db8::1]:7000'),
  name,
  pageOrigin: z.array(pageOrigin).max(MAX_ENTRIES, MANY).readonly(),
  uploadLimit: rate,
  downloadLimit: rate,
  share: z.array(path).max(MAX_ENTRIES, MANY).readonly(),
  mirror: z.array(pattern).max(MAX_ENTRIES, MANY).readonly(),
  downloads: path,
  logLevel: z.enum(LOG_LEVELS, `must be one of ${LOG_LEVELS.join(', ')}`),
  logFormat: z.enum(LOG_FORMATS, `must be one of ${LOG_FORMATS.join(', ')}`),
  trackerProgram: path,
  debug: z.string().transform(() => true),
});

/** What every setting is, once it was read. */
export type SettingValues = Readonly<z.infer<typeof settingsSchema>>;
export type SettingKey = keyof SettingValues;

/** Where an agent says that it can be reached; without a port, at the one that it listens on. */
export interface Advertised {
  readonly host: string;
  readonly port?: number;
}

/**
 * Reads one setting.
 * @param raw its text, or the texts of a list
 * @param writtenAs the setting as the person wrote it, for messages: `--port`, `SHOAL_PORT`
 * @throws ShoalError `bad-config`
 */
export function readSetting<K extends SettingKey>(
  key: K,
  raw: string | readonly string[],
  writtenAs: string,
): SettingValues[K] {
  const result = settingsSchema.shape[key].safeParse(raw);
  // TypeScript cannot follow that the schema found under a key gives the value of that key.
  if (result.success) return result.data as SettingValues[K];
  const [issue] = result.error.issues;
  const entry = typeof raw === 'string' ? raw : raw[Number(issue?.path[0] ?? 0)];
  const value = JSON.stringify((entry ?? '').slice(0, 100));
  throw new ShoalError('bad-config', `reading ${writtenAs}: ${value} ${issue?.message ?? 'is not allowed'}`);
}

/** A schema of a text that `read` understands. */
function readWith<T>(read: (text: string) => T | undefined, message: string): z.ZodType<T, string> {
  return z.string().transform((text, context) => {
    const value = read(text);
    if (value !== undefined) return value;
    context.addIssue({ code: 'custom', message });
    return z.NEVER;
  });
}

function isHost(text: string): boolean {
  return hostSchema.safeParse(text).success;
}

/** As people read it on the page of the fleet. */
function readName(text: string): string | undefined {
  const isName = text.trim() !== '' && text.length <= LIMITS.machineNameLength && toVisible(text) === text;
  return isName ? text : undefined;
}

function readPort(text: string): number | undefined {
  return /^\d{1,5}$/.test(text) && Number(text) <= 65_535 ? Number(text) : undefined;
}

const UNITS: Readonly<Record<string, number>> = { '': 1, k: 1024, m: 1024 ** 2, g: 1024 ** 3 };

/** Bytes per second, with K, M or G for their binary multiples. */
function readRate(text: string): number | undefined {
  const [, digits = '', unit = ''] = /^(\d+(?:\.\d+)?)\s*([kmg]?)(?:i?b)?(?:\/s)?$/i.exec(text) ?? [];
  const bytesPerSecond = Math.round(Number(digits) * (UNITS[unit.toLowerCase()] ?? 0));
  return bytesPerSecond >= 1024 ? bytesPerSecond : undefined;
}

function readTracker(text: string): string | undefined {
  try {
    return normaliseTrackerUrl(text);
  } catch {
    return undefined;
  }
}

const BRACKETED = /^\[([^\]]*)\](?::(\d+))?$/;
const NAMED = /^([^:]*)(?::(\d+))?$/;

/** `host`, `host:port`, and an IPv6 address bare or in brackets. */
function readAdvertised(text: string): Advertised | undefined {
  if (isIPv6(text)) return { host: text };
  const bracketed = BRACKETED.exec(text);
  const [, host = '', portText] = bracketed ?? NAMED.exec(text) ?? [];
  if (bracketed === null ? !isHost(host) : !isIPv6(host)) return undefined;
  if (portText === undefined) return { host };
  const port = readPort(portText) ?? 0;
  return port === 0 ? undefined : { host, port };
}
