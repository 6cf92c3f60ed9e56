import { createMetainfo, sha256Hex, type Metainfo } from '@shoal/protocol';

/** A valid metainfo of files without meaning. */
export function metainfo(name: string, paths: readonly string[] = [name]): Metainfo {
  const files = paths.map((path) => ({ path: path.split('/'), length: 1, sha256: sha256Hex(new Uint8Array(1)) }));
  const digests = new Uint8Array(32);
  return createMetainfo({ announce: 'http://localhost:8000', name, pieceLength: 262_144, files, digests });
}

/** The document as it is sent. */
export function bytesOf({ document }: Metainfo): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(document));
}
