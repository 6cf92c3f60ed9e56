/** The bad documents and messages of the protocol's test vectors, which other implementations are tested with as well. */
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

const ROOT = resolve(import.meta.dirname, '../../../../libs/protocol/test/vectors');

/** One bad vector. */
export interface BadVector {
  /** What it breaks, and its file. */
  readonly name: string;
  readonly code: string;
  readonly bytes: Uint8Array;
  /** Which schema it is for, where a group has several. */
  readonly of: string | undefined;
}

interface Index {
  readonly bad: readonly {
    readonly file: string;
    readonly code: string;
    readonly breaks: string;
    readonly of?: string;
  }[];
}

/** The bad vectors of a group. */
export function badVectors(group: 'metainfo' | 'paths' | 'peer-messages' | 'tracker-messages'): readonly BadVector[] {
  const folder = join(ROOT, group);
  const { bad } = JSON.parse(readFileSync(join(folder, 'index.json'), 'utf8')) as Index;
  return bad.map(({ file, code, breaks, of }) => {
    return { name: `${breaks} (${file})`, code, of, bytes: readFileSync(join(folder, file)) };
  });
}

/** The bytes as text, if they are UTF-8: what is not can travel only where bytes do. */
export function textOf(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
}
