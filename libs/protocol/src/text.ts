import * as z from 'zod';
import { LIMITS } from './limits.ts';

const LONE_SURROGATE = /[\ud800-\udfff]/u;
const LONE_SURROGATES = /[\ud800-\udfff]/gu;
const ENCODER = new TextEncoder();

/** Whether a text is Unicode: JSON escapes can smuggle half a character into a string, and no encoder writes it back. */
export function isUnicode(text: string): boolean {
  return !LONE_SURROGATE.test(text);
}

/** Whether a text takes more than `maxBytes` in UTF-8; counts only when its length leaves a doubt. */
export function exceedsBytes(text: string, maxBytes: number): boolean {
  const mostBytesPerUnit = 3;
  if (text.length > maxBytes) return true;
  return text.length * mostBytesPerUnit > maxBytes && ENCODER.encode(text).length > maxBytes;
}

/** Any string as `textSchema` accepts it: cut where it is too long, with a mark for each half of a character. */
export function toText(text: string): string {
  return text.slice(0, LIMITS.stringLength).replace(LONE_SURROGATES, '\ufffd');
}

// eslint-disable-next-line no-control-regex -- control characters are what is looked for
const UNSAFE = /[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g;

/**
 * A text as it may be put on a terminal: nothing in it can move the cursor, change colours, start a new line or turn the
 * direction of reading. @param replace what stands for such a character
 */
export function toVisible(text: string, replace: (character: string) => string = () => '\ufffd'): string {
  return text.replace(UNSAFE, replace);
}

/** Any text for people in a message: a name, a path, a sentence. */
export const textSchema = z.string().max(LIMITS.stringLength).refine(isUnicode, 'is not valid Unicode');

/** An error code in a message. Not held against our catalogue, so that a newer program's codes break no older one. */
export const codeSchema = z.string().regex(/^[a-z0-9-]{1,64}$/, 'must be a code in lower case');
