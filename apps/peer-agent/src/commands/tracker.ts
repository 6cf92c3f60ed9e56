/** `tracker`: runs the tracker, which is a program of its own, as a child of this one. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { ShoalError } from '@shoal/protocol';
import type { Output } from '../drawing/output.ts';
import { safeText } from '../drawing/safe-text.ts';
import type { Session } from '../session.ts';
import { readSetting } from '../settings/setting-values.ts';
import { EXIT, type Command, type CommandOptions, type ExitCode } from './command.ts';
import { QUIET_OPTION } from './options.ts';

/** Where the tracker stands in a built checkout, as seen from this program's bundle. */
const BESIDE = fileURLToPath(new URL('../../tracker/dist/main.js', import.meta.url));
const IN_PATH = 'shoal-tracker';
/** What the tracker prints when it can be reached. */
const READY = 'is running at';

export const trackerCommand: Command = {
  name: 'tracker',
  summary: 'start a tracker',
  arguments: [{ usage: '[port]', about: 'port to listen on (default: 8000)' }],
  options: [
    { flags: '--host <address>', about: 'name or address to listen on (default: localhost)' },
    { flags: '--port <number>', about: 'the port, as an option' },
    { flags: '--database <file>', about: 'where it keeps its catalogue' },
    QUIET_OPTION,
  ],
  at: 'both',
  async run({ args: [portText], options }, session, output) {
    const args = trackerArguments({ ...options, ...(portText === undefined ? {} : { port: portText }) });
    const child = await startTracker(session, [...args, ...logArguments(session, output)]);
    const running = { ended: once(child, 'close'), ready: relay(child, output), session, output };
    return session.board === undefined ? waitFor(child, running) : keepBehindPrompt(child, running);
  },
};

/** The tracker's own flags for our options. */
function trackerArguments({ host, port, database }: CommandOptions): string[] {
  return [
    ...(host === undefined ? [] : ['--host', host]),
    ...(port === undefined ? [] : ['--port', String(readSetting('port', port, '--port'))]),
    ...(database === undefined ? [] : ['--database', database]),
  ];
}

/** Who looks at a terminal wants to read what is wrong, and no JSON; a file gets the whole log. */
function logArguments({ environment }: Session, { isLive }: Output): string[] {
  return isLive && environment.SHOAL_TRACKER_LOG_LEVEL === undefined ? ['--log-level', 'error'] : [];
}

/**
 * Starts the program in a group of its own, so that a Ctrl-C that is meant for us does not reach it twice. By its end of
 * the IPC channel it notices when we end without a word.
 */
async function startTracker({ settings, environment }: Session, args: readonly string[]): Promise<ChildProcess> {
  const program = settings.values.trackerProgram ?? (existsSync(BESIDE) ? BESIDE : IN_PATH);
  const command = /\.[cm]?js$/.test(program) ? [process.execPath, program, ...args] : [program, ...args];
  // The tracker refuses variables of its own that it does not know, and this one is ours.
  const { SHOAL_TRACKER_PROGRAM: _ours, ...env } = environment;
  const child = spawn(command[0] ?? program, command.slice(1), {
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    detached: true,
    env,
  });
  try {
    await once(child, 'spawn');
  } catch (cause) {
    throw new ShoalError(
      'not-found',
      `starting the tracker ${program}: build it with \`npm run build\`, or set SHOAL_TRACKER_PROGRAM`,
      { cause },
    );
  }
  return child;
}

/** Passes on what the tracker writes. The promise resolves when it says that it can be reached. */
function relay(child: ChildProcess, output: Output): Promise<void> {
  return new Promise((resolve) => {
    onLines(child.stdout, (line) => {
      output.result(line, safeText);
      if (line.includes(READY)) resolve();
    });
    onLines(child.stderr, (line) => {
      output.note(safeText(line));
    });
  });
}

function onLines(stream: Readable | null, handle: (line: string) => void): void {
  if (stream !== null) createInterface({ input: stream }).on('line', handle);
}

interface Running {
  readonly ended: Promise<unknown[]>;
  /** Resolves when it can be reached. */
  readonly ready: Promise<void>;
  readonly session: Session;
  readonly output: Output;
}

/** In the shell the command lasts as long as the tracker. */
async function waitFor(child: ChildProcess, { ended, session, output }: Running): Promise<ExitCode> {
  const { signal } = session;
  const stop = (): void => void child.kill('SIGTERM');
  signal.addEventListener('abort', stop);
  if (signal.aborted) stop();
  const [code] = await ended;
  if (signal.aborted) output.note('The tracker has stopped.');
  if (signal.aborted || code === 0) return EXIT.ok;
  return code === EXIT.usage ? EXIT.usage : EXIT.failure;
}

/** At the prompt the tracker runs behind it and ends with it. */
async function keepBehindPrompt(child: ChildProcess, { ended, ready, session, output }: Running): Promise<ExitCode> {
  let isLeaving = false;
  session.atEnd(async () => {
    isLeaving = true;
    child.kill('SIGTERM');
    await ended;
  });
  const first = await Promise.race([ready.then(() => 'ready'), ended.then(() => 'ended')]);
  if (first === 'ended') return EXIT.failure;
  void ended.then(() => {
    if (!isLeaving) output.note('The tracker has ended.');
  });
  return EXIT.ok;
}
