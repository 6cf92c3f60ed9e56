/** What a command is, for the shell and for the prompt alike. */
import type { Output } from '../drawing/output.ts';
import type { Session } from '../session.ts';
import type { SettingTexts } from '../settings/settings-file.ts';
import type { SettingKey } from '../settings/setting-values.ts';

/** Exit codes of the program; docs/commands.md says when each is used. */
export const EXIT = { ok: 0, failure: 1, usage: 2, mismatch: 3, interrupted: 130 } as const;
export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** Where words are typed. */
export type Place = 'shell' | 'prompt';

/** A positional argument. */
export interface CommandArgument {
  /** As usage shows it: `<path>`, `[folder]`. */
  readonly usage: string;
  readonly about: string;
  /** What the tab key offers for it. */
  readonly completes?: 'path' | 'torrent';
}

/** An option; every value that one can have is a field of `CommandOptions`. */
export interface CommandOption {
  /** As commander reads it: `--port <number>`. */
  readonly flags: string;
  readonly about: string;
  /** Absent where it can be typed wherever the command can. */
  readonly at?: Place;
  /** Whether it may be given several times. */
  readonly isList?: boolean;
  /** The setting that it sets for this run. */
  readonly setting?: SettingKey;
}

/** The options that commands know, as they were typed. */
export interface CommandOptions extends SettingTexts {
  readonly json?: boolean;
  readonly quiet?: boolean;
  readonly tracker?: string;
  readonly seed?: boolean;
  readonly force?: boolean;
  readonly watch?: boolean;
  readonly host?: string;
  readonly port?: string;
  readonly database?: string;
}

/** What was typed. */
export interface Input {
  /** In the order of the command's `arguments`; optional ones may be missing. */
  readonly args: readonly string[];
  readonly options: CommandOptions;
}

/** One entry of the command table. */
export interface Command {
  readonly name: string;
  readonly summary: string;
  readonly arguments: readonly CommandArgument[];
  readonly options: readonly CommandOption[];
  /** Where it can be typed. */
  readonly at: 'both' | Place;
  run(input: Input, session: Session, output: Output): Promise<ExitCode>;
}

/** The commands of a place, with the options that they have there. */
export function commandsAt(place: Place, commands: readonly Command[]): Command[] {
  const isThere = ({ at = 'both' }: { readonly at?: 'both' | Place }): boolean => at === 'both' || at === place;
  return commands.filter(isThere).map((command) => ({ ...command, options: command.options.filter(isThere) }));
}
