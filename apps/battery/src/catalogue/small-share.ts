import { createHash } from 'node:crypto';

/** A share of few bytes, made without reading anything: what a large catalogue is made of. */
export interface SmallShare {
  readonly infoHash: string;
  readonly name: string;
  /** Inner paths; none for a single file. */
  readonly paths: readonly string[];
  /** Its metainfo, JSON. */
  readonly document: string;
}

const KINDS = ['report', 'photo', 'backup', 'invoice', 'recording', 'manual', 'release', 'survey'];
const PLACES = ['lisbon', 'oslo', 'nairobi', 'quito', 'hanoi', 'perth', 'zagreb', 'bergen', 'cusco', 'dakar', 'lyon'];
/** Every eighth is a folder. */
const FOLDER_EVERY = 8;
const FILE_BYTES = 1_000;
const DIGEST = 'ab'.repeat(32);
const PIECES = Buffer.alloc(32, 7).toString('base64');

/** The share with this number: the same at every call, and different from all others. */
export function smallShare(number: number): SmallShare {
  const kind = KINDS[number % KINDS.length] ?? '';
  const place = PLACES[number % PLACES.length] ?? '';
  const isFolder = number % FOLDER_EVERY === 0;
  const name = isFolder ? `${place} collection ${number}` : `${kind} of ${place} ${number}.pdf`;
  const year = 1990 + (number % 37);
  const paths = isFolder ? [`${year}/${kind}-${number}.jpg`, `${year}/notes/${number}.txt`, 'readme.md'] : [];
  const files = (isFolder ? paths.map((path) => path.split('/')) : [[name]])
    .map((path) => `{"length":${FILE_BYTES},"path":${JSON.stringify(path)},"sha256":"${DIGEST}"}`)
    .join(',');
  const length = FILE_BYTES * Math.max(1, paths.length);
  // Its canonical form: the keys in order, no white space, nothing to escape.
  const info = `{"files":[${files}],"length":${length},"name":"${name}","pieceLength":262144,"pieces":"${PIECES}","version":1}`;
  return {
    infoHash: createHash('sha256').update(info).digest('hex'),
    name,
    paths,
    document: `{"announce":"http://localhost:8000","info":${info}}`,
  };
}
