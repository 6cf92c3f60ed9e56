/** Files of the agent's home: replaced whole, read with all the rules of a boundary. */
import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { replaceFile } from '@shoal/engine/node';
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

/** Replaces a file of the home, whole even after a crash. Two prompts may do so at once. Rejects as `node:fs` does. */
export function replaceStateFile(path: string, text: string): Promise<void> {
  const temporary = `${path}.${randomBytes(6).toString('hex')}.tmp`;
  return replaceFile({ path, temporary, text, mode: OWNER_ONLY });
}
