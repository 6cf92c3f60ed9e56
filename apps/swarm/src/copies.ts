/**
 * Whether what stands under a share's name is that share: every file's SHA-256 is computed here, by Node's own hash and
 * none of Shoal's code, and held against the metainfo.
 */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { InfoHash, Metainfo } from '@shoal/protocol';

/**
 * What stands under the name of a share. `outdated`: what was verified as another share of the same name, which this one
 * has replaced since. `wrong` names the first path that is not as the metainfo says.
 */
export type Copy =
  { readonly kind: 'missing' | 'outdated' | 'verified' } | { readonly kind: 'wrong'; readonly path: string };

interface Examined {
  readonly infoHash: InfoHash;
  /** All that can be seen of the files without reading them. */
  readonly look: string;
  readonly copy: Copy;
}

/** Examines copies, and each again only when something about its files, or the share of its name, has changed. */
export class CopyExaminer {
  readonly #examined = new Map<string, Examined>();

  /** @param folder the one in which the share's own name stands */
  async examine(metainfo: Metainfo, folder: string): Promise<Copy> {
    const root = join(folder, metainfo.info.name);
    try {
      return await this.#examine(metainfo, root);
    } catch (error) {
      // Nothing is there, or it has just been moved away.
      if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return { kind: 'missing' };
      throw error;
    }
  }

  async #examine(metainfo: Metainfo, root: string): Promise<Copy> {
    const { infoHash } = metainfo;
    const files = await filesBelow(root);
    const look = [...files].map(([path, { size, mtimeMs, ino }]) => [path, size, mtimeMs, ino].join(':')).join('\n');
    const last = this.#examined.get(root);
    if (last?.look === look && last.infoHash === infoHash) return last.copy;
    if (last?.look === look && last.copy.kind === 'verified') return { kind: 'outdated' };
    const copy = await compare(metainfo, root, new Set(files.keys()));
    this.#examined.set(root, { infoHash, look, copy });
    return copy;
  }
}

async function compare({ info, isSingleFile }: Metainfo, root: string, present: ReadonlySet<string>): Promise<Copy> {
  const expected = new Map(info.files.map(({ path, sha256 }) => [isSingleFile ? '' : path.join('/'), sha256]));
  const surplus = [...present].find((path) => !expected.has(path));
  if (surplus !== undefined) return { kind: 'wrong', path: surplus };
  for (const [path, sha256] of expected) {
    if (!present.has(path) || (await sha256Of(join(root, path))) !== sha256) return { kind: 'wrong', path };
  }
  return { kind: 'verified' };
}

interface FileLook {
  readonly size: number;
  readonly mtimeMs: number;
  readonly ino: number;
}

/** Every file by its path below the root, which is empty for the root itself. */
async function filesBelow(root: string): Promise<ReadonlyMap<string, FileLook>> {
  const look = await stat(root);
  if (!look.isDirectory()) return new Map([['', look]]);
  const entries = await readdir(root, { recursive: true, withFileTypes: true });
  const paths = entries.filter((entry) => !entry.isDirectory()).map((entry) => join(entry.parentPath, entry.name));
  const looks = paths
    .sort()
    .map(async (path) => [relative(root, path).split(sep).join('/'), await stat(path)] as const);
  return new Map(await Promise.all(looks));
}

async function sha256Of(path: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path, { highWaterMark: 1024 * 1024 }), hash);
  return hash.digest('hex');
}
