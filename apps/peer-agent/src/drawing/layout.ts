import { stripVTControlCharacters } from 'node:util';
import widthOf from 'fast-string-width';
import type { Colours } from './frame.ts';

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
    const cells = widthOf(character);
    // A wide character that would be cut at the edge begins the next row.
    if (cells === 2 && (offset + 1) % width === 0) offset++;
    offset += cells;
  }
  return { rows: Math.floor(offset / width), columns: offset % width };
}

const ELLIPSIS = '…';
// eslint-disable-next-line no-control-regex -- what begins with one is looked for
const COLOUR = /(\u001b\[[\d;]*m)/;

/** A text that may be coloured, cut at its end to so many cells. */
export function cutEnd(text: string, cells: number, { reset }: Pick<Colours, 'reset'>): string {
  return widthOf(text) <= cells ? text : reset(beginOf(charactersOf(text), cells - 1).join('') + ELLIPSIS);
}

/** A plain text cut in its middle to so many cells: the end of a name tells as much as its begin. */
export function cutMiddle(text: string, cells: number): string {
  if (widthOf(text) <= cells) return text;
  const characters = charactersOf(text);
  const tailCells = Math.floor((cells - 1) / 2);
  const tail = beginOf(characters.toReversed(), tailCells).toReversed();
  return [...beginOf(characters, cells - 1 - tailCells), ELLIPSIS, ...tail].join('');
}

/** As many of the first characters as fit. */
function beginOf(characters: readonly string[], cells: number): readonly string[] {
  let width = 0;
  const end = characters.findIndex((character) => (width += widthOf(character)) > cells);
  return end === -1 ? characters : characters.slice(0, end);
}

/** What a person takes for one character each, and colours as they are switched. */
function charactersOf(text: string): string[] {
  const segmenter = new Intl.Segmenter();
  return text
    .split(COLOUR)
    .flatMap((part) => (COLOUR.test(part) ? [part] : Array.from(segmenter.segment(part), ({ segment }) => segment)));
}
