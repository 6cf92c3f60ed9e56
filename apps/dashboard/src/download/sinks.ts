/**
 * The places that a browser offers for a large file, best first: a file that the person picks, written as it comes; a file
 * of the page's own on the same disk, handed over as a download at the end; memory, which the browser pages out as it
 * likes. The first two are there in secure contexts only (https, and this machine).
 */
import { ShoalError } from '@shoal/protocol';
import type { Sink } from './sink.ts';

/** What a page may take of the browser's memory for one file. */
export const MEMORY_BYTES = 1024 * 1024 * 1024;

/** A file to be written: its name for people, and its bytes. */
export interface WantedFile {
  readonly name: string;
  readonly length: number;
}

/** What the browser has, as arguments, so that tests can give it. */
export interface BrowserPlaces {
  /** Asks the person for a place; rejects with `AbortError` when there is none to be. */
  readonly pick?: (options: { suggestedName: string }) => Promise<FileSystemFileHandle>;
  /** The folder of the page's own. */
  readonly ownFolder?: () => Promise<FileSystemDirectoryHandle>;
  /** Gives a file to the person as the browser gives any download. */
  readonly handOver: (content: Blob, name: string) => void;
  readonly now: () => number;
}

/**
 * Chooses where a file goes. To be called in the click that asked for it: browsers let nobody else ask for a place.
 * @returns undefined when the person changed their mind
 * @throws ShoalError `disk-full` when the file is too large for what is there, `storage-failed`
 */
export async function openSink(file: WantedFile, places: BrowserPlaces): Promise<Sink | undefined> {
  if (places.pick !== undefined) return pickedFile(file, places.pick);
  const own = places.ownFolder === undefined ? undefined : await ownFile(file, places, places.ownFolder);
  return own ?? inMemory(file, places);
}

async function pickedFile({ name }: WantedFile, pick: NonNullable<BrowserPlaces['pick']>): Promise<Sink | undefined> {
  let handle: FileSystemFileHandle;
  try {
    handle = await pick({ suggestedName: name });
  } catch (error) {
    if (error instanceof DOMException && error.name === 'AbortError') return undefined;
    throw refusal(error);
  }
  const sink = await fileSink(handle, 'to the file that you picked');
  return { ...sink, deliver: () => Promise.resolve() };
}

/** So old a file of ours is left over, from a page that was closed meanwhile. */
const LEFT_OVER_MS = 24 * 60 * 60 * 1000;
const OWN_NAME = /^shoal-(\d+)-/;

/** Undefined where the browser has no such folder, or cannot write in it as we do, or lacks the room. */
async function ownFile(
  { name }: WantedFile,
  { handOver, now }: BrowserPlaces,
  ownFolder: NonNullable<BrowserPlaces['ownFolder']>,
): Promise<Sink | undefined> {
  try {
    const folder = await ownFolder();
    await removeLeftOvers(folder, now());
    const ownName = `shoal-${now()}-${crypto.randomUUID()}`;
    const handle = await folder.getFileHandle(ownName, { create: true });
    const sink = await fileSink(handle, 'to the disk, by way of the browser’s own folder');
    return {
      ...sink,
      deliver: async () => {
        handOver(await handle.getFile(), name);
      },
      discard: async () => {
        await sink.discard();
        await folder.removeEntry(ownName).catch(() => undefined);
      },
    };
  } catch {
    return undefined;
  }
}

/** What was handed over is read by the browser for as long as it likes: so it is removed a day later. */
async function removeLeftOvers(folder: FileSystemDirectoryHandle, nowMs: number): Promise<void> {
  for await (const name of folder.keys()) {
    const madeMs = Number(OWN_NAME.exec(name)?.[1] ?? nowMs);
    if (nowMs - madeMs > LEFT_OVER_MS) await folder.removeEntry(name).catch(() => undefined);
  }
}

/** A file that is written at positions; what is written takes its place when it is sealed. */
async function fileSink(handle: FileSystemFileHandle, where: string): Promise<Omit<Sink, 'deliver'>> {
  const stream = await handle.createWritable().catch((error: unknown) => {
    throw refusal(error);
  });
  let isOpen = true;
  const attempt = async <T>(act: () => Promise<T>): Promise<T> => {
    try {
      return await act();
    } catch (error) {
      throw refusal(error);
    }
  };
  return {
    where,
    write: (position, bytes) => attempt(() => stream.write({ type: 'write', position, data: bytes })),
    seal: () =>
      attempt(async () => {
        isOpen = false;
        await stream.close();
        return handle.getFile();
      }),
    discard: async () => {
      if (isOpen) await stream.abort();
      else await emptied(handle);
      isOpen = false;
    },
  };
}

/** A file that turned out wrong must not look like one that is right. */
async function emptied(handle: FileSystemFileHandle): Promise<void> {
  const stream = await handle.createWritable();
  await stream.close();
}

/** Blobs rather than buffers: a browser may put them on its disk. */
function inMemory({ name, length }: WantedFile, { handOver }: BrowserPlaces): Sink {
  if (length > MEMORY_BYTES) {
    const most = `${MEMORY_BYTES / 1024 ** 3} GiB`;
    throw new ShoalError(
      'disk-full',
      `this browser lets this page write no file, so it can hold ${most} at most; open the page over https or on the tracker’s own machine, use another browser, or download with shoal`,
    );
  }
  const parts = new Map<number, Blob>();
  let whole = new Blob();
  return {
    where: 'to the memory of the browser, until it is complete',
    write: (position, bytes) => {
      parts.set(position, new Blob([bytes]));
      return Promise.resolve();
    },
    seal: () => {
      whole = new Blob([...parts].sort(([a], [b]) => a - b).map(([, part]) => part));
      parts.clear();
      return Promise.resolve(whole);
    },
    deliver: () => {
      handOver(whole, name);
      return Promise.resolve();
    },
    discard: () => {
      parts.clear();
      whole = new Blob();
      return Promise.resolve();
    },
  };
}

function refusal(cause: unknown): ShoalError {
  const name = cause instanceof DOMException ? cause.name : '';
  if (name === 'QuotaExceededError') {
    return new ShoalError('disk-full', 'the browser or the disk has no room for this file', { cause });
  }
  if (name === 'NotAllowedError' || name === 'SecurityError') {
    return new ShoalError('storage-failed', 'the browser does not let this page write there', { cause });
  }
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new ShoalError('storage-failed', `the browser could not write the file: ${reason}`, { cause });
}
