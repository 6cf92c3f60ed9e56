/** Paths with a NUL between them, which none contains: one long text gets to a thread sooner than many short ones. */
type JoinedPaths = string;

/** Files laid end to end, and the digests that are wanted of them. All memory is shared by the threads that do it. */
export interface HashPlan {
  readonly paths: JoinedPaths;
  /** Where each file ends when they are laid end to end. */
  readonly fileEnds: Float64Array;
  /** What is read at a time. */
  readonly windowBytes: number;
  /** Room for some windows. */
  readonly ring: Uint8Array;
  /** How far it is: `RING_STATE` numbers and one for each window in the ring. */
  readonly state: Int32Array;
}

/** Runs of bytes, one after the other without a gap, of which one thread takes the digests. */
export interface DigestRuns {
  readonly ends: Float64Array;
  /** Room for 32 bytes each. */
  readonly digests: Uint8Array;
}

/** What a thread is asked: to look at files, or to do its part in hashing them. */
export type ShareJob =
  | { readonly id: number; readonly look: LookPlan }
  /** `part` is 0 or 1, another one in each of the two threads that work on a plan. */
  | { readonly id: number; readonly hash: HashPlan; readonly runs: DigestRuns; readonly part: number };

/** Files to look at; the threads take turns. */
export interface LookPlan {
  readonly paths: JoinedPaths;
  /** The first that nobody looks at yet. */
  readonly next: Int32Array;
  /** For each file 1 for a regular file, 2 for something else, 0 for nothing; then size, time of change, and inode. */
  readonly facts: BigInt64Array;
}

/** What a thread answers: how many bytes it has behind it, or that a job is at its end. */
export type ShareReply =
  | { readonly id: number; readonly bytesDone: number }
  | { readonly id: number; readonly failure: ReadFailure | undefined };

/** What was thrown in the thread. An Error would lose its code on the way out. */
interface ReadFailure {
  readonly message: string;
  /** The file that was looked at or read. */
  readonly path: string;
  /** The system's code; `ESHORT` when a file ends before its time. */
  readonly code: string;
}

/** Where in the state stand: the next window to read, how many windows each thread has hashed, whether to stop. */
export const RING_STATE = { next: 0, hashed: 1, stop: 3, filled: 4 } as const;

/*
 * The functions below are the whole program of a thread. They are sent to the worker as text, so that it works alike from
 * TypeScript sources and from a bundled agent; for that each must get from outside what it refers to.
 */

/** Reads windows of files laid end to end; must be asked for them in ascending order. */
export function createWindowReader({ paths: joined, fileEnds, windowBytes }: HashPlan, onFile: (path: string) => void) {
  const { closeSync, constants, openSync, readSync } = process.getBuiltinModule('node:fs');
  const flags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;
  const paths = joined.split('\0');
  let first = 0;

  const readSlice = (path: string, offset: number, into: Uint8Array): void => {
    onFile(path);
    const file = openSync(path, flags);
    try {
      for (let done = 0; done < into.length;) {
        const count = readSync(file, into, done, into.length - done, offset + done);
        if (count === 0) throw Object.assign(new Error('the file ends too early'), { code: 'ESHORT' });
        done += count;
      }
    } finally {
      closeSync(file);
    }
  };

  return (window: number, into: Uint8Array): void => {
    const begin = window * windowBytes;
    while ((fileEnds[first] ?? Infinity) <= begin) first++;
    let done = 0;
    for (let file = first; done < into.length; file++) {
      const fileBegin = fileEnds[file - 1] ?? 0;
      const length = Math.min((fileEnds[file] ?? 0) - begin, into.length) - done;
      if (length > 0) readSlice(paths[file] ?? '', begin + done - fileBegin, into.subarray(done, done + length));
      done += length;
    }
  };
}

/** Takes digests of runs of the bytes that it is given one after the other. */
export function createRunHasher({ ends, digests }: DigestRuns) {
  const { createHash } = process.getBuiltinModule('node:crypto');
  let hash = createHash('sha256');
  let run = 0;
  let position = 0;

  return (bytes: Uint8Array): void => {
    let used = 0;
    for (let end = ends[run]; end !== undefined && end <= position + bytes.length; end = ends[run]) {
      hash.update(bytes.subarray(used, end - position));
      digests.set(hash.digest(), 32 * run++);
      used = end - position;
      hash = createHash('sha256');
    }
    if (used < bytes.length) hash.update(bytes.subarray(used));
    position += bytes.length;
  };
}

/** The way of one of two threads along all windows. */
interface RingPart {
  readonly plan: HashPlan;
  readonly part: number;
  readonly at: typeof RING_STATE;
  readonly read: (window: number, into: Uint8Array) => void;
  readonly take: (bytes: Uint8Array) => void;
  readonly onDone: (bytes: number) => void;
}

