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

/** Any text for people in a message: a name, a path, a sentence. */
export const textSchema = z.string().max(LIMITS.stringLength).refine(isUnicode, 'is not valid Unicode');

/** An error code in a message. Not held against our catalogue, so that a newer program's codes break no older one. */
export const codeSchema = z.string().regex(/^[a-z0-9-]{1,64}$/, 'must be a code in lower case');
