import { createHash } from 'node:crypto';
import { readFile, rm, stat } from 'node:fs/promises';
import { Bitfield, ShoalError, type InfoHash } from '@shoal/protocol';
import { replaceFile } from './durable-file.ts';
import { codeOf, storageError } from './file-errors.ts';

/** A have-map of the most pieces is 22 KiB of base64. */
const MAX_BYTES = 64 * 1024;

/** What a have-map says of a download. */
export interface HaveMap {
  /** The pieces that are verified and durable. */
  readonly pieces: Bitfield;
  /**
   * The disk failed to make others durable. They may still be read from memory, and must not be taken for safe: they are
   * fetched again.
   */
  readonly isRestLost: boolean;
}

/**
 * Reads which pieces of a download are verified and durable.
 * @returns undefined when there is no have-map, when it is damaged, or when it is that of another share
 * @throws ShoalError `storage-failed`
 */
export async function readHaveMap(path: string, infoHash: InfoHash, pieceCount: number): Promise<HaveMap | undefined> {
  try {
    if ((await stat(path)).size > MAX_BYTES) return undefined;
    return parseHaveMap(await readFile(path, 'utf8'), infoHash, pieceCount);
  } catch (cause) {
    if (codeOf(cause) === 'ENOENT') return undefined;
    throw storageError(`reading the have-map ${path}`, cause);
  }
}

/** How a have-map is replaced: `writeHaveMap`, or what a test puts in its place. */
export type WriteHaveMap = typeof writeHaveMap;

/**
 * What the text of a have-map says.
 * @returns undefined when it is damaged, or is that of another share
 */
export function parseHaveMap(text: string, infoHash: InfoHash, pieceCount: number): HaveMap | undefined {
  const bits = /"pieces":"([^"]*)"/.exec(text)?.[1] ?? '';
  try {
    const map = { pieces: Bitfield.fromBase64(bits, pieceCount), isRestLost: text.includes('"isRestLost":true') };
    return encodeHaveMap(infoHash, map) === text ? map : undefined;
  } catch (error) {
    if (error instanceof ShoalError) return undefined;
    throw error;
  }
}

/**
 * Replaces the have-map, durably: after a crash the old one or the new one stands there, whole.
 * @throws the error of the system
 */
export function writeHaveMap(path: string, infoHash: InfoHash, map: HaveMap): Promise<void> {
  return replaceFile({ path, temporary: temporaryOf(path), text: encodeHaveMap(infoHash, map) });
}

/** Removes a have-map and what a crash left of a new one. */
export async function removeHaveMap(path: string): Promise<void> {
  await rm(temporaryOf(path), { force: true });
  await rm(path, { force: true });
}

function temporaryOf(path: string): string {
  return `${path}.new`;
}

/** The one spelling of a have-map, so that reading it is writing it again and comparing. */
export function encodeHaveMap(infoHash: InfoHash, { pieces, isRestLost }: HaveMap): string {
  const said = { infoHash, pieces: pieces.toBase64(), isRestLost };
  const sha256 = createHash('sha256').update(JSON.stringify(said)).digest('hex');
  return `${JSON.stringify({ version: 2, ...said, sha256 })}\n`;
}
