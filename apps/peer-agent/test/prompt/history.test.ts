import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { History, HISTORY_LINES } from '../../src/prompt/history.ts';

let home: string;

beforeEach(async () => {
  home = join(await mkdtemp(join(tmpdir(), 'shoal-')), 'home');
});
afterEach(() => rm(home, { recursive: true, force: true }));

test('brings back the lines of earlier prompts, the last first', async () => {
  await new History(home).add('first');
  await new History(home).add('second');
  expect(await new History(home).load()).toEqual(['second', 'first']);
});

test('keeps so many lines and not one more', async () => {
  const history = new History(home);
  for (let line = 0; line <= HISTORY_LINES; line++) await history.add(`line ${String(line)}`);
  const lines = await history.load();
  expect(lines).toHaveLength(HISTORY_LINES);
  expect(lines.at(-1)).toBe('line 1');
  expect((await readFile(join(home, 'history'), 'utf8')).split('\n')).toHaveLength(HISTORY_LINES + 1);
});

test.skipIf(process.platform === 'win32')('lets only the owner read what was typed', async () => {
  await new History(home).add('share secret.txt');
  expect((await stat(join(home, 'history'))).mode & 0o777).toBe(0o600);
});

test('is empty, and no trouble, where there is no home', async () => {
  const nowhere = new History('/dev/null/home');
  await nowhere.add('line');
  expect(await nowhere.load()).toEqual([]);
});
