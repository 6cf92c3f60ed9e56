import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { runCommand } from '../../src/commands/run-command.ts';
import { trackerCommand } from '../../src/commands/tracker.ts';
import type { CommandOptions } from '../../src/commands/command.ts';
import { Output } from '../../src/drawing/output.ts';
import { TransferBoard } from '../../src/drawing/transfer-board.ts';
import { aSession, plainScreen, type Capture, settingsOf } from '../samples.ts';

/** A program that says what it was given, then that it is ready, and ends cleanly when it is asked to. */
const FAKE = `
  process.stdout.write('args ' + process.argv.slice(2).join(' ') + '\\n');
  process.stdout.write('names ' + Object.keys(process.env).filter((name) => name.startsWith('SHOAL_')).join(' ') + '\\n');
  process.stderr.write('a \\u001b[2Jlog line\\n');
  const timer = setInterval(() => undefined, 1000);
  process.on('SIGTERM', () => { clearInterval(timer); process.stdout.write('bye\\n'); });
  process.stdout.write('Shoal tracker is running at http://localhost:8000\\n');
`;

let folder: string;
let trackerProgram: string;
let endings: (() => Promise<void>)[];
const stopping = { current: new AbortController() };

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'shoal-'));
  trackerProgram = join(folder, 'tracker.mjs');
  await writeFile(trackerProgram, FAKE);
  endings = [];
  stopping.current = new AbortController();
});
afterEach(async () => {
  stopping.current.abort();
  for (const end of endings) await end();
  await rm(folder, { recursive: true, force: true });
});

interface Started {
  readonly stdout: Capture;
  readonly stderr: Capture;
  readonly code: Promise<number>;
}

function start(args: readonly string[], options: CommandOptions, place: 'shell' | 'prompt'): Started {
  const { screen, stdout, stderr } = plainScreen();
  const output = new Output(screen, {});
  const environment = { PATH: process.env.PATH, SHOAL_TRACKER_PROGRAM: trackerProgram, SHOAL_TRACKER_PORT: '1' };
  const session = aSession({
    settings: settingsOf({ SHOAL_TRACKER_PROGRAM: trackerProgram }),
    environment,
    signal: stopping.current.signal,
    board: place === 'prompt' ? new TransferBoard(output, () => true) : undefined,
    atEnd: (action) => endings.push(action),
  });
  return { stdout, stderr, code: runCommand({ command: trackerCommand, input: { args, options } }, session, output) };
}

test('hands its options on, and its variables but for the one that is not the tracker’s', async () => {
  const { stdout } = start(['8000'], { host: '0.0.0.0', database: 'x.db' }, 'shell');
  await expect.poll(() => stdout.text).toContain('is running at');
  expect(stdout.text).toContain('args --host 0.0.0.0 --port 8000 --database x.db\n');
  expect(stdout.text).toContain('names SHOAL_TRACKER_PORT\n');
});

test('passes on what the tracker says, without what would harm the terminal', async () => {
  const { stderr } = start([], {}, 'shell');
  await expect.poll(() => stderr.text).toBe('a log line\n');
});

test('runs in the shell until the person stops it, and that is no failure', async () => {
  const { stdout, code } = start([], {}, 'shell');
  await expect.poll(() => stdout.text).toContain('is running at');
  stopping.current.abort();
  expect(await code).toBe(0);
  expect(stdout.text).toContain('bye');
});

test('runs behind the prompt and ends with it', async () => {
  const { stdout, code } = start([], {}, 'prompt');
  expect(await code).toBe(0);
  expect(stdout.text).not.toContain('bye');
  for (const end of endings.splice(0)) await end();
  expect(stdout.text).toContain('bye');
});

test.each([
  [1, 1],
  [2, 2],
  [7, 1],
])('ends with %i when the tracker does so by itself: %i', async (own, expected) => {
  await writeFile(trackerProgram, `process.exitCode = ${String(own)};`);
  expect(await start([], {}, 'shell').code).toBe(expected);
});

test('says at the prompt that the tracker did not start', async () => {
  await writeFile(trackerProgram, `process.stderr.write('port in use\\n'); process.exitCode = 1;`);
  const { stderr, code } = start([], {}, 'prompt');
  expect(await code).toBe(1);
  expect(stderr.text).toBe('port in use\n');
});
