import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readdir, stat } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { promisify } from 'node:util';
import { sha256OfFile } from '@shoal/testbed';

const run = promisify(execFile);

/** A copy of a share, and the digest that stands for all of its files. */
export interface Digest {
  readonly sha256: string;
  readonly fileCount: number;
  /** What counted: the real command where the machine has it. */
  readonly by: 'sha256sum' | 'node';
}

/** The digest of a file, or of the list of digests and paths of all files in a folder. */
export async function digestOf(path: string): Promise<Digest> {
  const isFile = (await stat(path)).isFile();
  const files = isFile ? [path] : await filesIn(path);
  const { sums, by } = await sha256sum(files);
  const [only = ''] = sums;
  if (isFile) return { sha256: only, fileCount: 1, by };
  const list = files.map((file, index) => `${sums[index] ?? ''}  ${relative(path, file)}\n`).join('');
  return { sha256: createHash('sha256').update(list).digest('hex'), fileCount: files.length, by };
}

async function filesIn(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries.flatMap((entry) => (entry.isFile() ? [join(entry.parentPath, entry.name)] : [])).sort();
}

async function sha256sum(files: readonly string[]): Promise<{ sums: string[]; by: Digest['by'] }> {
  try {
    const { stdout } = await run('sha256sum', ['--', ...files], { maxBuffer: 64 * 1024 * 1024 });
    return { sums: [...stdout.matchAll(/^[0-9a-f]{64}/gm)].map(([sum]) => sum), by: 'sha256sum' };
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error;
    return { sums: await Promise.all(files.map(sha256OfFile)), by: 'node' };
  }
}
