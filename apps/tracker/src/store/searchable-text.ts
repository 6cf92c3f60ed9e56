/**
 * How a query meets a text. Both are folded the same way, so that case and the spelling of accents do not count; the
 * index holds trigrams for long queries, and single characters and pairs for short ones. Whoever changes `foldText` or
 * the grams must rebuild the index in a migration.
 */

const MAX_MATCHES = 10;
// eslint-disable-next-line no-control-regex -- control characters are what is looked for
const CONTROL_CHARACTER = /[\u0000-\u001f]/;
const CODE_POINTS = 0x110000;

/** A text in the one form in which texts are compared. */
export function foldText(text: string): string {
  return text.normalize('NFC').toLowerCase().toUpperCase().toLowerCase().replaceAll('ς', 'σ').normalize('NFC');
}

/** Everything of a share that a query may hit; a line break, which no path contains, keeps the parts apart. */
export function searchableText(name: string, paths: readonly string[]): string {
  return foldText([name, ...paths].join('\n'));
}

/** How to ask the index for a query. */
export type IndexQuery =
  | { readonly kind: 'everything' }
  /** No text can contain it. */
  | { readonly kind: 'nothing' }
  | { readonly kind: 'trigrams' | 'grams'; readonly match: string };

/** The FTS5 expression of a query: one string literal, so that nothing in it is an operator. */
export function indexQuery(query: string): IndexQuery {
  const folded = foldText(query);
  if (folded === '') return { kind: 'everything' };
  if (CONTROL_CHARACTER.test(folded)) return { kind: 'nothing' };
  const [first = '', second, third] = folded;
  if (third !== undefined) return { kind: 'trigrams', match: `"${folded.replaceAll('"', '""')}"` };
  return { kind: 'grams', match: gramToken(codePoint(first), second === undefined ? undefined : codePoint(second)) };
}

/** The distinct characters and pairs of a folded text, as tokens of letters and digits. */
export function gramTokens(folded: string): string {
  const singles = new Set<number>();
  const pairs = new Set<number>();
  let previous: number | undefined;
  for (const character of folded) {
    const code = codePoint(character);
    singles.add(code);
    if (previous !== undefined) pairs.add(previous * CODE_POINTS + code);
    previous = code;
  }
  const tokens = Array.from(singles, (code) => gramToken(code, undefined));
  for (const pair of pairs) tokens.push(gramToken(Math.floor(pair / CODE_POINTS), pair % CODE_POINTS));
  return tokens.join(' ');
}

/** The first paths that contain a query. */
export function matchingPaths(query: string, paths: Iterable<string>): string[] {
  const folded = foldText(query);
  const matches: string[] = [];
  if (folded === '') return matches;
  for (const path of paths) {
    if (!foldText(path).includes(folded)) continue;
    if (matches.push(path) === MAX_MATCHES) break;
  }
  return matches;
}

function gramToken(first: number, second: number | undefined): string {
  return second === undefined ? `s${first.toString(16)}` : `p${first.toString(16)}x${second.toString(16)}`;
}

function codePoint(character: string): number {
  return character.codePointAt(0) ?? 0;
}
