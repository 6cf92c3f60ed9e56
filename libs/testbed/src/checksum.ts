import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import { pipeline } from 'node:stream/promises';

/** SHA-256 of a file as `sha256sum` prints it. */
export async function sha256OfFile(path: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path, { highWaterMark: 1024 * 1024 }), hash);
  return hash.digest('hex');
}

/**
 * Every file below a folder with its SHA-256, in the order of the paths: two folders are identical exactly when these
 * are. A single file stands under its own name, `.`.
 */
export async function sha256OfTree(root: string): Promise<Record<string, string>> {
  if ((await stat(root)).isFile()) return { '.': await sha256OfFile(root) };
  const entries = await readdir(root, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => !entry.isDirectory()).map((entry) => join(entry.parentPath, entry.name));
  const sums: Record<string, string> = {};
  for (const file of files.sort()) sums[relative(root, file).split(sep).join('/')] = await sha256OfFile(file);
  return sums;
}
