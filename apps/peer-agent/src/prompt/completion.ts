/** What the tab key offers: commands, their options, and paths. */
import { readdirSync, type Dirent } from 'node:fs';
import { basename, resolve } from 'node:path';
import type { Command, CommandArgument } from '../commands/command.ts';
import { quoteWord, splitUnfinished } from './command-line.ts';

/** The entries of a folder, none when it cannot be read. */
type ListFolder = (folder: string) => readonly { readonly name: string; readonly isFolder: boolean }[];

/** What a completion can know. */
export interface Completion {
  readonly commands: readonly Command[];
  /** Folder that relative paths start from. */
  readonly folder: string;
  readonly list: ListFolder;
}

/**
 * Completes the line up to the cursor, in the form that readline asks for.
 * @returns what may stand instead of the part of the line that is returned second
 */
export function completeLine(line: string, completion: Completion): [string[], string] {
  const { words } = splitUnfinished(line);
  const last = words.at(-1) ?? { text: '', start: line.length };
  const typed = line.slice(last.start);
  const name = words[0]?.text;
  if (words.length === 1) return [completeName(last.text, completion.commands), typed];
  const command = completion.commands.find((candidate) => candidate.name === name);
  if (command === undefined) return [[], typed];
  if (last.text.startsWith('-')) return [completeOption(last.text, command), typed];
  const position = words.slice(1, -1).filter((word) => !word.text.startsWith('-')).length;
  return [completeArgument(last.text, command.arguments[position]?.completes, completion), typed];
}

function completeArgument(start: string, kind: CommandArgument['completes'], completion: Completion): string[] {
  switch (kind) {
    case 'path':
      return completePath(start, completion);
    case 'torrent':
      return completePath(start, completion, '.torrent');
    case undefined:
      return [];
  }
}

function completeName(start: string, commands: readonly Command[]): string[] {
  return commands.filter(({ name }) => name.startsWith(start)).map(({ name }) => `${name} `);
}

function completeOption(start: string, command: Command): string[] {
  const names = command.options.map(({ flags }) => /--[a-z-]+/.exec(flags)?.[0] ?? flags);
  return names.filter((name) => name.startsWith(start)).map((name) => `${name} `);
}

function completePath(start: string, { folder, list }: Completion, ending = ''): string[] {
  const isInside = start === '' || start.endsWith('/');
  const parent = isInside ? start : start.slice(0, start.length - basename(start).length);
  const beginning = isInside ? '' : basename(start);
  const entries = list(resolve(folder, parent === '' ? '.' : parent));
  const fitting = entries.filter(
    ({ name, isFolder }) =>
      name.startsWith(beginning) && (beginning !== '' || !name.startsWith('.')) && (isFolder || name.endsWith(ending)),
  );
  return fitting.map(({ name, isFolder }) => {
    const path = parent + name + (isFolder ? '/' : '');
    const quoted = quoteWord(path);
    // A folder is left open for what lies inside it.
    if (isFolder) return quoted.startsWith('"') ? quoted.slice(0, -1) : quoted;
    return `${quoted} `;
  });
}

/** Reads a folder of this machine. */
export function listFolder(folder: string): { name: string; isFolder: boolean }[] {
  try {
    const entries: Dirent[] = readdirSync(folder, { withFileTypes: true });
    return entries.map((entry) => ({ name: entry.name, isFolder: entry.isDirectory() }));
  } catch {
    return [];
  }
}
