import { mkdir, rename, rm } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { writeSampleFile, writeSmallFiles } from '@shoal/testbed';

const FILM_BYTES = 64 * 1024 * 1024;
const PHOTOS = 200;
const PHOTO_BYTES = 20_000;

/**
 * Makes a folder to share: one file of 64 MiB and a folder of 200 small ones. It appears at once, so that a start that
 * is killed leaves nothing half; a folder that is there is somebody's and stays as it is.
 * @returns whether it was made
 */
export async function makeSamples(folder: string): Promise<boolean> {
  if (existsSync(folder)) return false;
  const unfinished = `${folder}.unfinished`;
  await rm(unfinished, { recursive: true, force: true });
  await writeSampleFile(join(unfinished, 'film.bin'), FILM_BYTES, 'film');
  await writeSmallFiles(join(unfinished, 'photos'), PHOTOS, PHOTO_BYTES);
  await mkdir(dirname(folder), { recursive: true });
  await rename(unfinished, folder);
  return true;
}
