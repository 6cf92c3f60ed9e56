import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ParserName } from './parsers.ts';

const ROOT = join(import.meta.dirname, '../../corpus');

/** What the fuzzing of a parser starts from, and every input that once broke it. */
export async function readCorpus(parser: ParserName): Promise<readonly Uint8Array[]> {
  const folder = join(ROOT, parser);
  const names = (await readdir(folder)).sort();
  return Promise.all(names.map((name) => readFile(join(folder, name))));
}
