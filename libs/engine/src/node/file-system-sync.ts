/**
 * Makes everything on a file system durable at once, by `syncfs`: of ten thousand small files that is one commit of the
 * journal instead of ten thousand. Node has no such call; the system's own program `sync` makes it.
 */
import { execFile } from 'node:child_process';
import { statfs } from 'node:fs/promises';
import { release } from 'node:os';
import { promisify } from 'node:util';

/** ext4, XFS, Btrfs: here it covers all that `fdatasync` of each file would, and tells of what could not be written. */
const TRUSTED_TYPES = new Set([0xef53, 0x58465342, 0x9123683e]);
/** Linux tells of failures from here on. */
const [MAJOR, MINOR] = [5, 8];

const run = promisify(execFile);
let isInstalled: Promise<boolean> | undefined;

/**
 * Makes everything durable that was written to one file system before the call. Rejects when that failed.
 * @returns whether it was tried: false where no program could be started, as without a free descriptor
 */
export type SyncFileSystem = () => Promise<boolean>;

/** How to make all files of the file system that holds a folder durable; undefined where that cannot be relied on. */
export async function fileSystemSyncOf(folder: string): Promise<SyncFileSystem | undefined> {
  if (process.platform !== 'linux' || !isRecent(release())) return undefined;
  if (!TRUSTED_TYPES.has((await statfs(folder)).type)) return undefined;
  // Where there is nothing to write, it only says whether there is such a program and whether it knows the option.
  isInstalled ??= syncAt('/proc').catch(() => false);
  return (await isInstalled) ? () => syncAt(folder) : undefined;
}

async function syncAt(path: string): Promise<boolean> {
  try {
    await run('sync', ['-f', path]);
    return true;
  } catch (error) {
    if (isOfStarting(error)) return false;
    throw error;
  }
}

function isOfStarting(error: unknown): boolean {
  const { syscall } = error as NodeJS.ErrnoException;
  return syscall?.startsWith('spawn') ?? false;
}

function isRecent(version: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  return major > MAJOR || (major === MAJOR && minor >= MINOR);
}
