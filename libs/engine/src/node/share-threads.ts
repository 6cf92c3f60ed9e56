import { Worker } from 'node:worker_threads';
import { ShoalError } from '@shoal/protocol';
import { SIGHT_NUMBERS, sightAt, type Sight } from './file-facts.ts';
import {
  createRunHasher,
  createWindowReader,
  RING_STATE,
  SHARE_THREAD_SOURCE,
  type DigestRuns,
  type HashPlan,
  type ShareJob,
  type ShareReply,
} from './share-hash-program.ts';

/** One reads and hashes files, the other reads them as well and hashes pieces: each byte has two digests. */
const THREADS = 2;
/** What is read at a time: fits in the cache of a core, so that the other one finds it near. */
const WINDOW_BYTES = 1024 * 1024;
const WINDOWS = 6;
const DIGEST_BYTES = 32;

/** Files laid end to end, and where their pieces end. */
export interface BytesToHash {
  readonly paths: readonly string[];
  readonly fileEnds: Float64Array;
  readonly pieceEnds: Float64Array;
}

/** The digests of files and of pieces, 32 bytes each. */
export interface ByteDigests {
  readonly files: Uint8Array;
  readonly pieces: Uint8Array;
}

/** Who wants to know how far it is, and may end it. */
export interface HashWatch {
  readonly onBytes: (bytesDone: number) => void;
  readonly signal: AbortSignal | undefined;
}

/** Two threads that look at files and hash them; they start when first needed, or sooner. Failures have the system's code. */
export class ShareThreads {
  #threads: ShareThread[] = [];
  #jobs = 0;

  /** Has what does not run yet start meanwhile. */
  start(): void {
    this.#threads = this.#threads.filter((thread) => !thread.hasEnded);
    while (this.#threads.length < THREADS) this.#threads.push(new ShareThread());
  }

  /** Looks at every path, links not followed. */
  async look(paths: readonly string[]): Promise<Sight[]> {
    const facts = new BigInt64Array(new SharedArrayBuffer(8 * SIGHT_NUMBERS * paths.length));
    const next = new Int32Array(new SharedArrayBuffer(4));
    const id = ++this.#jobs;
    await this.#runAll(() => ({ id, look: { paths: join(paths), next, facts } }));
    return paths.map((_, at) => sightAt(facts, at));
  }

  /** Reads every byte once and takes its two digests. Throws the signal's reason. */
  async hash(bytes: BytesToHash, { onBytes, signal }: HashWatch): Promise<ByteDigests> {
    const plan = planOf(bytes);
    const runs = runsOf(bytes);
    const stop = (): void => {
      Atomics.store(plan.state, RING_STATE.stop, 1);
    };
    const id = ++this.#jobs;
    signal?.throwIfAborted();
    signal?.addEventListener('abort', stop);
    try {
      await this.#runAll((part) => ({ id, hash: plan, part, runs: runs[part === 0 ? 'files' : 'pieces'] }), {
        onBytes,
        onFailure: stop,
      });
    } finally {
      signal?.removeEventListener('abort', stop);
    }
    signal?.throwIfAborted();
    return { files: runs.files.digests, pieces: runs.pieces.digests };
  }

  /** Ends the threads; what is under way fails with `shutting-down`. */
  async stop(): Promise<void> {
    await Promise.all(this.#threads.splice(0).map((thread) => thread.stop()));
  }

  async #runAll(jobOf: (part: number) => ShareJob, { onBytes, onFailure }: JobWatch = DEAF): Promise<void> {
    this.start();
    const runs = this.#threads.map(async (thread, part) => {
      try {
        await thread.run(jobOf(part), onBytes);
      } catch (error) {
        onFailure();
        throw error;
      }
    });
    for (const outcome of await Promise.allSettled(runs)) if (outcome.status === 'rejected') throw outcome.reason;
  }
}

interface JobWatch {
  readonly onBytes: (bytesDone: number) => void;
  /** The other thread would wait for this one. */
  readonly onFailure: () => void;
}

