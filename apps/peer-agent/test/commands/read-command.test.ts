import { expect, test } from 'vitest';
import type { Place } from '../../src/commands/command.ts';
import { readCommand } from '../../src/commands/read-command.ts';
import { COMMANDS } from '../../src/commands/table.ts';
import { fillIn } from '../../src/shoal.ts';

function read(line: string, place: Place = 'shell'): { name: string; args: readonly string[]; options: object } {
  const reading = readCommand(line.split(' '), COMMANDS, place);
  if (reading.kind === 'text') throw new Error(`not a command: ${reading.text}`);
  return { name: reading.command.name, ...reading.input };
}

test.each<Place>(['shell', 'prompt'])('knows every command of the original program at the %s', (place) => {
  const lines = [
    'tracker 8000',
    'create a.txt localhost:8000',
    'share a.txt localhost:8000',
    'download a.txt.torrent',
    'download a.txt.torrent folder',
    'search a',
    'peers',
    'files',
    'connect localhost 5000',
  ];
  expect(lines.map((line) => read(line, place).name)).toEqual(lines.map((line) => line.split(' ')[0]));
});

test('hands arguments and options on', () => {
  expect(read('download x folder --tracker localhost:8000 --seed --json --port 7000 --upload-limit 1M')).toEqual({
    name: 'download',
    args: ['x', 'folder'],
    options: { tracker: 'localhost:8000', seed: true, json: true, port: '7000', uploadLimit: '1M' },
  });
});

test('does not hand on what was typed before', () => {
  read('download x --seed');
  expect(read('download x').options).toEqual({});
});

test('suggests the nearest command and option', () => {
  expect(() => read('shre x')).toThrow(/unknown command 'shre'.*share/);
  expect(() => read('download x --sed')).toThrow(/unknown option '--sed'.*--seed/);
});

test.each(['download', 'share', 'connect localhost', 'peers extra', 'nonsense'])('refuses "%s"', (line) => {
  expect(() => read(line)).toThrow(expect.objectContaining({ code: 'bad-argument' }));
});

test('collects what may be given several times', () => {
  expect(read('agent --share a --mirror x --share b').options).toEqual({ share: ['a', 'b'], mirror: ['x'] });
});

test('keeps commands of the prompt from the shell, and those of the shell from the prompt', () => {
  expect(() => read('exit')).toThrow(/unknown command/);
  expect(() => read('agent', 'prompt')).toThrow(/unknown command/);
});

test('refuses at the prompt what would set up its peer, which runs already', () => {
  expect(() => read('share x --port 7000', 'prompt')).toThrow(/unknown option '--port'/);
  expect(() => read('download x --seed', 'prompt')).toThrow(/unknown option '--seed'/);
});

test('lists all commands of its place in the help', () => {
  const help = readCommand(['help'], COMMANDS, 'prompt');
  const names = COMMANDS.filter(({ at }) => at !== 'shell').map(({ name }) => name);
  for (const name of names)
    expect(help).toMatchObject({ kind: 'text', text: expect.stringContaining(`  ${name} `) as unknown });
  expect(help).not.toMatchObject({ text: expect.stringContaining('  agent ') as unknown });
});

test('explains one command', () => {
  const help = readCommand(['help', 'download'], COMMANDS, 'prompt');
  expect(help).toMatchObject({ kind: 'text', text: expect.stringContaining('<torrent> [folder]') as unknown });
});

test('takes no command for the prompt, and the flags of the original program for the tracker', () => {
  expect(fillIn([])).toEqual(['prompt']);
  expect(fillIn(['--port', '7000'])).toEqual(['prompt', '--port', '7000']);
  expect(fillIn(['--tracker', '--host', 'localhost', '--port', '8000'])).toEqual([
    'tracker',
    '--host',
    'localhost',
    '--port',
    '8000',
  ]);
  expect(fillIn(['--port', '8000', '--tracker'])).toEqual(['tracker', '--port', '8000']);
  expect(fillIn(['--tracker', 'localhost:8000'])).toEqual(['prompt', '--tracker', 'localhost:8000']);
  expect(fillIn(['share', '--tracker'])).toEqual(['share', '--tracker']);
  expect(fillIn(['--help'])).toEqual(['--help']);
});
