import { constants } from 'node:fs';
import { open, rename, rm, writeFile } from 'node:fs/promises';
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { encodeMetainfo, LIMITS, parseMetainfo, ShoalError, type Metainfo } from '@shoal/protocol';

/** Ending of the file that describes a share. */
export const TORRENT = '.torrent';

/**
 * Reads a `.torrent`.
 * @throws ShoalError `not-found`, `unreadable`, or what `parseMetainfo` throws
 */
export async function readTorrent(path: string): Promise<Metainfo> {
  const bytes = await readBounded(path).catch((cause: unknown) => {
    if (cause instanceof ShoalError) throw cause;
    const isMissing = hasCode(cause, 'ENOENT') || hasCode(cause, 'ENOTDIR');
    if (isMissing) throw new ShoalError('not-found', `reading the .torrent ${path}: there is no such file`, { cause });
    throw new ShoalError('unreadable', `reading the .torrent ${path}`, { cause });
  });
  return parseMetainfo(bytes, `the .torrent ${path}`);
}

/** Reads no more than a metainfo may have, and waits for nobody who may write into a pipe. */
async function readBounded(path: string): Promise<Buffer> {
  const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    const look = await file.stat();
    if (look.isDirectory()) throw new ShoalError('unreadable', `reading the .torrent ${path}: it is a folder`);
    if (!look.isFile()) throw new ShoalError('unreadable', `reading the .torrent ${path}: it is no regular file`);
    if (look.size > LIMITS.metainfoBytes) throw new ShoalError('too-large', `reading the .torrent ${path}`);
    return await file.readFile();
  } finally {
    await file.close();
  }
}

/**
 * Writes `<name>.torrent` into a folder. One that describes the same share is replaced; another is only when asked.
 * @returns its path
 * @throws ShoalError `target-exists`, `storage-failed`
 */
export async function writeTorrent(folder: string, metainfo: Metainfo, mayReplace: boolean): Promise<string> {
  const path = join(folder, metainfo.info.name + TORRENT);
  if (!mayReplace && !(await isFreeFor(path, metainfo))) {
    throw new ShoalError('target-exists', `writing ${path}: it describes something else (--force replaces it)`);
  }
  const temporary = `${path}.${randomBytes(6).toString('hex')}.tmp`;
  try {
    await writeFile(temporary, encodeMetainfo(metainfo), { flag: 'wx' });
    await rename(temporary, path);
  } catch (cause) {
    await rm(temporary, { force: true });
    throw new ShoalError('storage-failed', `writing ${path}`, { cause });
  }
  return path;
}

/** Nothing stands there, or a description of the same share. */
async function isFreeFor(path: string, metainfo: Metainfo): Promise<boolean> {
  try {
    return (await readTorrent(path)).infoHash === metainfo.infoHash;
  } catch (error) {
    return error instanceof ShoalError && error.code === 'not-found';
  }
}

function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}
