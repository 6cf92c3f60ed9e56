/** Every metainfo that must be refused, with the code that it must get wherever it comes from. */
import { createMetainfo, encodeMetainfo, LIMITS, type Metainfo, type MetainfoDocument } from '@shoal/protocol';
import { badVectors, textOf } from '../vectors.ts';
import type { Row } from '../table.ts';

/** A bad metainfo; what it must get is the code alone. */
export interface BadMetainfo extends Row {
  readonly bytes: Uint8Array;
  /** The same as text, where it is UTF-8. */
  readonly text: string | undefined;
}

const PIECE_BYTES = 256 * 1024;

/** A share of so many bytes that nobody has. */
export function honestMetainfo(name: string, length = 1_000): Metainfo {
  const digests = new Uint8Array(32 * Math.ceil(length / PIECE_BYTES)).fill(7);
  const files = [{ path: [name], length, sha256: 'ab'.repeat(32) }];
  return createMetainfo({ announce: 'http://localhost:1', name, pieceLength: PIECE_BYTES, files, digests });
}

/** The rules that a document breaks: the vectors, what each number may lie about, and what is too large. */
export function badMetainfos(): readonly BadMetainfo[] {
  return [...ofVectors(), ...ofPaths(), ...ofNumbers(), ...ofKeys(), ...ofSizes()];
}

/** One good document, ended at every so manieth byte. */
export function truncations(every: number): readonly BadMetainfo[] {
  const { document } = honestMetainfo('truncated.bin');
  const whole = Buffer.from(JSON.stringify(document));
  const ends = Array.from({ length: Math.ceil(whole.length / every) }, (_, at) => at * every);
  return ends.map((end) => rowOf(`ended at byte ${String(end)}`, 'bad-json', whole.subarray(0, end)));
}

function rowOf(name: string, must: string, content: Uint8Array | string | object): BadMetainfo {
  const isPlain = typeof content === 'string' || content instanceof Uint8Array;
  const bytes = Buffer.from(isPlain ? content : JSON.stringify(content));
  return { name, must, bytes, text: textOf(bytes) };
}

function ofVectors(): readonly BadMetainfo[] {
  return badVectors('metainfo').map(({ name, code, bytes }) => rowOf(name, code, bytes));
}

/** The vectors of paths, in a metainfo. */
function ofPaths(): readonly BadMetainfo[] {
  return badVectors('paths').map(({ name, code, bytes }) => {
    const paths = JSON.parse(Buffer.from(bytes).toString()) as readonly (readonly string[])[];
    const files = paths.map((path) => ({ path, length: 1, sha256: 'ab'.repeat(32) }));
    return rowOf(name, code, withInfo({ name: 'folder', files, length: files.length }));
  });
}

/** Sizes that are not, and counts that do not fit. */
function ofNumbers(): readonly BadMetainfo[] {
  const lies = [-1, -0.5, 0.5, 2 ** 53, 1e300, '1000', null, true, [], {}];
  const inInfo = ['length', 'pieceLength', 'version'].flatMap((key) =>
    lies.map((lie) => rowOf(`${key} is ${JSON.stringify(lie)}`, 'bad-metainfo', withInfo({ [key]: lie }))),
  );
  const inFile = lies.map((lie) => {
    const file = { path: ['a'], length: lie, sha256: 'ab'.repeat(32) };
    return rowOf(`the length of a file is ${JSON.stringify(lie)}`, 'bad-metainfo', withInfo({ files: [file] }));
  });
  const off = [999, 1_001, 0, PIECE_BYTES, Number.MAX_SAFE_INTEGER].map((length) =>
    rowOf(`length claims ${String(length)}`, 'bad-metainfo', withInfo({ length })),
  );
  const pieces = [65_535, PIECE_BYTES - 1, PIECE_BYTES + 1, 2 ** 25, 3 * PIECE_BYTES].map((pieceLength) =>
    rowOf(`pieceLength claims ${String(pieceLength)}`, 'bad-metainfo', withInfo({ pieceLength })),
  );
  return [...inInfo, ...inFile, ...off, ...pieces];
}

/** Keys that JavaScript's objects have already, wherever an object stands. */
function ofKeys(): readonly BadMetainfo[] {
  const text = encodeMetainfo(honestMetainfo('keys.bin'));
  const places = { document: '{', info: '"info": {', file: '"files": [\n      {' };
  return Object.entries(places).flatMap(([place, opening]) =>
    ['__proto__', 'constructor', 'toString', 'hasOwnProperty', 'x'].map((key) => {
      const spoilt = text.replace(opening, `${opening}"${key}":{"a":1},`);
      if (spoilt === text) throw new Error(`invariant: a metainfo has a place for keys in its ${place}`);
      return rowOf(`${key} as a key of the ${place}`, 'bad-metainfo', spoilt);
    }),
  );
}

function ofSizes(): readonly BadMetainfo[] {
  const { document } = honestMetainfo('large.bin');
  const file = { path: ['a'], length: 0, sha256: '' };
  return [
    rowOf('no bytes in any file', 'empty-share', withInfo({ length: 0, pieces: '', files: [emptyFile()] })),
    rowOf('no files', 'empty-share', withInfo({ length: 0, pieces: '', files: [] })),
    rowOf('10 MiB and a byte', 'too-large', JSON.stringify(document).padEnd(LIMITS.metainfoBytes + 1, ' ')),
    rowOf('100,001 files', 'bad-metainfo', withInfo({ files: Array(LIMITS.files + 1).fill(file) })),
    rowOf('a million brackets', 'bad-json', '['.repeat(1_000_000)),
    rowOf('a comment of 17 levels', 'bad-json', { ...document, comment: nested(LIMITS.jsonDepth) }),
    rowOf('a comment of 16 levels', 'bad-metainfo', { ...document, comment: nested(LIMITS.jsonDepth - 1) }),
  ];
}

function emptyFile(): object {
  return { path: ['a'], length: 0, sha256: 'ab'.repeat(32) };
}

function nested(levels: number): unknown {
  let value: unknown = 1;
  for (let level = 0; level < levels; level++) value = [value];
  return value;
}

function withInfo(changes: Readonly<Record<string, unknown>>): object {
  const { info, ...rest }: MetainfoDocument = honestMetainfo('honest.bin').document;
  return { ...rest, info: { ...info, ...changes } };
}
