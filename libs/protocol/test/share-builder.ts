import { toBase64 } from '../src/base64.ts';
import type { MetainfoDocument } from '../src/metainfo.ts';
import type { Sha256Hex } from '../src/ids.ts';

/** A digest that nothing has; the protocol never looks at content. */
export const ANY_SHA256 = '5'.repeat(64) as Sha256Hex;

/** What a test says of a share; the rest is made to fit. */
export interface ShareOptions {
  readonly name?: string;
  readonly files?: readonly { readonly path: readonly string[]; readonly length: number }[];
  readonly pieceLength?: number;
}

/** A metainfo document in which everything agrees: one file of 14 bytes unless told otherwise. */
export function aDocument({ name = 'share', files, pieceLength = 262_144 }: ShareOptions = {}): MetainfoDocument {
  const listed = (files ?? [{ path: [name], length: 14 }]).map((file) => ({ ...file, sha256: ANY_SHA256 }));
  const length = listed.reduce((sum, file) => sum + file.length, 0);
  const pieces = toBase64(new Uint8Array(32 * Math.ceil(length / pieceLength)));
  return { announce: 'http://localhost:8000', info: { version: 1, name, pieceLength, length, files: listed, pieces } };
}

/** The same as the text of a `.torrent`. */
export function aTorrent(options: ShareOptions = {}): string {
  return JSON.stringify(aDocument(options));
}
