/** Files of the agent's home: replaced whole, read with all the rules of a boundary. */
import { randomBytes } from 'node:crypto';
import { open, readFile, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { LIMITS, parseJson, reportError, ShoalError } from '@shoal/protocol';
import type { z } from 'zod';

/** For the owner's eyes only: keys, tokens and what somebody shares. */
const OWNER_ONLY = 0o600;

/**
 * Reads a JSON file, or undefined when there is none.
 * @param what what it is, for messages
 * @throws ShoalError `state-damaged`, naming the file
 */
export async function readStateFile<T>(path: string, what: string, schema: z.ZodType<T>): Promise<T | undefined> {
  const bytes = await readOptional(path, what);
  if (bytes === undefined) return undefined;
  const boundary = {
    what: `${what} ${path}`,
    schema,
    maxBytes: LIMITS.largeMessageBytes,
    code: 'state-damaged' as const,
  };
  try {
    return parseJson(bytes, boundary);
  } catch (cause) {
    throw new ShoalError('state-damaged', reportError(cause).message, { cause });
  }
}

/**
 * The bytes of a file, or undefined when there is none.
 * @throws ShoalError `state-damaged`, naming the file
 */
export async function readOptional(path: string, what: string): Promise<Buffer | undefined> {
  try {
    return await readFile(path);
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && cause.code === 'ENOENT') return undefined;
    throw new ShoalError('state-damaged', `reading ${what} ${path}`, { cause });
  }
}

/** Writes a file so that after a crash either the old or the new text is there, whole. Rejects as `node:fs` does. */
export async function replaceFile(path: string, text: string): Promise<void> {
  const temporary = `${path}.${randomBytes(6).toString('hex')}.tmp`;
  try {
    await writeThrough(temporary, text);
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
  await syncFolder(dirname(path));
}

async function writeThrough(path: string, text: string): Promise<void> {
  const file = await open(path, 'wx', OWNER_ONLY);
  try {
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** Makes the rename durable; Windows cannot open folders and does not need it. */
async function syncFolder(path: string): Promise<void> {
  if (process.platform === 'win32') return;
  const folder = await open(path, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}
