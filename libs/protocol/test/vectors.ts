import { readdirSync, readFileSync } from 'node:fs';
import * as z from 'zod';
import { isErrorCode, type ErrorCode } from '../src/errors.ts';

const ROOT = new URL('vectors/', import.meta.url);

const text = z.string().min(1);
const indexSchema = z.strictObject({
  good: z.array(z.looseObject({ file: text.startsWith('good/'), shows: text })),
  bad: z.array(
    z.looseObject({
      file: text.startsWith('bad/'),
      breaks: text,
      code: text.refine(isErrorCode, 'is not in the catalogue'),
    }),
  ),
});

/** The content of a vector's file. */
export interface VectorFile {
  readonly file: string;
  readonly bytes: Uint8Array;
  readonly text: string;
}
type Good<G> = G & VectorFile & { readonly shows: string };
type Bad<B> = B & VectorFile & { readonly breaks: string; readonly code: ErrorCode };

/** When an index says nothing of its vectors besides what every index says. */
export const NOTHING_MORE = z.strictObject({});

/** The folders of vectors. */
export function vectorGroups(): string[] {
  const entries = readdirSync(ROOT, { withFileTypes: true });
  return entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name);
}

/**
 * Reads the vectors of a group.
 * @param good what the group's index says of a good vector besides `file` and `shows`
 * @param bad what it says of a bad one besides `file`, `breaks` and `code`
 * @throws Error when the index and the files of the folder are not the same
 */
export function readVectors<G, B>(
  group: string,
  good: z.ZodType<G>,
  bad: z.ZodType<B>,
): { good: Good<G>[]; bad: Bad<B>[] } {
  const folder = new URL(`${group}/`, ROOT);
  const index = indexSchema.parse(JSON.parse(readFileSync(new URL('index.json', folder), 'utf8')));
  refuseDifference(
    [...index.good, ...index.bad].map(({ file }) => file),
    ['good', 'bad'].flatMap((side) => readdirSync(new URL(side, folder)).map((file) => `${side}/${file}`)),
  );
  return {
    good: index.good.map(({ file, shows, ...rest }) => ({ ...good.parse(rest), ...readVector(folder, file), shows })),
    bad: index.bad.map(({ file, breaks, code, ...rest }) => ({
      ...bad.parse(rest),
      ...readVector(folder, file),
      breaks,
      code,
    })),
  };
}

function readVector(folder: URL, file: string): VectorFile {
  const bytes = new Uint8Array(readFileSync(new URL(file, folder)));
  return { file, bytes, text: new TextDecoder().decode(bytes) };
}

function refuseDifference(named: readonly string[], present: readonly string[]): void {
  const missing = named.filter((file, at) => !present.includes(file) || named.indexOf(file) !== at);
  const extra = present.filter((file) => !named.includes(file));
  if (missing.length + extra.length === 0) return;
  throw new Error(`vectors: not once in the folder: ${missing.join(', ')}; not in the index: ${extra.join(', ')}`);
}
