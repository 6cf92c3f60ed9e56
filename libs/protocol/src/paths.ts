/**
 * Which paths a share may contain. Paths are refused, never repaired: a path that means different things on different
 * systems is an attack or an accident, and both end in a wrong file. This is the lexical half of containment; the store
 * checks the real path again when it opens a file.
 */
import { LIMITS } from './limits.ts';

// eslint-disable-next-line no-control-regex -- control characters are what is looked for
const FORBIDDEN_CHARACTER = /[/\\:\u0000-\u001f\u007f-\u009f]/;
const BIDI_CONTROL = /[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/;
const WINDOWS_RESERVED =
  /^(con|prn|aux|nul|conin\$|conout\$|com[0-9\u00b9\u00b2\u00b3]|lpt[0-9\u00b9\u00b2\u00b3])(\..*)?$/i;
const LONE_SURROGATE = /[\ud800-\udfff]/u;
const UTF8 = new TextEncoder();

/** Why a single name (a share's name or one segment of a path) is refused, or undefined when it is safe. */
export function refuseSegment(segment: string): string | undefined {
  if (segment === '') return 'a name is empty';
  if (segment === '.' || segment === '..') return `"${segment}" is not a name`;
  if (LONE_SURROGATE.test(segment)) return 'a name is not valid Unicode';
  if (FORBIDDEN_CHARACTER.test(segment)) return 'a name has a slash, backslash, colon or control character';
  if (BIDI_CONTROL.test(segment)) return 'a name has a character that reverses the direction of text';
  if (/[. ]$/.test(segment)) return 'a name ends with a dot or a space';
  if (WINDOWS_RESERVED.test(segment)) return 'a name is reserved on Windows';
  if (UTF8.encode(segment).length > LIMITS.segmentBytes)
    return `a name is longer than ${String(LIMITS.segmentBytes)} bytes`;
  return undefined;
}

/** Why one path is refused, or undefined when it is safe. */
export function refusePath(path: readonly string[]): string | undefined {
  if (path.length === 0) return 'a path is empty';
  if (path.length > LIMITS.pathDepth) return `a path is deeper than ${String(LIMITS.pathDepth)} folders`;
  if (UTF8.encode(path.join('/')).length > LIMITS.pathBytes)
    return `a path is longer than ${String(LIMITS.pathBytes)} bytes`;
  for (const segment of path) {
    const reason = refuseSegment(segment);
    if (reason !== undefined) return reason;
  }
  return undefined;
}

/**
 * Why a set of paths is refused: each on its own, then together, as a file system that ignores case and normalises
 * Unicode would see them.
 */
export function refusePaths(paths: readonly (readonly string[])[]): string | undefined {
  const files = new Set<string>();
  const folders = new Set<string>();
  for (const path of paths) {
    const reason = refusePath(path);
    if (reason !== undefined) return reason;
    const file = foldPath(path);
    if (files.has(file)) return `two files are called "${path.join('/')}" where case and accents do not count`;
    files.add(file);
    for (let depth = path.length - 1; depth > 0; depth--) {
      const folder = foldPath(path.slice(0, depth));
      if (folders.has(folder)) break;
      folders.add(folder);
    }
  }
  for (const file of files) if (folders.has(file)) return 'a name is used for a file and for a folder';
  return undefined;
}

function foldPath(path: readonly string[]): string {
  return path.join('/').normalize('NFC').toUpperCase().toLowerCase().normalize('NFC');
}
