import type { z } from 'zod';
import { ShoalError, type ErrorCode } from './errors.ts';
import { LIMITS } from './limits.ts';

/** How to read one JSON document from outside. */
export interface JsonBoundary<T> {
  /** What is being read, for messages: `the .torrent photos.torrent`. */
  readonly what: string;
  readonly schema: z.ZodType<T>;
  readonly maxBytes: number;
  /** The code when the schema refuses; size and syntax have codes of their own. */
  readonly code: ErrorCode;
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const UTF8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/**
 * The one way in for JSON: size, then UTF-8, then depth, then syntax, then schema.
 * @throws ShoalError `too-large`, `bad-json`, or the boundary's own code
 */
export function parseJson<T>(input: Uint8Array | string, boundary: JsonBoundary<T>): T {
  const value = parseUntyped(input, boundary);
  const result = boundary.schema.safeParse(value);
  if (result.success) return result.data;
  const issue = result.error.issues[0];
  const where = issue?.path.length ? ` at ${issue.path.map(String).join('.')}` : '';
  throw new ShoalError(boundary.code, `reading ${boundary.what}${where}: ${issue?.message ?? 'not of the right form'}`);
}

function parseUntyped(input: Uint8Array | string, { what, maxBytes }: JsonBoundary<unknown>): unknown {
  if (input.length > maxBytes) {
    throw new ShoalError(
      'too-large',
      `reading ${what}: ${String(input.length)} bytes, at most ${String(maxBytes)} are allowed`,
    );
  }
  const text = typeof input === 'string' ? input : decode(input, what);
  if (isTooDeep(text)) {
    throw new ShoalError('bad-json', `reading ${what}: nested deeper than ${String(LIMITS.jsonDepth)} levels`);
  }
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new ShoalError('bad-json', `reading ${what}: it is not complete, correct JSON`, { cause });
  }
}

function decode(bytes: Uint8Array, what: string): string {
  try {
    return UTF8.decode(bytes);
  } catch (cause) {
    throw new ShoalError('bad-json', `reading ${what}: it is not UTF-8 text`, { cause });
  }
}

/** Counts brackets outside strings, before the parser sees them: no recursion over input. */
function isTooDeep(text: string): boolean {
  let depth = 0;
  for (let at = 0; at < text.length; at++) {
    const character = text.charCodeAt(at);
    if (character === QUOTE) at = endOfString(text, at);
    else if (character === 0x5b || character === 0x7b) depth++;
    else if (character === 0x5d || character === 0x7d) depth--;
    if (depth > LIMITS.jsonDepth) return true;
  }
  return false;
}

/** Index of the quote that closes the string opened at `open`, or at least the text's length when none does. */
function endOfString(text: string, open: number): number {
  let at = open + 1;
  while (at < text.length && text.charCodeAt(at) !== QUOTE) at += text.charCodeAt(at) === BACKSLASH ? 2 : 1;
  return at;
}
