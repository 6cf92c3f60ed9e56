import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Metainfo } from '@shoal/protocol';
import { afterAll, afterEach, beforeAll, beforeEach } from 'vitest';
import {
  createHasher,
  openDownload,
  systemClock,
  type Download,
  type OpenedDownload,
  type ThreadHasher,
} from '@shoal/engine/node';
import { sampleShare, type SampleShare } from '@shoal/engine/testing';
import type { PieceStore } from '../../src/shell/ports.ts';

/** A temporary folder for each test, and downloads into `in` inside it, which are closed when the test ends. */
export interface Downloads {
  readonly at: (...path: string[]) => string;
  readonly open: (metainfo: Metainfo, options?: Partial<Download>) => Promise<OpenedDownload>;
}

/** To be called at the top of a test file. */
export function useDownloads(): Downloads {
  let hasher: ThreadHasher;
  let folder: string;
  let opened: PieceStore[];
  const at = (...path: string[]): string => join(folder, ...path);
  beforeAll(() => {
    hasher = createHasher({ threads: 2 });
  });
  afterAll(() => hasher.stop());
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'shoal-download-'));
    opened = [];
    await mkdir(at('in'));
  });
  afterEach(async () => {
    await Promise.allSettled(opened.map((store) => store.close()));
    await rm(folder, { recursive: true });
  });
  const open: Downloads['open'] = async (metainfo, options) => {
    const download = await openDownload({ metainfo, folder: at('in'), clock: systemClock, hasher, ...options });
    opened.push(download.store);
    return download;
  };
  return { at, open };
}

/** Writes pieces, one after the other. */
export async function write(store: PieceStore, share: SampleShare, pieces: Iterable<number>): Promise<void> {
  for (const piece of pieces) await store.writePiece(piece, share.partsOf(piece));
}

/** Every piece of a share. */
export function allOf({ metainfo }: SampleShare): number[] {
  return [...Array(metainfo.layout.pieceCount).keys()];
}

/** Two files in folders, over five pieces; the third piece has bytes of both. */
export function twoFiles(): SampleShare {
  return sampleShare({ 'a/one': 700_000, 'a/b/two': 500_000 });
}
