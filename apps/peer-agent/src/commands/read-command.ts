/** Reads typed words with the command table; help and refusals are the same in the shell and at the prompt. */
import { ShoalError } from '@shoal/protocol';
import { Command as Parser, CommanderError, Option, type Argument } from 'commander';
import { VERSION } from '../version.ts';
import {
  commandsAt,
  type Command,
  type CommandOption,
  type CommandOptions,
  type Input,
  type Place,
} from './command.ts';

/** What was typed: a command with its input, or something that is answered with a text. */
export type Reading =
  | { readonly kind: 'run'; readonly command: Command; readonly input: Input }
  | { readonly kind: 'text'; readonly text: string };

/**
 * Reads the words of one command.
 * @throws ShoalError `bad-argument` with the nearest command or option
 */
export function readCommand(words: readonly string[], commands: readonly Command[], place: Place): Reading {
  let reading: Reading = { kind: 'text', text: '' };
  let said = '';
  const say = (text: string): void => {
    said += text;
  };
  const parser = createParser(place).configureOutput({ writeOut: say, writeErr: say });
  for (const command of commandsAt(place, commands)) {
    addCommand(parser, command, (input) => {
      reading = { kind: 'run', command, input };
    });
  }
  try {
    parser.parse(words, { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.exitCode === 0) return { kind: 'text', text: said.trimEnd() };
    throw new ShoalError('bad-argument', describeRefusal(error, said), { cause: error });
  }
  return reading;
}

function createParser(place: Place): Parser {
  const parser = new Parser(place === 'shell' ? 'shoal' : 'shoal>');
  // Every command has options; saying so in each line of the list tells nobody anything.
  parser.configureHelp({
    subcommandTerm: (sub) => [sub.name(), ...sub.registeredArguments.map(drawArgument)].join(' '),
  });
  parser.helpCommand('help [command]', 'list the commands, or explain one').exitOverride();
  if (place === 'prompt') return parser.usage('<command>').helpOption(false);
  return parser
    .description('Shoal gets a file or a folder to every machine. Without a command it opens a prompt.')
    .version(VERSION)
    .addHelpText(
      'after',
      '\nExit codes: 0 done, 1 failed, 2 bad usage or setting, 3 verification failed, 130 stopped.',
    );
}

function addCommand(parser: Parser, command: Command, onRun: (input: Input) => void): void {
  const sub = parser.command(command.name).description(command.summary);
  sub.helpOption('-h, --help', 'explain this command');
  for (const { usage, about } of command.arguments) sub.argument(usage, about);
  for (const option of command.options) sub.addOption(describeOption(option));
  sub.action(() => {
    onRun({ args: sub.args, options: sub.opts<CommandOptions>() });
  });
}

function drawArgument(argument: Argument): string {
  return argument.required ? `<${argument.name()}>` : `[${argument.name()}]`;
}

function describeOption({ flags, about, isList = false }: CommandOption): Option {
  const option = new Option(flags, about);
  return isList ? option.argParser((text, before?: readonly string[]) => [...(before ?? []), text]) : option;
}

/** Commander's words, with its suggestion, as a sentence of ours. */
function describeRefusal(error: CommanderError, said: string): string {
  const text = said.trim() === '' || error.code === 'commander.help' ? error.message : said;
  return text
    .replace(/^error: /, '')
    .trim()
    .replaceAll('\n', ' ');
}
