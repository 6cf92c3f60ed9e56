import type { BigIntStats } from 'node:fs';
import { lstat } from 'node:fs/promises';
import { forEachBounded } from './bounded-work.ts';
import { codeOf, readError } from './file-errors.ts';

const LSTATS_AT_ONCE = 16;

/** What tells a file from another, and from itself after a change. */
export interface FileFacts {
  readonly size: number;
  readonly mtimeNs: bigint;
  readonly ino: bigint;
}

/** What stands at a path: a regular file, something else, or nothing. */
export type Sight = FileFacts | 'no file' | 'nothing';

/** Numbers by which a thread tells what it saw: 0 nothing, 1 a regular file or 2 something else; then the facts. */
export const SIGHT_NUMBERS = 4;

/** What a thread saw at the path of this place in its list. */
export function sightAt(numbers: BigInt64Array, place: number): Sight {
  const at = SIGHT_NUMBERS * place;
  const [kind, size, mtimeNs, ino] = [numbers[at], numbers[at + 1], numbers[at + 2], numbers[at + 3]];
  if (kind === undefined || size === undefined || mtimeNs === undefined || ino === undefined) return 'nothing';
  if (kind !== 1n) return kind === 0n ? 'nothing' : 'no file';
  return { size: Number(size), mtimeNs, ino: BigInt.asUintN(64, ino) };
}

/** The facts of what was seen, if it was a regular file. */
export function factsIn(sight: Sight | undefined): FileFacts | undefined {
  return typeof sight === 'object' ? sight : undefined;
}

/** The facts of a file in what the operating system says of it. */
export function factsOf({ size, mtimeNs, ino }: BigIntStats): FileFacts {
  return { size: Number(size), mtimeNs, ino };
}

/** Whether two looks at a path saw the same file, unchanged. */
export function isSameFile(a: FileFacts, b: FileFacts): boolean {
  return a.size === b.size && a.mtimeNs === b.mtimeNs && a.ino === b.ino;
}

/** What stands at a path, links not followed; undefined when nothing does. */
export async function lstatIfThere(path: string): Promise<BigIntStats | undefined> {
  try {
    return await lstat(path, { bigint: true });
  } catch (cause) {
    if (['ENOENT', 'ENOTDIR'].includes(codeOf(cause))) return undefined;
    throw readError(`looking at ${path}`, cause);
  }
}

/** Looks at files from this thread: costs little where there are few, or where it must not be noticed. */
export async function lookAtFiles(paths: readonly string[]): Promise<Sight[]> {
  const sights = new Array<Sight>(paths.length);
  await forEachBounded(paths.entries(), LSTATS_AT_ONCE, async ([at, path]) => {
    const stats = await lstatIfThere(path);
    if (stats === undefined) sights[at] = 'nothing';
    else sights[at] = stats.isFile() ? factsOf(stats) : 'no file';
  });
  return sights;
}
