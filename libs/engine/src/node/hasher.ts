import { createHash } from 'node:crypto';
import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import { ShoalError } from '@shoal/protocol';
import { RateLimiter } from '../core/rate-limiter.ts';
import type { Digested, Hasher } from '../shell/ports.ts';
import { withDescriptor } from './descriptors.ts';
import { DIGEST_THREAD_SOURCE, type DigestJob, type DigestReply, type FileSlice } from './digest-thread.ts';

/**
 * Threads that take SHA-256 of bytes in memory, and of files that they read by themselves. Jobs wait at the threads in
 * the order in which they came; they hold no more than the bytes that their callers, who await them, hold anyway.
 */
export interface ThreadHasher extends Hasher {
  /**
   * Reads slices of files one after the other and takes a digest of each run of bytes that ends at a cut.
   * @param cuts distances from the first byte, ascending; the last is usually the sum of the lengths
   * @throws the error of the system, or one with the code `ESHORT` where a file ends before its slice does
   */
  digestFiles(slices: readonly FileSlice[], cuts: readonly number[]): Promise<readonly Uint8Array[]>;
  /** A digest that runs on from call to call; jobs of one stream are done in order. */
  openStream(): DigestStream;
  /** Ends the threads; what is under way fails with `shutting-down`. */
  stop(): Promise<void>;
}

/** A digest that runs over any number of slices. */
export interface DigestStream {
  /** As `digestFiles`, but bytes after the last cut count for the next call. After a failure the stream is of no use. */
  digestFiles(slices: readonly FileSlice[], cuts: readonly number[]): Promise<readonly Uint8Array[]>;
  close(): void;
}

/**
 * Starts a pool of digest threads; each starts when it is first needed.
 * @param options.threads at most so many; two keep up with a 10 Gbit/s network
 */
export function createHasher({ threads = Math.min(2, availableParallelism()) } = {}): ThreadHasher {
  return new DigestPool(threads);
}

/** Hashed in an eighth of a millisecond. */
const QUICK_BYTES = 256 * 1024;
/** What one thread may hash beside all else that it does: a hundredth of its time. */
const HERE_BYTES_PER_SECOND = 20_000_000;

type JobInput = Omit<DigestJob, 'id'>;

class DigestPool implements ThreadHasher {
  readonly #limit: number;
  readonly #threads = new Set<DigestThread>();
  readonly #here = new RateLimiter(HERE_BYTES_PER_SECOND);
  #streams = 0;
  #isStopped = false;

  constructor(limit: number) {
    this.#limit = limit;
  }

