import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { runShoal } from '../src/shoal.ts';
import { Capture } from './samples.ts';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'shoal-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

interface Run {
  readonly words: readonly string[];
  readonly env?: Record<string, string>;
  readonly typed?: string;
}

interface Ran {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** Starts the program without a terminal, in an empty folder with a home of its own. */
function start({ words, env = {}, typed = '' }: Run): { stderr: Capture; stop: () => void; ended: Promise<Ran> } {
  const [stdin, stdout, stderr] = [new PassThrough(), new Capture(), new Capture()];
  const stopping = new AbortController();
  stdin.end(typed);
  const home = { SHOAL_HOME: join(folder, 'home') };
  const surroundings = { words, env: { ...home, ...env }, folder, stdin, stdout, stderr, signal: stopping.signal };
  const ended = runShoal(surroundings).then((code) => ({ code, out: stdout.text, err: stderr.text }));
  const stop = (): void => {
    stopping.abort();
  };
  return { stderr, stop, ended };
}

function run(what: Run): Promise<Ran> {
  return start(what).ended;
}

test('shows the version and the help on stdout', async () => {
  expect(await run({ words: ['--version'] })).toEqual({ code: 0, out: '0.1.0\n', err: '' });
  expect((await run({ words: ['help'] })).out).toContain('download <torrent> [folder]');
});

test('refuses bad usage and bad settings with code 2', async () => {
  expect(await run({ words: ['shrae'] })).toMatchObject({ code: 2, out: '' });
  expect(await run({ words: ['files'], env: { SHOAL_TRACKER: 'ftp://x' } })).toMatchObject({ code: 2, out: '' });
});

test('answers a program that asks for JSON with JSON, also when it asks for nonsense', async () => {
  const { err } = await run({ words: ['shrae', '--json'] });
  expect(JSON.parse(err)).toMatchObject({ error: { code: 'bad-argument' } });
});

test('creates a .torrent and verifies the data against it', async () => {
  await writeFile(join(folder, 'hello.txt'), 'hello');
  const created = await run({ words: ['create', 'hello.txt', 'localhost:8000', '--json'] });
  expect(JSON.parse(created.out)).toMatchObject({ name: 'hello.txt', tracker: 'http://localhost:8000', length: 5 });
  expect(await run({ words: ['verify', 'hello.txt.torrent'] })).toMatchObject({ code: 0 });

  await writeFile(join(folder, 'hello.txt'), 'jello');
  const changed = await run({ words: ['verify', 'hello.txt.torrent', '--json'] });
  expect(changed.code).toBe(3);
  expect(JSON.parse(changed.out)).toMatchObject({ isGood: false, badPieces: [0], damagedFiles: ['hello.txt'] });

  await rm(join(folder, 'hello.txt'));
  expect(await run({ words: ['verify', 'hello.txt.torrent'] })).toMatchObject({ code: 1 });
});

test('seeds until it is told to stop, and that is no failure', async () => {
  await writeFile(join(folder, 'hello.txt'), 'hello');
  const { stderr, stop, ended } = start({ words: ['share', 'hello.txt', 'localhost:1', '--host', '127.0.0.1'] });
  await expect.poll(() => stderr.text).toContain('Seeding until Ctrl-C.');
  stop();
  expect(await ended).toMatchObject({ code: 0 });
});

test('a download that is stopped says how to go on, and ends with code 130', async () => {
  await writeFile(join(folder, 'hello.txt'), 'hello');
  await run({ words: ['create', 'hello.txt', 'localhost:1'] });
  const words = ['download', 'hello.txt.torrent', 'elsewhere', '--host', '127.0.0.1'];
  const { stderr, stop, ended } = start({ words });
  await expect.poll(() => stderr.text).toContain('Downloading hello.txt');
  stop();
  const { code, err } = await ended;
  expect(code).toBe(130);
  expect(err).toContain('the same command goes on from here');
});

test('reads commands from a stream, one after the other, until it ends', async () => {
  await writeFile(join(folder, 'my file.txt'), 'hello');
  const typed = 'share "my file.txt" localhost:1\n\nfiles\n';
  const { code, out, err } = await run({ words: ['--host', '127.0.0.1'], typed });
  expect(code).toBe(0);
  expect(out).toMatch(/^Sharing my file\.txt \(1 file, 5 B\)$/m);
  expect(out).toMatch(/^my file\.txt {2}1 file, 5 B {2}complete$/m);
  expect(err).toMatch(/^Shoal 0\.1\.0\. This peer listens at 127\.0\.0\.1:\d+\.$/m);
  expect(err).toContain('Not registered yet');
  expect(out + err).not.toContain('\u001b');
});

test('goes on after a mistake, ends at exit, and tells the last failure', async () => {
  const { code, out, err } = await run({ words: ['--host', '127.0.0.1'], typed: 'nonsense\npeers\nexit\nfiles\n' });
  expect(code).toBe(2);
  expect(err).toContain("unknown command 'nonsense'");
  expect(err).toContain('No peers yet.');
  expect(out + err).not.toContain('Nothing is shared yet.');
});

test('says at the end what it leaves unfinished', async () => {
  await writeFile(join(folder, 'hello.txt'), 'hello');
  await run({ words: ['create', 'hello.txt', 'localhost:1'] });
  const { err } = await run({ words: ['--host', '127.0.0.1'], typed: 'download hello.txt.torrent elsewhere\n' });
  expect(err).toContain('Left 1 download unfinished');
});

test('refuses at the prompt what its peer cannot become any more', async () => {
  await writeFile(join(folder, 'hello.txt'), 'hello');
  const typed = 'share hello.txt localhost:1 --port 7000\n';
  const { code, err } = await run({ words: ['--host', '127.0.0.1'], typed });
  expect(code).toBe(2);
  expect(err).toContain("unknown option '--port'");
});

test('shows how to start a tracker program that is not there', async () => {
  const env = { SHOAL_TRACKER_PROGRAM: join(folder, 'missing') };
  const { code, err } = await run({ words: ['tracker'], env });
  expect(code).toBe(1);
  expect(err).toContain('SHOAL_TRACKER_PROGRAM');
});
