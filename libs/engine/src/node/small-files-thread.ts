import type { BigIntStats } from 'node:fs';

/** A run of bytes of a small file, and where in memory they go. */
export interface SmallRun {
  readonly path: string;
  readonly offset: number;
  readonly length: number;
  readonly at: number;
}

/** A run to write, in as many parts as it came in. */
export interface SmallWrite {
  readonly path: string;
  readonly offset: number;
  readonly parts: readonly Uint8Array[];
}

/** What a thread is asked. */
export type SmallFilesJob =
  /** Reads runs into memory that it shares with whoever asks. */
  | { readonly id: number; readonly kind: 'read'; readonly runs: readonly SmallRun[]; readonly into: Uint8Array }
  /**
   * Writes runs. Files that are not there are made, and none is written through a link: Linux tells where an open file
   * really is, and a file system may keep its name in another normal form.
   */
  | { readonly id: number; readonly kind: 'write'; readonly runs: readonly SmallWrite[] }
  /** Paths with a NUL between them, which none contains: one long text gets to a thread sooner than many short ones. */
  | { readonly id: number; readonly kind: 'look'; readonly paths: string };

/** What a thread answers. */
export interface SmallFilesReply {
  readonly id: number;
  /** `SIGHT_NUMBERS` for each file: what was read or looked at, as it was after that. */
  readonly facts: BigInt64Array;
  readonly failure?: { readonly message: string; readonly path: string; readonly code: string };
}

/*
 * The functions below are the whole program of a thread. They are sent to the worker as text, so that it works alike from
 * TypeScript sources and from an agent that is bundled into one file; for that they must not refer to anything outside
 * themselves.
 */

/** Performs a job; `onPath` is told of each file before it is touched. */
type Performer = (job: SmallFilesJob, onPath: (path: string) => void) => BigInt64Array;

function createPerformer(): Performer {
  const fs = process.getBuiltinModule('node:fs');
  const { O_RDONLY, O_RDWR, O_CREAT, O_NOFOLLOW, O_NONBLOCK } = fs.constants;
  const NUMBERS = 4;

  function withFile<T>(path: string, flags: number, action: (fd: number) => T): T {
    const fd = fs.openSync(path, flags | O_NOFOLLOW | O_NONBLOCK, 0o666);
    try {
      return action(fd);
    } finally {
      fs.closeSync(fd);
    }
  }

  function read(fd: number, into: Uint8Array, { offset, length, at }: SmallRun): BigIntStats {
    for (let done = 0; done < length;) {
      const count = fs.readSync(fd, into, at + done, length - done, offset + done);
      if (count === 0) throw Object.assign(new Error('the file ends too early'), { code: 'ESHORT' });
      done += count;
    }
    return fs.fstatSync(fd, { bigint: true });
  }

  function write(fd: number, { path, offset, parts }: SmallWrite): void {
    const isThere = fs.readlinkSync(`/proc/self/fd/${fd}`).normalize() === path.normalize();
    if (!isThere) throw Object.assign(new Error('a link is in the way'), { code: 'ELOOP' });
    let at = offset;
    for (const part of parts)
      for (let done = 0; done < part.length;) {
        const count = fs.writeSync(fd, part, done, part.length - done, at);
        if (count === 0) throw Object.assign(new Error('the system took no byte'), { code: 'ENOSPC' });
        [done, at] = [done + count, at + count];
      }
  }

  function perform(fd: number, run: SmallRun | SmallWrite, job: SmallFilesJob): BigIntStats | undefined {
    if ('parts' in run) write(fd, run);
    return job.kind === 'read' && 'at' in run ? read(fd, job.into, run) : undefined;
  }

  return (job, onPath) => {
    const paths = job.kind === 'look' ? job.paths.split('\0') : job.runs.map(({ path }) => path);
    const facts = new BigInt64Array(NUMBERS * paths.length);
    const note = (index: number, stats: BigIntStats | undefined): void => {
      const ino = BigInt.asIntN(64, stats?.ino ?? 0n);
      if (stats?.isFile() === true) facts.set([1n, stats.size, stats.mtimeNs, ino], NUMBERS * index);
    };
    paths.forEach((path, at) => {
      onPath(path);
      const run = job.kind === 'look' ? undefined : job.runs[at];
      if (run === undefined) note(at, fs.lstatSync(path, { bigint: true, throwIfNoEntry: false }));
      else
        note(
          at,
          withFile(path, 'parts' in run ? O_RDWR | O_CREAT : O_RDONLY, (fd) => perform(fd, run, job)),
        );
    });
    return facts;
  };
}

function runSmallFilesThread(perform: Performer): void {
  const { parentPort } = process.getBuiltinModule('node:worker_threads');
  let current = '';
  const onPath = (path: string): void => {
    current = path;
  };

  parentPort?.on('message', (job: SmallFilesJob) => {
    try {
      parentPort.postMessage({ id: job.id, facts: perform(job, onPath) } satisfies SmallFilesReply);
    } catch (error) {
      const { message, code = '' }: NodeJS.ErrnoException = error instanceof Error ? error : new Error(String(error));
      const failure = { message, code, path: current };
      parentPort.postMessage({ id: job.id, facts: new BigInt64Array(0), failure } satisfies SmallFilesReply);
    }
  });
}

/** The program as text. Some compilers wrap functions in `__name`, which does not exist in the worker. */
export const SMALL_FILES_THREAD_SOURCE = `const __name = (f) => f; (${String(runSmallFilesThread)})((${String(createPerformer)})());`;
