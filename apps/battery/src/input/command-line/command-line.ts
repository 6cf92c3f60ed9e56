/** Part `command-line`: wrong words, settings and things, and strangers' texts on their way to the terminal. */
import { execFile } from 'node:child_process';
import { open, mkdir, writeFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { encodeMetainfo } from '@shoal/protocol';
import { Machine, Sandbox, type Program } from '@shoal/testbed';
import type { Part } from '../../battery.ts';
import { fact, type Figure } from '../../figure.ts';
import { rawCharacters, showsInside } from '../health.ts';
import { honestMetainfo } from '../metainfo/bad-metainfos.ts';
import { covers, judge, throwTable, type Outcome } from '../table.ts';
import { strangersTexts } from './strangers-texts.ts';
import {
  commandsIn,
  everyCommandRows,
  fileRows,
  KNOWN_SETTINGS,
  settingRows,
  thingRows,
  type WordRow,
} from './word-rows.ts';

const AT_ONCE = 3;
const MEBIBYTE = 1024 * 1024;

export const COMMAND_LINE: Part = {
  name: 'command-line',
  async run() {
    const sandbox = await Sandbox.create();
    try {
      return [...(await throwWords(sandbox)), ...(await strangersTexts(sandbox))];
    } finally {
      await sandbox.clear();
    }
  },
};

async function throwWords(sandbox: Sandbox): Promise<readonly Figure[]> {
  const machine = await Machine.create(sandbox, 'desk');
  await putThings(machine);
  const commands = commandsIn((await machine.run('help')).stdout);
  const settings = JSON.parse((await machine.run('config', '--json')).stdout) as readonly { readonly key: string }[];
  const rows = [...everyCommandRows(commands), ...settingRows(), ...fileRows(), ...thingRows()];
  const shown = { stacks: 0 };
  const outcomes = await throwTable([...rows.entries()].map(withNumber), AT_ONCE, (row) =>
    runRow(sandbox, machine, row, shown),
  );
  return [
    covers(
      'command-line: commands',
      commands.map(({ name }) => name),
      rows.map(({ subject }) => subject),
    ),
    covers(
      'command-line: settings',
      settings.map(({ key }) => key),
      KNOWN_SETTINGS,
    ),
    ...byKind(rows, outcomes),
    fact('command-line: stacks and insides that were printed', {
      demand: 'none',
      seen: String(shown.stacks),
      holds: shown.stacks === 0,
    }),
  ];
}

/** Rows that are about settings, and those that are about the words of commands. */
function byKind(rows: readonly WordRow[], outcomes: readonly Outcome[]): readonly Figure[] {
  const isSetting = (at: number): boolean => rows[at]?.args[0] === 'config';
  return [
    judge(
      'command-line: settings, variables and files',
      outcomes.filter((_, at) => isSetting(at)),
    ),
    judge(
      'command-line: commands, words and things',
      outcomes.filter((_, at) => !isSetting(at)),
    ),
  ];
}

function withNumber([number, row]: readonly [number, WordRow]): WordRow & { readonly number: number } {
  return { ...row, number };
}

/** Runs the program once: `exit 2 bad-config`, and what a terminal would obey in its output. */
async function runRow(
  sandbox: Sandbox,
  { folder }: Machine,
  { args, env = {}, file, number }: WordRow & { readonly number: number },
  shown: { stacks: number },
): Promise<string> {
  const person = await Machine.create(sandbox, `person-${String(number)}`);
  for (const [name, value] of Object.entries(env)) person.setVariable(name, value);
  if (file !== undefined) await writeFile(person.path(file.name), file.text);
  const words = args.map((word) => (word === file?.name ? person.path(word) : word));
  const program = person.shoalIn(file === undefined ? folder : person.folder, ...words);
  const { code } = await program.ended();
  if (showsInside(program.output)) shown.stacks++;
  return verdictOf(code, program);
}

function verdictOf(exit: number | null, { stdout, stderr, output }: Program): string {
  const json = /^\{\n {2}"error": \{\n {4}"code": "([a-z-]+)"/.exec(stderr)?.[1];
  const code = json ?? /\(([a-z-]+)\)(?:\n {2}|\. )/.exec(stderr)?.[1];
  const raw = rawCharacters(output);
  return [
    `exit ${String(exit)}`,
    ...(code === undefined ? [] : [code]),
    ...(raw.length === 0 ? [] : [`printing ${raw.join(' ')}`]),
    ...(stdout !== '' && code !== undefined ? ['and something on stdout'] : []),
  ].join(' ');
}

/** All that rows name. */
async function putThings(machine: Machine): Promise<void> {
  const escape = '\u001b[31m\u009b2J\u202e';
  await writeFile(machine.path('good.txt'), 'good\n');
  await machine.run('create', 'good.txt', 'localhost:1');
  await writeFile(machine.path('empty.txt'), '');
  await Promise.all(['hollow', 'named', 'folder.torrent', 'occupied'].map((name) => mkdir(machine.path(name))));
  await writeFile(machine.path(`named/in${escape}`), 'x');
  await writeFile(machine.path(`name${escape}`), 'x');
  await writeFile(machine.path('taken.txt'), 'other\n');
  await writeFile(machine.path('taken.txt.torrent'), encodeMetainfo(honestMetainfo('taken.txt')));
  await writeFile(machine.path('good.torrent'), encodeMetainfo(honestMetainfo('good.bin')));
  await writeFile(machine.path('occupied/good.bin'), 'mine\n');
  await writeFile(machine.path('huge.torrent'), Buffer.alloc(11 * MEBIBYTE, 0x20));
  await writeFile(machine.path('escapes.torrent'), `{"${escape}`);
  const sparse = await open(machine.path('sparse.torrent'), 'w');
  await sparse.truncate(8 * 1024 * MEBIBYTE);
  await sparse.close();
  await promisify(execFile)('mkfifo', [machine.path('pipe.yaml'), machine.path('pipe.torrent')]);
}