/** Hashes what fits into one window here: to start threads would take longer. Blocks for some milliseconds at most. */
export function hashOneWindow(bytes: BytesToHash): ByteDigests {
  const plan = planOf(bytes);
  const runs = runsOf(bytes);
  const window = plan.ring.subarray(0, totalOf(bytes));
  createWindowReader(plan, ignore)(0, window);
  createRunHasher(runs.files)(window);
  createRunHasher(runs.pieces)(window);
  return { files: runs.files.digests, pieces: runs.pieces.digests };
}

/** Whether `hashOneWindow` may be asked. */
export function isOneWindow(bytes: BytesToHash): boolean {
  return totalOf(bytes) <= WINDOW_BYTES;
}

function planOf({ paths, fileEnds, pieceEnds }: BytesToHash): HashPlan {
  const slots = Math.min(WINDOWS, Math.ceil(totalOf({ paths, fileEnds, pieceEnds }) / WINDOW_BYTES));
  return {
    paths: join(paths),
    fileEnds,
    windowBytes: WINDOW_BYTES,
    ring: new Uint8Array(new SharedArrayBuffer(slots * WINDOW_BYTES)),
    state: new Int32Array(new SharedArrayBuffer(4 * (RING_STATE.filled + slots))),
  };
}

function join(paths: readonly string[]): string {
  return paths.join('\0');
}

function runsOf({ fileEnds, pieceEnds }: BytesToHash): Record<'files' | 'pieces', DigestRuns> {
  const roomFor = (ends: Float64Array): Uint8Array => new Uint8Array(new SharedArrayBuffer(DIGEST_BYTES * ends.length));
  return {
    files: { ends: fileEnds, digests: roomFor(fileEnds) },
    pieces: { ends: pieceEnds, digests: roomFor(pieceEnds) },
  };
}

function totalOf({ fileEnds }: BytesToHash): number {
  return fileEnds.at(-1) ?? 0;
}

interface Waiting {
  readonly onBytes: (bytesDone: number) => void;
  resolve(): void;
  reject(error: unknown): void;
}

class ShareThread {
  readonly #worker: Worker;
  readonly #waiting = new Map<number, Waiting>();
  #end: ShoalError | undefined;

  constructor() {
    // No execArgv: a loader that the main thread needs for TypeScript would only slow the start of this one.
    this.#worker = new Worker(SHARE_THREAD_SOURCE, { eval: true, execArgv: [] });
    this.#worker.on('message', (reply: ShareReply) => {
      this.#settle(reply);
    });
    const fail = (cause: unknown): void => {
      this.#fail(new ShoalError('internal', 'hashing: a thread ended unexpectedly', { cause }));
    };
    this.#worker.on('error', fail);
    this.#worker.on('exit', fail);
  }

  get hasEnded(): boolean {
    return this.#end !== undefined;
  }

  run(job: ShareJob, onBytes: (bytesDone: number) => void): Promise<void> {
    return new Promise((resolve, reject) => {
      if (this.#end !== undefined) {
        reject(this.#end);
        return;
      }
      this.#waiting.set(job.id, { onBytes, resolve, reject });
      this.#worker.postMessage(job);
    });
  }

  async stop(): Promise<void> {
    this.#fail(new ShoalError('shutting-down', 'hashing while the threads were stopped'));
    await this.#worker.terminate();
  }

  #settle(reply: ShareReply): void {
    const waiting = this.#waiting.get(reply.id);
    if (waiting === undefined) return;
    if ('bytesDone' in reply) {
      waiting.onBytes(reply.bytesDone);
      return;
    }
    this.#waiting.delete(reply.id);
    if (reply.failure === undefined) waiting.resolve();
    else waiting.reject(Object.assign(new Error(reply.failure.message), reply.failure));
  }

  #fail(error: ShoalError): void {
    this.#end ??= error;
    for (const waiting of this.#waiting.values()) waiting.reject(this.#end);
    this.#waiting.clear();
  }
}

const ignore = (): void => undefined;
const DEAF: JobWatch = { onBytes: ignore, onFailure: ignore };
