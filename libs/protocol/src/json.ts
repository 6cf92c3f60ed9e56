import type { z } from 'zod';
import { ShoalError, type ErrorCode } from './errors.ts';
import { refuseStructure } from './json-structure.ts';
import { exceedsBytes } from './text.ts';

/** How to read one JSON document from outside. */
export interface JsonBoundary<T> {
  /** What is being read, for messages: `the .torrent photos.torrent`. */
  readonly what: string;
  readonly schema: z.ZodType<T>;
  readonly maxBytes: number;
  /** The code when the schema refuses; size and syntax have codes of their own. */
  readonly code: ErrorCode;
}

const UTF8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/**
 * The one way in for JSON: size, then UTF-8, then depth and keys, then syntax, then schema.
 * @throws ShoalError `too-large`, `bad-json`, or the boundary's own code
 */
export function parseJson<T>(input: Uint8Array | string, boundary: JsonBoundary<T>): T {
  return checkSchema(parseUntyped(input, boundary), boundary);
}

/**
 * Checks what was made here as if it came from outside: its size as JSON, then its schema.
 * @throws ShoalError `too-large`, or the boundary's own code
 */
export function checkJson<T>(value: object, boundary: JsonBoundary<T>): T {
  refuseSize(JSON.stringify(value), boundary);
  return checkSchema(value, boundary);
}

function checkSchema<T>(value: unknown, boundary: JsonBoundary<T>): T {
  const result = boundary.schema.safeParse(value);
  if (result.success) return result.data;
  throw new ShoalError(boundary.code, `reading ${boundary.what}${describe(result.error.issues[0])}`);
}

function refuseSize(input: Uint8Array | string, { what, maxBytes }: JsonBoundary<unknown>): void {
  const isTooLarge = typeof input === 'string' ? exceedsBytes(input, maxBytes) : input.length > maxBytes;
  if (!isTooLarge) return;
  throw new ShoalError('too-large', `reading ${what}: it has more than the ${String(maxBytes)} bytes that are allowed`);
}

function parseUntyped(input: Uint8Array | string, boundary: JsonBoundary<unknown>): unknown {
  const { what } = boundary;
  refuseSize(input, boundary);
  const text = typeof input === 'string' ? input : decode(input, what);
  const reason = refuseStructure(text);
  if (reason !== undefined) throw new ShoalError('bad-json', `reading ${what}: ${reason}`);
  try {
    return text.includes('-0') ? JSON.parse(text, withoutMinusZero) : JSON.parse(text);
  } catch (cause) {
    throw new ShoalError('bad-json', `reading ${what}: it is not complete, correct JSON`, { cause });
  }
}

/** JSON can write a zero that JavaScript tells from zero, and that nobody means. */
function withoutMinusZero(_key: string, value: unknown): unknown {
  return value === 0 ? 0 : value;
}

function decode(bytes: Uint8Array, what: string): string {
  try {
    return UTF8.decode(bytes);
  } catch (cause) {
    throw new ShoalError('bad-json', `reading ${what}: it is not UTF-8 text`, { cause });
  }
}

/** Where and why a schema refused, without a stranger's text at full length. */
function describe(issue: z.core.$ZodIssue | undefined): string {
  const longest = 200;
  const where = issue?.path.length ? ` at ${issue.path.map(String).join('.')}` : '';
  const why =
    issue?.code === 'unrecognized_keys' ? `unknown key ${JSON.stringify(issue.keys[0])}` : String(issue?.message);
  return `${where}: ${why}`.slice(0, longest);
}
