import { LIMITS } from './limits.ts';

const QUOTE = 0x22;
const COLON = 0x3a;
const BACKSLASH = 0x5c;

/** The keys of all open objects, outermost first, and of each open bracket how many stood before it. */
interface OpenKeys {
  readonly keys: string[];
  readonly before: number[];
}

/**
 * Why a JSON text is refused before it is parsed, or undefined: nested too deep, or an object that has too many keys
 * or one of them twice, which two programs would read as two different documents. Looks at brackets and keys only, without recursion;
 * whether the text is JSON at all is the parser's to say.
 */
export function refuseStructure(text: string): string | undefined {
  const open: OpenKeys = { keys: [], before: [] };
  for (let at = 0; at < text.length; at++) {
    const character = text.charCodeAt(at);
    if (character === QUOTE) {
      const end = endOfString(text, at);
      const reason = isKey(text, end) ? refuseKey(text.slice(at + 1, end), open) : undefined;
      if (reason !== undefined) return reason;
      at = end;
    } else if (isOpening(character)) {
      if (open.before.push(open.keys.length) > LIMITS.jsonDepth) {
        return `nested deeper than ${String(LIMITS.jsonDepth)} levels`;
      }
    } else if (isClosing(character)) open.keys.length = open.before.pop() ?? 0;
  }
  return undefined;
}

/** Notes a key of the innermost open object. Keys of ours need no escapes, so one with escapes hides something. */
function refuseKey(key: string, { keys, before }: OpenKeys): string | undefined {
  if (key.includes('\\')) return 'a key is written with an escape';
  const first = before.at(-1) ?? 0;
  if (keys.includes(key, first)) return `the key ${JSON.stringify(key.slice(0, 100))} stands twice in one object`;
  if (keys.push(key) - first > LIMITS.jsonKeys) return `an object has more than ${String(LIMITS.jsonKeys)} keys`;
  return undefined;
}

/** Where the quote stands that ends the string begun at `start`; the end of the text when none does. */
function endOfString(text: string, start: number): number {
  let quote = text.indexOf('"', start + 1);
  while (quote !== -1 && isEscaped(text, quote)) quote = text.indexOf('"', quote + 1);
  return quote === -1 ? text.length : quote;
}

function isEscaped(text: string, at: number): boolean {
  let before = at;
  while (text.charCodeAt(before - 1) === BACKSLASH) before--;
  return (at - before) % 2 === 1;
}

/** Whether a colon follows the string that ends at `end`: only a key is followed by one. */
function isKey(text: string, end: number): boolean {
  let next = end + 1;
  while (isSpace(text.charCodeAt(next))) next++;
  return text.charCodeAt(next) === COLON;
}

function isSpace(character: number): boolean {
  return character === 0x20 || character === 0x0a || character === 0x0d || character === 0x09;
}

function isOpening(character: number): boolean {
  return character === 0x5b || character === 0x7b;
}

function isClosing(character: number): boolean {
  return character === 0x5d || character === 0x7d;
}
