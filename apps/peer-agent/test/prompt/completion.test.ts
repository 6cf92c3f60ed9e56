import { expect, test } from 'vitest';
import { commandsAt } from '../../src/commands/command.ts';
import { COMMANDS } from '../../src/commands/table.ts';
import { completeLine, type Completion } from '../../src/prompt/completion.ts';

const folders: Record<string, { name: string; isFolder: boolean }[]> = {
  '/here': [
    { name: 'photos', isFolder: true },
    { name: 'my file.txt', isFolder: false },
    { name: 'photos.torrent', isFolder: false },
    { name: '.hidden', isFolder: false },
  ],
  '/here/photos': [{ name: 'a.jpg', isFolder: false }],
};
const completion: Completion = {
  commands: commandsAt('prompt', COMMANDS),
  folder: '/here',
  list: (folder) => folders[folder] ?? [],
};
const complete = (line: string): string[] => completeLine(line, completion)[0];

test('offers the commands that begin so', () => {
  expect(complete('s')).toEqual(['share ', 'search ', 'status ']);
});

test('offers the options of the command', () => {
  expect(complete('download x --t')).toEqual(['--tracker ']);
  expect(complete('download x --s')).toEqual([]);
});

test('offers paths where a path is asked for', () => {
  expect(complete('share ph')).toEqual(['photos/', 'photos.torrent ']);
});

test('goes into folders', () => {
  expect(complete('share photos/')).toEqual(['photos/a.jpg ']);
});

test('offers hidden files only to who asks for them', () => {
  expect(complete('share ')).not.toContain('.hidden ');
  expect(complete('share .')).toEqual(['.hidden ']);
});

test('offers only folders and .torrent files to download', () => {
  expect(complete('download ')).toEqual(['photos/', 'photos.torrent ']);
});

test('quotes a path with a space, also one whose quote is open', () => {
  expect(completeLine('share my', completion)).toEqual([['"my file.txt" '], 'my']);
  expect(completeLine('share "my f', completion)).toEqual([['"my file.txt" '], '"my f']);
});

test('offers nothing where nothing is known', () => {
  expect(complete('connect loc')).toEqual([]);
  expect(complete('nonsense x')).toEqual([]);
  expect(complete('share missing/')).toEqual([]);
});
