import { createHash } from 'node:crypto';
import { access, open, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { readHaveMap } from '@shoal/engine/node';
import type { Metainfo } from '@shoal/protocol';

/** What a download has on disk, whatever its program says. */
export interface OnDisk {
  /** Pieces whose bytes are there and right. */
  readonly right: ReadonlySet<number>;
  /** Pieces that the have-map claims, as a program that goes on would read it; undefined when it would not believe it. */
  readonly claimed: ReadonlySet<number> | undefined;
}

/** Reads a download of which no program is working. */
export async function lookOnDisk(metainfo: Metainfo, folder: string): Promise<OnDisk> {
  const { info, infoHash, layout } = metainfo;
  const part = join(folder, `${info.name}.part`);
  const map = await readHaveMap(`${part}.have`, infoHash, layout.pieceCount);
  // Its last step, which it may have taken: the final name, and then the have-map goes.
  const root = (await isThere(part)) ? part : join(folder, info.name);
  const files = info.files.map(({ path }) => (metainfo.isSingleFile ? root : join(root, ...path)));
  return { right: await rightPieces(metainfo, files), claimed: map && new Set(map.pieces) };
}

function isThere(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}

/** Bytes of these pieces together. */
export function bytesOf({ layout }: Metainfo, pieces: Iterable<number>): number {
  return [...pieces].reduce((sum, piece) => sum + layout.bytesOf(piece), 0);
}

/** Pieces that are claimed and not there: none, if the have-map keeps its word. */
export function falseClaims({ right, claimed }: OnDisk): readonly number[] {
  return [...(claimed ?? [])].filter((piece) => !right.has(piece));
}

async function rightPieces(metainfo: Metainfo, paths: readonly string[]): Promise<Set<number>> {
  const { layout } = metainfo;
  const right = new Set<number>();
  let current: { readonly path: string; readonly handle: FileHandle } | undefined;
  const handleOf = async (path: string): Promise<FileHandle | undefined> => {
    if (current?.path === path) return current.handle;
    await current?.handle.close();
    current = undefined;
    const handle = await open(path).catch(() => undefined);
    if (handle !== undefined) current = { path, handle };
    return handle;
  };
  for (let piece = 0; piece < layout.pieceCount; piece++) {
    const hash = createHash('sha256');
    for (const { file, offset, length } of layout.spansOf({ piece, begin: 0, length: layout.bytesOf(piece) })) {
      const handle = await handleOf(paths[file] ?? '');
      const { buffer, bytesRead } = (await handle?.read(Buffer.alloc(length), 0, length, offset)) ?? EMPTY;
      hash.update(buffer.subarray(0, bytesRead));
    }
    if (hash.digest().equals(metainfo.digestOf(piece))) right.add(piece);
  }
  await current?.handle.close();
  return right;
}

const EMPTY = { buffer: Buffer.alloc(0), bytesRead: 0 };
