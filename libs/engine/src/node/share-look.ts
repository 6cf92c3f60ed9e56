import { createHash } from 'node:crypto';
import type { Metainfo } from '@shoal/protocol';
import { lookAtFiles } from './file-facts.ts';
import { fingerprintOf } from './share-store.ts';
import { walkShare } from './share-walk.ts';

/** How a file or folder that may be shared looks at one moment. */
export interface ShareLook {
  /** What `fingerprintShare` would say of a share of exactly these files. */
  readonly fingerprint: string;
  /** Differs when anything does that can be seen without reading: also a name, or a file in another's place. */
  readonly key: string;
  /** Whether a metainfo describes files of just these names, in this order. */
  hasFilesOf(metainfo: Metainfo): boolean;
}

/**
 * Looks at every name, size and time of what may be shared, and reads no byte of it.
 * @throws ShoalError as `hashShare` for what cannot be shared; the signal's reason
 */
export async function lookAtShare(path: string, signal?: AbortSignal): Promise<ShareLook> {
  const { files } = await walkShare(path, { look: lookAtFiles, signal });
  const hash = createHash('sha256');
  for (const { path: inside, facts } of files) {
    hash.update(`${inside.join('/')}\0${facts.size} ${facts.mtimeNs} ${facts.ino}\n`);
  }
  return {
    fingerprint: fingerprintOf(files.map(({ facts }) => facts)),
    key: hash.digest('hex'),
    hasFilesOf: ({ info }) =>
      info.files.length === files.length &&
      info.files.every((file, at) => file.path.join('/') === files[at]?.path.join('/')),
  };
}
