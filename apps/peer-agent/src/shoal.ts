/** The program: words in, an exit code out. It puts session, screen and command table together and decides nothing else. */
import { EXIT, type Command, type ExitCode } from './commands/command.ts';
import { PEER_OPTIONS, settingFlags, TRACKER_OPTIONS } from './commands/options.ts';
import { readCommand, type Reading } from './commands/read-command.ts';
import { exitCodeOf, runCommand } from './commands/run-command.ts';
import { COMMANDS } from './commands/table.ts';
import { Output } from './drawing/output.ts';
import { Screen, type Streams } from './drawing/screen.ts';
import type { PromptParts } from './prompt/prompt.ts';
import { readSettings } from './settings/effective-settings.ts';
import { ShellSession } from './shell-session.ts';

/** What the process gives to the program. */
export interface Surroundings extends Streams, Pick<PromptParts, 'stdin'> {
  /** Typed after the program's name. */
  readonly words: readonly string[];
  /** Folder that relative paths start from. */
  readonly folder: string;
  /** Aborted when the process is asked to end. */
  readonly signal: AbortSignal;
}

/** Runs the program once. */
export async function runShoal(surroundings: Surroundings): Promise<ExitCode> {
  const { words, env, folder, signal } = surroundings;
  const screen = new Screen(surroundings);
  let reading: Reading;
  let session: ShellSession;
  try {
    reading = readCommand(fillIn(words), [...COMMANDS, promptCommand(surroundings, screen)], 'shell');
    if (reading.kind === 'text') {
      screen.data(reading.text);
      return EXIT.ok;
    }
    const flags = settingFlags(reading.command, reading.input.options);
    const settings = readSettings({ flags, env, folder });
    session = new ShellSession({ settings, environment: env, folder, signal });
  } catch (error) {
    new Output(screen, { json: words.includes('--json') }).error(error, isSet(env.SHOAL_DEBUG));
    return exitCodeOf(error);
  }
  try {
    return await runCommand(reading, session, new Output(screen, reading.input.options));
  } finally {
    await session.close();
  }
}

/**
 * What is meant when no command is named: the flags of the original program start the tracker, and anything else is
 * meant for the prompt.
 */
export function fillIn(words: readonly string[]): readonly string[] {
  const [first] = words;
  if (first === undefined) return ['prompt'];
  if (!first.startsWith('-') || ['-h', '--help', '-V', '--version'].includes(first)) return words;
  const at = words.indexOf('--tracker');
  const isFlag = at >= 0 && (words[at + 1]?.startsWith('-') ?? true);
  return isFlag ? ['tracker', ...words.slice(0, at), ...words.slice(at + 1)] : ['prompt', ...words];
}

function promptCommand({ stdin, stdout }: Surroundings, screen: Screen): Command {
  return {
    name: 'prompt',
    summary: 'open the prompt, as shoal without a command does',
    arguments: [],
    options: [...TRACKER_OPTIONS, ...PEER_OPTIONS],
    at: 'shell',
    async run(_input, shell) {
      const { runPrompt } = await import('./prompt/prompt.ts');
      return runPrompt({ shell, commands: COMMANDS, screen, stdin, stdout });
    },
  };
}

function isSet(value: string | undefined): boolean {
  return value !== undefined && value !== '';
}
