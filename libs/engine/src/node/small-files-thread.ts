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
  /** Writes runs; files that are not there are made, and none is written through a link. */
  | { readonly id: number; readonly kind: 'write'; readonly runs: readonly SmallWrite[] }
  | { readonly id: number; readonly kind: 'look'; readonly paths: readonly string[] };

/** Numbers in `facts` for each file: whether it is a regular file, size, time of change in nanoseconds, inode. */
export const FACTS = 4;

/** What a thread answers. */
export interface SmallFilesReply {
  readonly id: number;
  /** What was read or looked at, as it was after that. */
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
    // Linux tells where the open file really is. A file system may keep names in another normal form than they were made in.
    const isThere = fs.readlinkSync(`/proc/self/fd/${fd}`).normalize() === path.normalize();
    if (!isThere) throw Object.assign(new Error('a link is in the way'), { code: 'ELOOP' });
    let at = offset;
    for (const part of parts) {
      for (let done = 0; done < part.length;) {
        const count = fs.writeSync(fd, part, done, part.length - done, at);
        if (count === 0) throw Object.assign(new Error('the system took no byte'), { code: 'ENOSPC' });
        done += count;
        at += count;
      }
    }
  }

  return (job, onPath) => {
    const paths = job.kind === 'look' ? job.paths : job.runs.map(({ path }) => path);
    const facts = new BigInt64Array(NUMBERS * paths.length);
    const note = (index: number, stats: BigIntStats | undefined): void => {
      if (stats?.isFile() !== true) return;
      facts.set([1n, stats.size, stats.mtimeNs, BigInt.asIntN(64, stats.ino)], NUMBERS * index);
    };
    paths.forEach((path, at) => {
      onPath(path);
      if (job.kind === 'look') note(at, fs.lstatSync(path, { bigint: true, throwIfNoEntry: false }));
      const run = job.kind === 'read' ? job.runs[at] : undefined;
      if (job.kind === 'read' && run !== undefined)
        note(
          at,
          withFile(path, O_RDONLY, (fd) => read(fd, job.into, run)),
        );
      const bytes = job.kind === 'write' ? job.runs[at] : undefined;
      if (bytes !== undefined)
        withFile(path, O_RDWR | O_CREAT, (fd) => {
          write(fd, bytes);
        });
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
