import { constants } from 'node:fs';
import { access, stat, statfs } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { FolderFact, FolderTrouble } from './facts.ts';

const { R_OK, W_OK, X_OK } = constants;

/** Asks the system for a permission; rejects when this user does not have it. */
type Access = (path: string, mode: number) => Promise<void>;

/** Looks whether entries of a folder can be read. */
export async function checkReadable(path: string, ask: Access = access): Promise<FolderFact> {
  const kind = await kindOf(path);
  const isRefused = kind === 'folder' && !(await isAllowed(ask(path, R_OK | X_OK)));
  const trouble = isRefused ? 'not-readable' : NO_FOLDER[kind];
  return { path, exists: kind !== 'missing', ...(trouble === undefined ? {} : { trouble }) };
}

/** Looks whether a folder can be written to; where it is not there, whether it can be made. Leaves no trace. */
export async function checkWritable(path: string, ask: Access = access): Promise<FolderFact> {
  const kind = await kindOf(path);
  const place = kind === 'missing' ? await nearestThere(path) : path;
  const isRefused = !(await isAllowed(ask(place, R_OK | W_OK | X_OK)));
  const trouble = (await kindOf(place)) === 'file' ? 'not-a-folder' : isRefused ? 'not-writable' : undefined;
  const freeBytes = await freeBytesOf(place);
  return {
    path,
    exists: kind !== 'missing',
    ...(trouble === undefined ? {} : { trouble }),
    ...(freeBytes === undefined ? {} : { freeBytes }),
  };
}

type Kind = 'folder' | 'file' | 'missing' | 'hidden';

const NO_FOLDER: Readonly<Record<Kind, FolderTrouble | undefined>> = {
  folder: undefined,
  file: 'not-a-folder',
  missing: 'missing',
  hidden: 'not-readable',
};

async function kindOf(path: string): Promise<Kind> {
  try {
    return (await stat(path)).isDirectory() ? 'folder' : 'file';
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : '';
    return code === 'ENOENT' || code === 'ENOTDIR' ? 'missing' : 'hidden';
  }
}

async function nearestThere(path: string): Promise<string> {
  const parent = dirname(path);
  return parent === path || (await kindOf(parent)) !== 'missing' ? parent : nearestThere(parent);
}

async function isAllowed(asked: Promise<void>): Promise<boolean> {
  return asked.then(
    () => true,
    () => false,
  );
}

/** What this user may still write; undefined where the system does not tell. */
async function freeBytesOf(path: string): Promise<number | undefined> {
  try {
    const { bavail, bsize } = await statfs(path);
    return bavail * bsize;
  } catch {
    return undefined;
  }
}
