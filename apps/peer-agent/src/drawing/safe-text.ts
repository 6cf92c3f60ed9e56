/**
 * Text that strangers wrote (names of shares, peers' agents, messages of trackers) as it may be put on a terminal:
 * nothing in it can move the cursor, change colours, start a new line or turn the direction of reading.
 */
import { stripVTControlCharacters } from 'node:util';
import { toVisible } from '@shoal/protocol';

/** The text on one line, without terminal control sequences; what cannot be shown becomes `�`. */
export function safeText(text: string): string {
  return toVisible(stripVTControlCharacters(text));
}

/** A value as JSON that is safe on a terminal too: the same value, with every such character escaped. */
export function safeJson(value: unknown): string {
  return toVisible(JSON.stringify(value, null, 2), (character) =>
    character === '\n' ? character : `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
