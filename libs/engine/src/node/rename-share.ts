import { link, lstat, mkdir, open, rename, unlink } from 'node:fs/promises';
import { dirname } from 'node:path';
import { ShoalError } from '@shoal/protocol';
import { syncFolder } from './durable-file.ts';
import { codeOf, storageError } from './file-errors.ts';
import { lstatIfThere } from './file-facts.ts';

/** From where to where the file or folder of a share goes, within one file system. */
export interface Renaming {
  readonly from: string;
  readonly to: string;
  readonly isSingleFile: boolean;
}

/**
 * Gives a share another name, durably, and replaces nothing but an empty folder. Whoever was killed in the middle does it
 * again; when it has happened already, nothing does.
 * @throws ShoalError `target-exists`, `unreadable`, `disk-full`, `storage-failed`
 */
export async function renameShare({ from, to, isSingleFile }: Renaming): Promise<void> {
  try {
    await mkdir(dirname(to), { recursive: true });
    if ((await lstatIfThere(from)) === undefined) await lstat(to);
    else await (isSingleFile ? renameFile(from, to) : rename(from, to));
    await syncFolder(dirname(to));
  } catch (cause) {
    if (['EEXIST', 'ENOTEMPTY', 'ENOTDIR', 'EISDIR'].includes(codeOf(cause))) {
      throw new ShoalError('target-exists', `${to} was made by somebody else meanwhile`, { cause });
    }
    throw storageError(`giving ${to} its name`, cause);
  }
}

/**
 * `rename` would replace a file; a second name for the same one is refused where a file stands. Where the file system knows
 * no second names, an empty file of our own holds the place that is then replaced.
 */
async function renameFile(from: string, to: string): Promise<void> {
  try {
    await link(from, to);
  } catch (cause) {
    if (codeOf(cause) === 'EEXIST') {
      if (!(await isSameFile(from, to))) throw cause;
    } else {
      await replaceEmpty(from, to);
      return;
    }
  }
  await unlink(from);
}

async function replaceEmpty(from: string, to: string): Promise<void> {
  await (await open(to, 'wx')).close();
  try {
    await rename(from, to);
  } catch (error) {
    await unlink(to);
    throw error;
  }
}

async function isSameFile(a: string, b: string): Promise<boolean> {
  const [one, other] = [await lstatIfThere(a), await lstatIfThere(b)];
  return one !== undefined && one.dev === other?.dev && one.ino === other.ino;
}
