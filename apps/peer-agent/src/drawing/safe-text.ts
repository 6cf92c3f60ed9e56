/**
 * Text that strangers wrote (names of shares, peers' agents, messages of trackers) as it may be put on a terminal:
 * nothing in it can move the cursor, change colours, start a new line or turn the direction of reading.
 */
import { stripVTControlCharacters } from 'node:util';

// eslint-disable-next-line no-control-regex -- control characters are what is looked for
const UNSAFE = /[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g;

/** The text on one line, without terminal control sequences; what cannot be shown becomes `�`. */
export function safeText(text: string): string {
  return stripVTControlCharacters(text).replace(UNSAFE, '\ufffd');
}

/** A value as JSON that is safe on a terminal too: the same value, with every such character escaped. */
export function safeJson(value: unknown): string {
  return JSON.stringify(value, null, 2).replace(UNSAFE, (character) =>
    character === '\n' ? character : `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
