/**
 * What stands in a watched folder: the names that are shares, and which folder it is. A folder that is the mount point of
 * something that is not mounted now looks like an empty one; its identity tells them apart.
 */
import { lstat, readdir, stat } from 'node:fs/promises';
import { lookAtShare, type ShareLook } from '@shoal/engine/node';
import { ShoalError } from '@shoal/protocol';

/** One look into a watched folder. */
export interface FolderLook {
  /** Device and inode: another one after a failed mount. */
  readonly identity: string;
  /** What may be shares. */
  readonly names: readonly string[];
}

/** Hidden files, unfinished downloads with their maps and claims, and descriptions of shares. */
const IGNORED = /^\.|\.part$|\.part\.have(?:\.new)?$|\.part\.\d+-\d+-[0-9a-f]*\.lock$|\.torrent$/i;

/** Whether a name in a watched folder can be that of a share. */
export function isShareName(name: string): boolean {
  return !IGNORED.test(name);
}

/**
 * Looks at an entry of a watched folder. A link that a person names may lead anywhere; one that merely stands here may not.
 * @throws ShoalError as `lookAtShare`
 */
export async function lookAtEntry(path: string, signal: AbortSignal): Promise<ShareLook> {
  const stats = await lstat(path).catch(() => undefined);
  if (stats?.isSymbolicLink() !== true) return lookAtShare(path, signal);
  throw new ShoalError('unshareable-file', `sharing ${path}: it is a link`);
}

/**
 * Looks into a watched folder.
 * @throws ShoalError `not-found`, `unreadable`, `storage-failed`
 */
export async function lookIntoFolder(path: string): Promise<FolderLook> {
  try {
    const { dev, ino } = await stat(path, { bigint: true });
    const names = (await readdir(path)).filter(isShareName);
    return { identity: `${String(dev)}:${String(ino)}`, names };
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new ShoalError(codeFor(cause), `watching ${path}: ${reason}`, { cause });
  }
}

function codeFor(cause: unknown): 'not-found' | 'unreadable' | 'storage-failed' {
  const code = cause instanceof Error && 'code' in cause ? cause.code : undefined;
  if (code === 'ENOENT' || code === 'ENOTDIR') return 'not-found';
  return code === 'EACCES' || code === 'EPERM' ? 'unreadable' : 'storage-failed';
}