  async digest(parts: readonly Uint8Array[]): Promise<Digested> {
    const bytes = sumOf(parts);
    if (this.#mayHashHere(bytes)) return { digest: digestHere(parts), parts };
    const job = { stream: 0, parts: isShared(parts) ? parts : parts.map(ownBuffer), slices: [], cuts: [bytes] };
    const reply = await this.#leastLoaded().run(job, bytes);
    const [digest] = reply.digests;
    if (digest === undefined) throw new Error('invariant: a cut gives a digest');
    return { digest, parts: isShared(parts) ? parts : reply.parts };
  }

  async digestFiles(slices: readonly FileSlice[], cuts: readonly number[]): Promise<readonly Uint8Array[]> {
    const [slice] = slices;
    if (slice !== undefined && slices.length === 1 && cuts.length === 1 && cuts[0] === slice.length) {
      if (this.#mayHashHere(slice.length)) return [digestHere([await readHere(slice)])];
    }
    const job = { stream: 0, parts: [], slices, cuts };
    const reply = await withDescriptor(() => this.#leastLoaded().run(job, sumOf(slices)));
    return reply.digests;
  }

  openStream(): DigestStream {
    const thread = this.#leastLoaded();
    const stream = ++this.#streams;
    thread.streams++;
    let isOpen = true;
    return {
      digestFiles: async (slices, cuts) => {
        const reply = await withDescriptor(() => thread.run({ stream, parts: [], slices, cuts }, sumOf(slices)));
        return reply.digests;
      },
      close: () => {
        if (!isOpen) return;
        isOpen = false;
        thread.streams--;
        thread.drop(stream);
      },
    };
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    await Promise.all([...this.#threads].map((thread) => thread.stop()));
  }

  /**
   * Whether a little is hashed at once, in the caller's thread. As long as there is no more to do than that, threads would
   * cost more to start and to wake than they do.
   */
  #mayHashHere(bytes: number): boolean {
    const nowMs = performance.now();
    if (this.#isStopped || bytes > QUICK_BYTES || this.#here.waitMs(nowMs) > 0) return false;
    this.#here.take(bytes, nowMs);
    return true;
  }

  /** An idle thread, else a new one while there may be more, else the one with the least to do. */
  #leastLoaded(): DigestThread {
    if (this.#isStopped) throw new ShoalError('shutting-down', 'hashing after the threads were stopped');
    let best: DigestThread | undefined;
    for (const thread of this.#threads) if (best === undefined || thread.load < best.load) best = thread;
    if (best !== undefined && (best.load === 0 || this.#threads.size >= this.#limit)) return best;
    const thread = new DigestThread(() => this.#threads.delete(thread));
    this.#threads.add(thread);
    return thread;
  }
}

interface Waiting {
  readonly bytes: number;
  resolve(reply: DigestReply): void;
  reject(error: unknown): void;
}

/** A stream's thread counts as busy even between its jobs, so that two streams do not share one needlessly. */
const STREAM_LOAD = 1 << 20;

class DigestThread {
  /** Streams that live here. */
  streams = 0;
  readonly #worker: Worker;
  readonly #waiting = new Map<number, Waiting>();
  #bytes = 0;
  #jobs = 0;
  #end: ShoalError | undefined;

  constructor(onEnd: () => void) {
    // No execArgv: a loader that the main thread needs for TypeScript would only slow the start of this one.
    this.#worker = new Worker(DIGEST_THREAD_SOURCE, { eval: true, execArgv: [] });
    this.#worker.on('message', (reply: DigestReply) => {
      this.#settle(reply);
    });
    const fail = (cause: unknown): void => {
      onEnd();
      this.#fail(new ShoalError('internal', 'hashing: a digest thread ended unexpectedly', { cause }));
    };
    this.#worker.on('error', fail);
    this.#worker.on('exit', fail);
  }

  get load(): number {
    return this.#bytes + this.streams * STREAM_LOAD;
  }

  run(input: JobInput, bytes: number): Promise<DigestReply> {
    return new Promise((resolve, reject) => {
      if (this.#end !== undefined) {
        reject(this.#end);
        return;
      }
      const job: DigestJob = { id: ++this.#jobs, ...input };
      this.#worker.postMessage(job, transferable(job.parts));
      this.#waiting.set(job.id, { bytes, resolve, reject });
      this.#bytes += bytes;
    });
  }

  drop(stream: number): void {
    this.#worker.postMessage({ drop: stream });
  }

  async stop(): Promise<void> {
    this.#fail(new ShoalError('shutting-down', 'hashing while the threads were stopped'));
    await this.#worker.terminate();
  }

  #settle(reply: DigestReply): void {
    const waiting = this.#waiting.get(reply.id);
    if (waiting === undefined) return;
    this.#waiting.delete(reply.id);
    this.#bytes -= waiting.bytes;
    if (reply.failure === undefined) waiting.resolve(reply);
    else waiting.reject(Object.assign(new Error(reply.failure.message), reply.failure));
  }

  #fail(error: ShoalError): void {
    this.#end ??= error;
    for (const waiting of this.#waiting.values()) waiting.reject(this.#end);
    this.#waiting.clear();
    this.#bytes = 0;
  }
}

/** Memory that the threads read where it lies. */
function isShared(parts: readonly Uint8Array[]): boolean {
  return parts.every(({ buffer }) => buffer instanceof SharedArrayBuffer);
}

function digestHere(parts: readonly Uint8Array[]): Uint8Array {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return new Uint8Array(hash.digest());
}

const READ_FLAGS = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;

/** As a thread reads it. */
async function readHere({ path, offset, length }: FileSlice): Promise<Uint8Array> {
  const file = await withDescriptor(() => open(path, READ_FLAGS));
  try {
    const bytes = new Uint8Array(length);
    const { bytesRead } = await file.read(bytes, 0, length, offset);
    if (bytesRead < length) throw Object.assign(new Error('the file ends too early'), { code: 'ESHORT', path });
    return bytes;
  } finally {
    await file.close();
  }
}

/** A block's frame header may lie before the bytes. */
const SLACK_BYTES = 64;
/** Below this a copy costs less than handing over, and memory is often shared. */
const SMALL_PART_BYTES = 4096;

/**
 * The part itself when it has its memory to itself, so that it can be handed over; else a copy, because a small frame may
 * be a view into a chunk of the socket or into Node's buffer pool that others still read.
 */
function ownBuffer(part: Uint8Array): Uint8Array {
  const isAlone = part.byteLength > SMALL_PART_BYTES && part.byteLength + SLACK_BYTES >= part.buffer.byteLength;
  return isAlone && part.buffer instanceof ArrayBuffer ? part : new Uint8Array(part);
}

function transferable(parts: readonly Uint8Array[]): ArrayBuffer[] {
  return parts.map((part) => part.buffer).filter((buffer) => buffer instanceof ArrayBuffer);
}

function sumOf(runs: readonly { readonly length: number }[]): number {
  return runs.reduce((sum, { length }) => sum + length, 0);
}
