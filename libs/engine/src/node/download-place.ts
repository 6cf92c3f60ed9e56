import { mkdir, realpath } from 'node:fs/promises';
import { join } from 'node:path';
import { ShoalError, type Metainfo } from '@shoal/protocol';
import { codeOf, storageError } from './file-errors.ts';

/** Bytes of a share's name that still leave room for every ending within a file name of 255 bytes. */
const PLAIN_NAME_BYTES = 190;

/** Where a download stands in its folder: under a temporary name with its have-map beside it, until it is complete. */
export interface DownloadPlace {
  /** The folder, without links on the way to it. */
  readonly folder: string;
  /** Where the file or folder stands when it is complete. */
  readonly target: string;
  readonly part: string;
  readonly haveMap: string;
}

/**
 * Makes the folder and names the places in it.
 * @throws ShoalError `not-found` when it cannot be a folder, `unreadable`, `storage-failed`, `disk-full`
 */
export async function placeDownload(metainfo: Metainfo, folder: string): Promise<DownloadPlace> {
  try {
    await mkdir(folder, { recursive: true });
    const real = await realpath(folder);
    const part = join(real, `${shortName(metainfo)}.part`);
    return { folder: real, target: join(real, metainfo.info.name), part, haveMap: `${part}.have` };
  } catch (cause) {
    if (['EEXIST', 'ENOTDIR'].includes(codeOf(cause))) {
      throw new ShoalError('not-found', `opening the folder ${folder}: a file is in its place`, { cause });
    }
    throw storageError(`opening the folder ${folder}`, cause);
  }
}

/** The name of the share, or of a long one the first characters and enough of the info hash to tell it from others. */
function shortName({ info, infoHash }: Metainfo): string {
  if (Buffer.byteLength(info.name) <= PLAIN_NAME_BYTES) return info.name;
  let short = '';
  for (const character of info.name) {
    if (Buffer.byteLength(short + character) > PLAIN_NAME_BYTES - 17) break;
    short += character;
  }
  return `${short}~${infoHash.slice(0, 16)}`;
}