/**
 * Both threads hash every window, each in its own runs, and every window is read once: by whichever of the two comes
 * upon it first. While the other still reads the window that a thread wants, it reads the one after.
 */
function followRing({ plan, part, at, read, take, onDone }: RingPart): void {
  const { fileEnds, windowBytes, ring, state } = plan;
  const totalBytes = fileEnds[fileEnds.length - 1] ?? 0;
  const count = Math.ceil(totalBytes / windowBytes);
  const slots = state.length - at.filled;
  const waitMs = 100;
  const viewOf = (window: number): Uint8Array => {
    const begin = (window % slots) * windowBytes;
    return ring.subarray(begin, begin + Math.min(windowBytes, totalBytes - window * windowBytes));
  };
  const isStopped = (): boolean => Atomics.load(state, at.stop) === 1;

  /** Whether it is worth while to look again at once. */
  const readNext = (): boolean => {
    const window = Atomics.load(state, at.next);
    const hashed = Math.min(Atomics.load(state, at.hashed), Atomics.load(state, at.hashed + 1));
    if (window === count || window - hashed >= slots) return false;
    if (Atomics.compareExchange(state, at.next, window, window + 1) !== window) return true;
    read(window, viewOf(window));
    const slot = at.filled + (window % slots);
    Atomics.store(state, slot, window + 1);
    Atomics.notify(state, slot);
    return true;
  };

  for (let window = 0; window < count; window++) {
    const slot = at.filled + (window % slots);
    for (let seen = Atomics.load(state, slot); seen !== window + 1; seen = Atomics.load(state, slot)) {
      if (isStopped()) return;
      if (!readNext()) Atomics.wait(state, slot, seen, waitMs);
    }
    take(viewOf(window));
    Atomics.store(state, at.hashed + part, window + 1);
    onDone(Math.min((window + 1) * windowBytes, totalBytes));
  }
}

/** Looks at files, some at a time, until all threads together have looked at all. */
function lookAtFiles({ paths: joined, next, facts }: LookPlan, onFile: (path: string) => void): void {
  const { lstatSync } = process.getBuiltinModule('node:fs');
  const paths = joined.split('\0');
  const some = 64;
  for (let begin = Atomics.add(next, 0, some); begin < paths.length; begin = Atomics.add(next, 0, some)) {
    for (const [offset, path] of paths.slice(begin, begin + some).entries()) {
      onFile(path);
      const stats = lstatSync(path, { bigint: true, throwIfNoEntry: false });
      if (stats === undefined) continue;
      facts.set([stats.isFile() ? 1n : 2n, stats.size, stats.mtimeNs, stats.ino], 4 * (begin + offset));
    }
  }
}

interface Parts {
  readonly createWindowReader: typeof createWindowReader;
  readonly createRunHasher: typeof createRunHasher;
  readonly followRing: typeof followRing;
  readonly lookAtFiles: typeof lookAtFiles;
  readonly at: typeof RING_STATE;
}

function runShareThread(parts: Parts): void {
  const { parentPort } = process.getBuiltinModule('node:worker_threads');
  const { at } = parts;
  const answer = (reply: ShareReply): void => parentPort?.postMessage(reply);
  let path = '';
  const onFile = (current: string): void => {
    path = current;
  };

  const work = (job: ShareJob): void => {
    if ('look' in job) {
      parts.lookAtFiles(job.look, onFile);
      return;
    }
    parts.followRing({
      plan: job.hash,
      part: job.part,
      at,
      read: parts.createWindowReader(job.hash, onFile),
      take: parts.createRunHasher(job.runs),
      onDone: (bytesDone) => {
        if (job.part === 0) answer({ id: job.id, bytesDone });
      },
    });
  };

  parentPort?.on('message', (job: ShareJob) => {
    try {
      work(job);
      answer({ id: job.id, failure: undefined });
    } catch (error) {
      const { message, code = '' }: NodeJS.ErrnoException = error instanceof Error ? error : new Error(String(error));
      answer({ id: job.id, failure: { message, code, path } });
    }
  });
}

/** The program as text. Some compilers wrap functions in `__name`, which does not exist in the worker. */
export const SHARE_THREAD_SOURCE = `const __name = (f) => f; (${String(runShareThread)})({
  createWindowReader: ${String(createWindowReader)}, createRunHasher: ${String(createRunHasher)},
  followRing: ${String(followRing)}, lookAtFiles: ${String(lookAtFiles)}, at: ${JSON.stringify(RING_STATE)} });`;
