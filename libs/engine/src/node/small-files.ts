import { Worker } from 'node:worker_threads';
import { ShoalError } from '@shoal/protocol';
import { forEachBounded } from './bounded-work.ts';
import { withDescriptor } from './descriptors.ts';
import { factsIn, sightAt, type FileFacts } from './file-facts.ts';
import {
  SMALL_FILES_THREAD_SOURCE,
  type SmallFilesJob,
  type SmallFilesReply,
  type SmallRun,
  type SmallWrite,
} from './small-files-thread.ts';

/** One is enough for files that are in memory; the other reads on while it waits for the disk. */
const THREADS = 2;
/** Paths that are looked at in one job: other jobs wait no longer than for that. */
const LOOKS_A_JOB = 1_000;

type Task = SmallFilesJob extends infer J ? (J extends SmallFilesJob ? Omit<J, 'id'> : never) : never;

/**
 * Opens, reads and writes small files by the hundred, in threads that make these calls one after the other. Made from the
 * main thread each call would cost it more than the bytes do. Failures have the system's code; a link in the way of what
 * is written is `ELOOP`.
 */
export class SmallFiles {
  readonly #threads: SmallFilesThread[] = [];
  #isStopped = false;

  /**
   * Reads runs into memory; what threads cannot share is filled by a copy.
   * @returns how each file was after that
   * @throws the error of the system, or one with the code `ESHORT`
   */
  async read(runs: readonly SmallRun[], into: Uint8Array): Promise<readonly (FileFacts | undefined)[]> {
    const isShared = into.buffer instanceof SharedArrayBuffer;
    const shared = isShared ? into : new Uint8Array(new SharedArrayBuffer(into.length));
    const { facts } = await withDescriptor(() => this.#leastLoaded().run({ kind: 'read', runs, into: shared }));
    if (!isShared) for (const { at, length } of runs) into.set(shared.subarray(at, at + length), at);
    return runs.map((_, at) => factsIn(sightAt(facts, at)));
  }

  /** Writes runs; their folders must be there. The bytes must stay as they are until it resolves. */
  async write(runs: readonly SmallWrite[]): Promise<void> {
    await withDescriptor(() => this.#leastLoaded().run({ kind: 'write', runs }));
  }

  /** Looks at every path, links not followed; undefined where no regular file stands. */
  async look(paths: readonly string[]): Promise<(FileFacts | undefined)[]> {
    const found = new Array<FileFacts | undefined>(paths.length);
    const jobs = Array.from({ length: Math.ceil(paths.length / LOOKS_A_JOB) }, (_, job) => job * LOOKS_A_JOB);
    await forEachBounded(jobs, THREADS, async (begin) => {
      const some = paths.slice(begin, begin + LOOKS_A_JOB);
      const { facts } = await this.#leastLoaded().run({ kind: 'look', paths: some.join('\0') });
      for (const at of some.keys()) found[begin + at] = factsIn(sightAt(facts, at));
    });
    return found;
  }

  /** Ends the threads; what is under way fails with `shutting-down`. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    await Promise.all(this.#threads.map((thread) => thread.stop()));
  }

  #leastLoaded(): SmallFilesThread {
    if (this.#isStopped) throw new ShoalError('shutting-down', 'using files after the threads were stopped');
    const [best] = [...this.#threads].sort((a, b) => a.load - b.load);
    if (best !== undefined && (best.load === 0 || this.#threads.length >= THREADS)) return best;
    const thread = new SmallFilesThread(() => this.#threads.splice(this.#threads.indexOf(thread), 1));
    this.#threads.push(thread);
    return thread;
  }
}

interface Waiting {
  resolve(reply: SmallFilesReply): void;
  reject(error: unknown): void;
}

class SmallFilesThread {
  readonly #worker: Worker;
  readonly #waiting = new Map<number, Waiting>();
  #jobs = 0;
  #end: ShoalError | undefined;

  constructor(onEnd: () => void) {
    // No execArgv: a loader that the main thread needs for TypeScript would only slow the start of this one.
    this.#worker = new Worker(SMALL_FILES_THREAD_SOURCE, { eval: true, execArgv: [] });
    this.#worker.on('message', (reply: SmallFilesReply) => {
      this.#settle(reply);
    });
    const fail = (cause: unknown): void => {
      onEnd();
      this.#fail(new ShoalError('internal', 'using files: their thread ended unexpectedly', { cause }));
    };
    this.#worker.on('error', fail);
    this.#worker.on('exit', fail);
  }

  /** Jobs that wait. */
  get load(): number {
    return this.#waiting.size;
  }

  run(task: Task): Promise<SmallFilesReply> {
    return new Promise((resolve, reject) => {
      if (this.#end !== undefined) {
        reject(this.#end);
        return;
      }
      const id = ++this.#jobs;
      this.#worker.postMessage({ id, ...task } satisfies SmallFilesJob);
      this.#waiting.set(id, { resolve, reject });
    });
  }

  async stop(): Promise<void> {
    this.#fail(new ShoalError('shutting-down', 'using files while their threads were stopped'));
    await this.#worker.terminate();
  }

  #settle(reply: SmallFilesReply): void {
    const waiting = this.#waiting.get(reply.id);
    this.#waiting.delete(reply.id);
    if (reply.failure === undefined) waiting?.resolve(reply);
    else waiting?.reject(Object.assign(new Error(`${reply.failure.path}: ${reply.failure.message}`), reply.failure));
  }

  #fail(error: ShoalError): void {
    this.#end ??= error;
    for (const waiting of this.#waiting.values()) waiting.reject(this.#end);
    this.#waiting.clear();
  }
}
