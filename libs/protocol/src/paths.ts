/**
 * Which paths a share may contain. Paths are refused, never repaired: a path that means different things on different
 * systems is an attack or an accident, and both end in a wrong file. This is the lexical half of containment; the store
 * checks the real path again when it opens a file.
 */
import { LIMITS } from './limits.ts';
import { exceedsBytes, isUnicode } from './text.ts';

// eslint-disable-next-line no-control-regex -- control characters are what is looked for
const FORBIDDEN_CHARACTER = /[/\\:\u0000-\u001f\u007f-\u009f]/;
const BIDI_CONTROL = /[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/;
const WINDOWS_RESERVED =
  /^(con|prn|aux|nul|conin\$|conout\$|com[0-9\u00b9\u00b2\u00b3]|lpt[0-9\u00b9\u00b2\u00b3]) *(\..*)?$/i;
/** What no name has that is safe at first sight, as nearly all are: it saves them the other looks. */
const SUSPICIOUS = /[^ -~]|[/\\:]|[. ]$|^(con|prn|aux|nul|com|lpt)/i;
const ASCII = /^\p{ASCII}*$/u;
const SEPARATOR = '\0';

/** Why a single name (a share's name or one segment of a path) is refused, or undefined when it is safe. */
export function refuseSegment(segment: string): string | undefined {
  const isPlain = segment !== '' && segment.length <= LIMITS.segmentBytes && !SUSPICIOUS.test(segment);
  return isPlain ? undefined : refuseUnusual(segment);
}

function refuseUnusual(segment: string): string | undefined {
  if (segment === '') return 'a name is empty';
  if (segment === '.' || segment === '..') return `"${segment}" is not a name`;
  if (!isUnicode(segment)) return 'a name is not valid Unicode';
  if (FORBIDDEN_CHARACTER.test(segment)) return 'a name has a slash, backslash, colon or control character';
  if (BIDI_CONTROL.test(segment)) return 'a name has a character that reverses the direction of text';
  if (/[. ]$/.test(segment)) return 'a name ends with a dot or a space';
  if (WINDOWS_RESERVED.test(segment)) return 'a name is reserved on Windows';
  if (exceedsBytes(segment, LIMITS.segmentBytes)) return `a name is longer than ${String(LIMITS.segmentBytes)} bytes`;
  return undefined;
}

/** Why one path is refused, or undefined when it is safe. */
export function refusePath(path: readonly string[]): string | undefined {
  if (path.length === 0) return 'a path is empty';
  if (path.length > LIMITS.pathDepth) return `a path has more than ${String(LIMITS.pathDepth)} names`;
  if (exceedsBytes(path.join('/'), LIMITS.pathBytes)) return `a path is longer than ${String(LIMITS.pathBytes)} bytes`;
  for (const segment of path) {
    const reason = refuseSegment(segment);
    if (reason !== undefined) return reason;
  }
  return undefined;
}

/**
 * Why a set of paths is refused: each on its own, then together, as a file system that ignores case and normalises
 * Unicode would see them. Two that differ only so are refused for folders too, which such a system would merge.
 */
export function refusePaths(paths: readonly (readonly string[])[]): string | undefined {
  const entries: { readonly path: readonly string[]; readonly folded: string }[] = [];
  for (const path of paths) {
    const reason = refusePath(path);
    if (reason !== undefined) return reason;
    entries.push({ path, folded: fold(path.join(SEPARATOR)) });
  }
  // The separator sorts before every character of a name: what lies in one folder, or bears its name, stands together.
  entries.sort((a, b) => (a.folded < b.folded ? -1 : Number(a.folded > b.folded)));
  for (const [index, { path }] of entries.entries()) {
    const previous = entries[index - 1]?.path;
    if (previous !== undefined && collide(previous, path)) {
      return `"${previous.join('/')}" and "${path.join('/')}" collide where case and spelling of accents do not count`;
    }
  }
  return undefined;
}

/** Whether two paths part at names that a file system may hold for one, or do not part at all. */
function collide(left: readonly string[], right: readonly string[]): boolean {
  let depth = 0;
  while (depth < left.length && left[depth] === right[depth]) depth++;
  const mine = left[depth];
  const theirs = right[depth];
  return mine === undefined || theirs === undefined || fold(mine) === fold(theirs);
}

/**
 * One spelling for all that some file system takes for the same name. Lower, upper and lower again, because neither
 * alone is enough: ẞ and ß meet in `ss`, ſ and s, ı and i in their capitals.
 */
function fold(name: string): string {
  if (ASCII.test(name)) return name.toLowerCase();
  return name.normalize('NFC').toLowerCase().toUpperCase().toLowerCase().normalize('NFC');
}
