/**
 * Where a mirror keeps what it downloads: each share comes into a folder of its own inside `.incoming`, and takes its name
 * in the downloads folder when it is complete. What lies in `.incoming` under an info hash is the mirror's.
 */
import { lstat, readdir, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { asInfoHash, ShoalError, type InfoHash, type Metainfo } from '@shoal/protocol';

const INCOMING = '.incoming';

export class MirrorFolder {
  readonly #downloads: string;

  /** @param downloads absolute; made when something comes */
  constructor(downloads: string) {
    this.#downloads = downloads;
  }

  /** Where a share stands in the end. */
  targetOf(name: string): string {
    return join(this.#downloads, name);
  }

  /** The folder that a share is downloaded into. */
  incomingOf(infoHash: InfoHash): string {
    return join(this.#downloads, INCOMING, infoHash);
  }

  /** Where a share stands when it is complete and does not have its place yet. */
  waitingOf({ infoHash, info }: Metainfo): string {
    return join(this.incomingOf(infoHash), info.name);
  }

  /** Whether a path is that of a share which does not have its place yet. */
  isIncoming(path: string): boolean {
    return dirname(dirname(path)) === join(this.#downloads, INCOMING);
  }

  /**
   * Whether anything stands at a path.
   * @throws ShoalError `unreadable`, `storage-failed`
   */
  async isTaken(path: string): Promise<boolean> {
    try {
      await lstat(path);
      return true;
    } catch (cause) {
      if (isMissing(cause)) return false;
      throw new ShoalError('storage-failed', `looking at ${path}`, { cause });
    }
  }

  /** Removes what lies in `.incoming` of a share. */
  async clear(infoHash: InfoHash): Promise<void> {
    const path = this.incomingOf(infoHash);
    await rm(path, { recursive: true, force: true }).catch((cause: unknown) => {
      throw new ShoalError('storage-failed', `removing ${path}`, { cause });
    });
  }

  /** Removes what is left in `.incoming` of shares for which nothing there is of use any more. */
  async tidy(isOfUse: (infoHash: InfoHash) => boolean): Promise<void> {
    const names = await readdir(join(this.#downloads, INCOMING)).catch((cause: unknown) => {
      if (isMissing(cause)) return [];
      throw new ShoalError('storage-failed', `reading ${join(this.#downloads, INCOMING)}`, { cause });
    });
    for (const name of names) {
      const infoHash = asInfoHash(name);
      if (infoHash === name && !isOfUse(infoHash)) await this.clear(infoHash);
    }
  }
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR');
}
