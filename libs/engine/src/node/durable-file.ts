import { open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { withDescriptor } from './descriptors.ts';

/** What a file is replaced with. */
export interface Replacement {
  readonly path: string;
  /** Where the new text is written first: in the same folder, and nobody else's. What stands there is removed. */
  readonly temporary: string;
  readonly text: string;
  /** Permissions of the new file; absent for those that the system gives. */
  readonly mode?: number;
}

/** Writes a file so that after a crash either the old or the new text is there, whole. Rejects as `node:fs` does. */
export async function replaceFile({ path, temporary, text, mode }: Replacement): Promise<void> {
  await rm(temporary, { force: true });
  try {
    await writeThrough(temporary, text, mode);
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
  await syncFolder(dirname(path));
}

/** Makes the names in a folder durable. Windows has no such call, and does it by itself. */
export async function syncFolder(path: string): Promise<void> {
  if (process.platform === 'win32') return;
  const folder = await withDescriptor(() => open(path, 'r'));
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

async function writeThrough(path: string, text: string, mode: number | undefined): Promise<void> {
  const file = await withDescriptor(() => open(path, 'wx', mode));
  try {
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
}
