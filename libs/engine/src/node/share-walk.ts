import type { Dirent } from 'node:fs';
import { lstat, readdir, realpath } from 'node:fs/promises';
import { basename, resolve, sep } from 'node:path';
import { LIMITS, refusePaths, refuseSegment, ShoalError } from '@shoal/protocol';
import { readError } from './file-errors.ts';
import type { FileFacts, Sight } from './file-facts.ts';

const SURROGATE = /[\ud800-\udfff]/;

/** A file that is to be shared. */
export interface FoundFile {
  /** Where it is. */
  readonly location: string;
  /** Its path below the share's name. */
  readonly path: readonly string[];
  readonly facts: FileFacts;
}

/** What is to be shared. */
export interface FoundShare {
  readonly name: string;
  /** Folder by folder, names in the order of their code points: the same everywhere. */
  readonly files: readonly FoundFile[];
  readonly totalBytes: number;
}

/** How to walk. */
export interface Walking {
  /** Looks at every path, links not followed. */
  readonly look: (paths: readonly string[]) => Promise<readonly Sight[]>;
  /** Told again and again how many files and folders were found until then. */
  readonly onFound?: ((entries: number) => void) | undefined;
  readonly signal: AbortSignal | undefined;
}

/**
 * Finds every file of what a person wants to share. The path to it may go over links, what is inside may not.
 * @throws ShoalError `not-found`, `unreadable`, `unshareable-file`, `unsafe-path`, `empty-share`, `too-large`
 */
export async function walkShare(path: string, { look, signal, onFound }: Walking): Promise<FoundShare> {
  const name = basename(resolve(path));
  refuse(path, refuseSegment(name));
  const entries = await findEntries(path, name, { signal, onFound });
  refuse(path, refusePaths(entries.map((entry) => entry.path)));
  const sights = await reading(path, look(entries.map(({ location }) => location)));
  const files = entries.map((entry, at): FoundFile => {
    const facts = sights[at];
    if (typeof facts !== 'object') throw unshareable(entry.location);
    return { location: entry.location, path: entry.path, facts };
  });
  const totalBytes = files.reduce((sum, { facts }) => sum + facts.size, 0);
  if (totalBytes === 0) throw new ShoalError('empty-share', `sharing ${path}: there is not a single byte in it`);
  return { name, files, totalBytes };
}

type Entry = Omit<FoundFile, 'facts'>;

async function findEntries(path: string, name: string, { signal, onFound }: Omit<Walking, 'look'>): Promise<Entry[]> {
  const root = await reading(path, realpath(path));
  if (!(await reading(root, lstat(root))).isDirectory()) return [{ location: root, path: [name] }];
  const found: Entry[] = [];
  /** Entries still to look at, the next one last. */
  const waiting = await listFolder({ location: root, path: [] });
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    signal?.throwIfAborted();
    const { dirent, ...entry } = next;
    if (dirent.isDirectory()) {
      waiting.push(...(await listFolder(entry)));
      onFound?.(found.length + waiting.length);
    } else if (dirent.isFile()) found.push(entry);
    else throw unshareable(entry.location);
    if (found.length > LIMITS.files) {
      throw new ShoalError('too-large', `sharing ${path}: more than ${LIMITS.files} files`);
    }
  }
  return found;
}

/** What is in a folder, last name first. */
async function listFolder({ location, path }: Entry): Promise<(Entry & { readonly dirent: Dirent })[]> {
  if (path.length >= LIMITS.pathDepth) refuse(location, `it is deeper than ${LIMITS.pathDepth} folders`);
  const dirents = await reading(location, readdir(location, { withFileTypes: true }));
  const entries = dirents.map((dirent) => {
    const inside = location + sep + dirent.name;
    refuse(inside, refuseSegment(dirent.name));
    return { dirent, location: inside, path: [...path, dirent.name] };
  });
  const compare = dirents.some(({ name }) => SURROGATE.test(name)) ? compareUtf8 : compareUtf16;
  return entries.sort((a, b) => compare(b.dirent.name, a.dirent.name));
}

/** The order of UTF-8 is that of code points, and so is that of UTF-16 where there are no surrogates; it costs less to tell. */
const compareUtf8 = (a: string, b: string): number => Buffer.compare(Buffer.from(a), Buffer.from(b));
const compareUtf16 = (a: string, b: string): number => (a < b ? -1 : Number(a > b));

async function reading<T>(path: string, look: Promise<T>): Promise<T> {
  try {
    return await look;
  } catch (cause) {
    throw readError(`sharing ${path}`, cause);
  }
}

function unshareable(location: string): ShoalError {
  return new ShoalError('unshareable-file', `sharing ${location}: it is not a regular file`);
}

function refuse(path: string, reason: string | undefined): void {
  if (reason !== undefined) throw new ShoalError('unsafe-path', `sharing ${path}: ${reason}`);
}
