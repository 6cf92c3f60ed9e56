/** How a typed line is cut into words: spaces separate, quotes and backslashes keep them together, as in a shell. */
import { homedir } from 'node:os';
import { ShoalError } from '@shoal/protocol';

/** A word of a typed line. */
export interface Word {
  /** What is meant: without quotes, `~/` replaced. */
  readonly text: string;
  /** Where it begins in the line. */
  readonly start: number;
}

type Quote = '"' | "'" | undefined;

/** Characters that a backslash protects; before others it is an ordinary character, as in a Windows path. */
const ESCAPABLE = /[\s"'\\]/;

/**
 * Cuts a finished line.
 * @throws ShoalError `bad-argument` when a quote is not closed
 */
export function splitLine(line: string): string[] {
  const { words, quote } = scanLine(line);
  if (quote !== undefined) throw new ShoalError('bad-argument', `reading the line: the quote ${quote} is not closed`);
  return words.map((word) => word.text);
}

/**
 * Cuts a line that is still being typed.
 * @returns the words, the last of which may be unfinished and is empty when the line ends in a space; and the quote that
 *   is still open
 */
export function splitUnfinished(line: string): { readonly words: readonly Word[]; readonly quote: Quote } {
  const { words, quote, isInWord } = scanLine(line);
  return { words: isInWord ? words : [...words, { text: '', start: line.length }], quote };
}

/** Writes a word so that `splitLine` reads it back. */
export function quoteWord(text: string): string {
  if (text !== '' && !/[\s"'\\]/.test(text)) return text;
  return `"${text.replace(/["\\]/g, (character) => `\\${character}`)}"`;
}

function scanLine(line: string): { words: Word[]; quote: Quote; isInWord: boolean } {
  const words: Word[] = [];
  let quote: Quote;
  let word: { text: string; start: number } | undefined;
  for (let at = 0; at < line.length; at++) {
    const character = line.charAt(at);
    if (quote === undefined && /\s/.test(character)) {
      if (word !== undefined) words.push(finishWord(word, line));
      word = undefined;
      continue;
    }
    word ??= { text: '', start: at };
    const nextQuote = quoteAfter(character, quote);
    if (nextQuote !== quote) quote = nextQuote;
    else if (isEscape(line, at, quote)) word.text += line.charAt(++at);
    else word.text += character;
  }
  if (word !== undefined) words.push(finishWord(word, line));
  return { words, quote, isInWord: word !== undefined };
}

function quoteAfter(character: string, quote: Quote): Quote {
  if (quote !== undefined) return character === quote ? undefined : quote;
  return character === '"' || character === "'" ? character : undefined;
}

function isEscape(line: string, at: number, quote: Quote): boolean {
  return line.charAt(at) === '\\' && quote !== "'" && ESCAPABLE.test(line.charAt(at + 1));
}

function finishWord({ text, start }: Word, line: string): Word {
  const isHome = line.startsWith('~/', start) || (text === '~' && line.charAt(start) === '~');
  return { text: isHome ? homedir() + text.slice(1) : text, start };
}
