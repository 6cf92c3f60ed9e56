import type { Dirent } from 'node:fs';
import { lstat, readdir, realpath } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { LIMITS, refusePaths, refuseSegment, ShoalError } from '@shoal/protocol';
import { readError } from './file-errors.ts';
import type { FileFacts, Sight } from './file-facts.ts';

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
  readonly signal: AbortSignal | undefined;
}

/**
 * Finds every file of what a person wants to share. The path to it may go over links, what is inside may not.
 * @throws ShoalError `not-found`, `unreadable`, `unshareable-file`, `unsafe-path`, `empty-share`, `too-large`
 */
export async function walkShare(path: string, { look, signal }: Walking): Promise<FoundShare> {
  const name = basename(resolve(path));
  refuse(path, refuseSegment(name));
  const entries = await findEntries(path, name, signal);
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

async function findEntries(path: string, name: string, signal?: AbortSignal): Promise<Entry[]> {
  const root = await reading(path, realpath(path));
  if (!(await reading(root, lstat(root))).isDirectory()) return [{ location: root, path: [name] }];
  const found: Entry[] = [];
  /** Entries still to look at, the next one last. */
  const waiting = await listFolder({ location: root, path: [] });
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    signal?.throwIfAborted();
    const { dirent, ...entry } = next;
    if (dirent.isDirectory()) waiting.push(...(await listFolder(entry)));
    else if (dirent.isFile()) found.push(entry);
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
  return dirents
    .map((dirent) => ({ dirent, order: Buffer.from(dirent.name) }))
    .sort((a, b) => Buffer.compare(b.order, a.order))
    .map(({ dirent }) => {
      const inside = join(location, dirent.name);
      refuse(inside, refuseSegment(dirent.name));
      return { dirent, location: inside, path: [...path, dirent.name] };
    });
}

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
