import { stripVTControlCharacters } from 'node:util';
import stringWidth from 'string-width';

/** A place on the terminal, counted from where a text begins. */
export interface Place {
  readonly rows: number;
  readonly columns: number;
}

const TAB = 8;

/** Where the cursor stands after a text that began in the first column; counts as readline does. */
export function placeAfter(text: string, width: number): Place {
  let offset = 0;
  for (const character of stripVTControlCharacters(text)) {
    if (character === '\t') {
      offset += TAB - (offset % TAB);
      continue;
    }
    const cells = stringWidth(character);
    // A wide character that would be cut at the edge begins the next row.
    if (cells === 2 && (offset + 1) % width === 0) offset++;
    offset += cells;
  }
  return { rows: Math.floor(offset / width), columns: offset % width };
}
