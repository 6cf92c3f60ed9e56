import { homedir } from 'node:os';
import { join } from 'node:path';
import { LIMITS, ShoalError } from '@shoal/protocol';
import { Command, CommanderError, Option } from 'commander';
import * as z from 'zod';

const ENV_PREFIX = 'SHOAL_TRACKER_';
const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const;

const configSchema = z.strictObject({
  host: z.string().min(1).max(255),
  port: wholeNumber(0, 65_535),
  database: z.string().min(1),
  announceInterval: wholeNumber(1, 86_400),
  logLevel: z.enum(LOG_LEVELS),
  trustProxy: wholeNumber(0, 10),
  pageOrigins: originList(),
});

/** How a tracker runs. */
export type TrackerConfig = Readonly<z.infer<typeof configSchema>>;
type Key = keyof TrackerConfig;
type Environment = Readonly<Record<string, string | undefined>>;

interface Setting {
  readonly flag: string;
  readonly value: string;
  readonly says: string;
  readonly fallback: (env: Environment) => string;
  /** Whether the flag may be given again and again; the variable has commas between. */
  readonly isList?: boolean;
}

/** Every setting: its flag, from which its variable is named, what it means, and what it is when nobody says. */
const SETTINGS: Readonly<Record<Key, Setting>> = {
  host: {
    flag: 'host',
    value: '<host>',
    says: 'name or address to listen on; 0.0.0.0 or :: for all',
    fallback: () => 'localhost',
  },
  port: { flag: 'port', value: '<port>', says: 'TCP port to listen on; 0 for any free one', fallback: () => '8000' },
  database: {
    flag: 'database',
    value: '<file>',
    says: 'SQLite file of the catalogue, made when it is missing',
    fallback: (env) => join(homeFolder(env), 'tracker.db'),
  },
  announceInterval: {
    flag: 'announce-interval',
    value: '<seconds>',
    says: 'how often agents without a session announce; they are forgotten after twice that',
    fallback: () => '60',
  },
  logLevel: {
    flag: 'log-level',
    value: '<level>',
    says: `what to log on stderr: ${LOG_LEVELS.join(', ')}`,
    fallback: () => 'info',
  },
  trustProxy: {
    flag: 'trust-proxy',
    value: '<count>',
    says: 'proxies before the tracker whose X-Forwarded-For is believed',
    fallback: () => '0',
  },
  pageOrigins: {
    flag: 'page-origin',
    value: '<origin>',
    says: 'web page that may download from agents by links, as https://shoal.example; may be repeated',
    fallback: () => '',
    isList: true,
  },
};
const KEYS = configSchema.keyof().options;

/** The outcome of reading the command line. */
export type Invocation =
  | { readonly kind: 'run'; readonly config: TrackerConfig }
  /** Somebody asked for help; this is it. */
  | { readonly kind: 'help'; readonly text: string };

/**
 * Reads flags, then variables, then what holds when nobody says.
 * @param args the command line without program and script
 * @throws ShoalError `bad-config`, naming the setting and what is allowed
 */
export function readConfig(args: readonly string[], env: Environment): Invocation {
  refuseUnknownVariables(env);
  const command = describeCommand(env);
  let help = '';
  command.configureOutput({ writeOut: (text) => (help += text), writeErr: () => undefined });
  try {
    command.parse(args, { from: 'user' });
  } catch (cause) {
    if (cause instanceof CommanderError && cause.exitCode === 0) return { kind: 'help', text: help };
    const reason = cause instanceof Error ? cause.message.replace(/^error: /, '').replaceAll('\n', ' ') : String(cause);
    throw new ShoalError('bad-config', `reading the command line: ${reason}; allowed are ${allowedFlags()}`, { cause });
  }
  const values = Object.fromEntries(KEYS.map((key) => [key, valueOf(command, key, env)]));
  const result = configSchema.safeParse(values);
  if (result.success) return { kind: 'run', config: result.data };
  const issue = result.error.issues[0];
  const key = KEYS.find((name) => name === issue?.path[0]) ?? 'host';
  const given = String(values[key]).slice(0, 100);
  const reason = issue?.message ?? 'not of the right form';
  throw new ShoalError('bad-config', `reading ${flagOf(key)} (${variableOf(key)}) "${given}": ${reason}`);
}

function describeCommand(env: Environment): Command {
  const command = new Command('shoal-tracker')
    .description('The Shoal tracker: knows what is shared, and who has it.')
    .helpOption('-h, --help', 'show this')
    .exitOverride();
  for (const key of KEYS) {
    const { value, says, fallback, isList } = SETTINGS[key];
    const notes = `(default: ${fallback(env) || 'none'}, env: ${variableOf(key)})`;
    const option = new Option(`${flagOf(key)} ${value}`, `${says} ${notes}`);
    if (isList === true)
      option.argParser((each, before?: string) => (before === undefined ? each : `${before},${each}`));
    command.addOption(option);
  }
  return command;
}

function valueOf(command: Command, key: Key, env: Environment): unknown {
  const given: unknown = command.getOptionValue(new Option(flagOf(key)).attributeName());
  return given ?? env[variableOf(key)] ?? SETTINGS[key].fallback(env);
}

function refuseUnknownVariables(env: Environment): void {
  const known = KEYS.map(variableOf);
  const unknown = Object.keys(env).find((name) => name.startsWith(ENV_PREFIX) && !known.includes(name));
  if (unknown === undefined) return;
  throw new ShoalError('bad-config', `reading the environment: ${unknown} is unknown; allowed are ${known.join(', ')}`);
}

function allowedFlags(): string {
  return KEYS.map(flagOf).join(', ');
}

function flagOf(key: Key): string {
  return `--${SETTINGS[key].flag}`;
}

function variableOf(key: Key): string {
  const { flag, isList } = SETTINGS[key];
  return ENV_PREFIX + flag.toUpperCase().replaceAll('-', '_') + (isList === true ? 'S' : '');
}

function homeFolder(env: Environment): string {
  return env.SHOAL_HOME ?? join(env.XDG_DATA_HOME ?? join(homedir(), '.local', 'share'), 'shoal');
}

function wholeNumber(min: number, max: number): z.ZodType<number, string> {
  const says = `must be a whole number from ${min} to ${max}`;
  const isAllowed = (text: string): boolean => /^\d{1,9}$/.test(text) && Number(text) >= min && Number(text) <= max;
  return z.string().refine(isAllowed, says).transform(Number);
}

/** Origins as browsers write them: no usual port, no capitals. */
function originList(): z.ZodType<readonly string[], string> {
  const says = 'must be origins, as https://shoal.example or http://shoal.example:8000, with commas between';
  const isAllowed = (text: string): boolean => /^https?:\/\/[^/?#@\\\s]+$/i.test(text) && URL.canParse(text);
  return z
    .string()
    .transform((text) => text.split(',').flatMap((each) => each.trim() || []))
    .refine((all) => all.every(isAllowed), says)
    .refine((all) => all.length <= LIMITS.pageOrigins, `must be at most ${LIMITS.pageOrigins}`)
    .transform((all) => all.map((text) => new URL(text).origin));
}
