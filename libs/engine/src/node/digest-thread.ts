/** A run of bytes of a file on disk. */
export interface FileSlice {
  readonly path: string;
  readonly offset: number;
  readonly length: number;
}

/** What a digest thread is asked: bytes that it is given, or bytes of files that it reads by itself. */
export interface DigestJob {
  readonly id: number;
  /** Jobs of the same stream continue one running digest; 0 is a job of its own. */
  readonly stream: number;
  readonly parts: readonly Uint8Array[];
  readonly slices: readonly FileSlice[];
  /** Distances from the job's first byte at which a digest is taken and the next begins; ascending. */
  readonly cuts: readonly number[];
}

/** What a digest thread answers. */
export interface DigestReply {
  readonly id: number;
  readonly parts: readonly Uint8Array[];
  /** One digest a cut. */
  readonly digests: readonly Uint8Array[];
  readonly failure?: DigestFailure;
}

/** What was thrown in the thread. An Error would lose its code on the way out. */
interface DigestFailure {
  readonly message: string;
  /** The file that was being read. */
  readonly path: string;
  /** The system's code; `ESHORT` when a file ends before its slice does. */
  readonly code: string;
}

/** Ends a stream whose digest nobody wants any more. */
interface DropStream {
  readonly drop: number;
}

/*
 * The two functions below are the whole program of a digest thread. They are sent to the worker as text, so that it works
 * alike from TypeScript sources and from an agent that is bundled into one file; for that they must not refer to anything
 * outside themselves.
 */

type SliceReader = (slice: FileSlice, take: (bytes: Uint8Array) => void) => void;

function createSliceReader(): SliceReader {
  const { closeSync, constants, openSync, readSync } = process.getBuiltinModule('node:fs');
  const flags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;
  const chunk = new Uint8Array(1 << 20);

  return ({ path, offset, length }, take) => {
    const file = openSync(path, flags);
    try {
      for (let done = 0; done < length;) {
        const count = readSync(file, chunk, 0, Math.min(chunk.length, length - done), offset + done);
        if (count === 0) throw Object.assign(new Error('the file ends too early'), { code: 'ESHORT' });
        take(chunk.subarray(0, count));
        done += count;
      }
    } finally {
      closeSync(file);
    }
  };
}

function runDigestThread(readSlice: SliceReader): void {
  const { createHash } = process.getBuiltinModule('node:crypto');
  const { parentPort } = process.getBuiltinModule('node:worker_threads');
  const streams = new Map<number, ReturnType<typeof createHash>>();
  let reading = '';

  function digest({ stream, parts, slices, cuts }: DigestJob): Uint8Array[] {
    const digests: Uint8Array[] = [];
    // A copy, so that a job that fails can be done again.
    let hash = streams.get(stream)?.copy() ?? createHash('sha256');
    let position = 0;
    const take = (bytes: Uint8Array): void => {
      let used = 0;
      for (
        let cut = cuts[digests.length];
        cut !== undefined && cut <= position + bytes.length;
        cut = cuts[digests.length]
      ) {
        hash.update(bytes.subarray(used, cut - position));
        used = cut - position;
        digests.push(new Uint8Array(hash.digest()));
        hash = createHash('sha256');
      }
      hash.update(bytes.subarray(used));
      position += bytes.length;
    };
    for (const part of parts) take(part);
    for (const slice of slices) {
      reading = slice.path;
      readSlice(slice, take);
    }
    take(new Uint8Array(0));
    if (stream !== 0) streams.set(stream, hash);
    return digests;
  }

  parentPort?.on('message', (job: DigestJob | DropStream) => {
    if ('drop' in job) {
      streams.delete(job.drop);
      return;
    }
    const { id } = job;
    // Shared memory is where it was; other memory was handed over, and goes back.
    const parts = job.parts.filter((part) => part.buffer instanceof ArrayBuffer);
    const buffers = parts.map((part) => part.buffer).filter((buffer) => buffer instanceof ArrayBuffer);
    try {
      parentPort.postMessage({ id, parts, digests: digest(job) } satisfies DigestReply, buffers);
    } catch (error) {
      const { message, code = '' }: NodeJS.ErrnoException = error instanceof Error ? error : new Error(String(error));
      const failure = { message, code, path: reading };
      parentPort.postMessage({ id, parts, digests: [], failure } satisfies DigestReply, buffers);
    }
  });
}

/** The program as text. Some compilers wrap functions in `__name`, which does not exist in the worker. */
export const DIGEST_THREAD_SOURCE = `const __name = (f) => f; (${String(runDigestThread)})((${String(createSliceReader)})());`;
