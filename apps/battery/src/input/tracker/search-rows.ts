/** Searches in words that a database might take for its own: found is the literal text, and nothing else. */
import type { Row } from '../table.ts';

/** Names of shares, each with something that is special somewhere. */
export const SPECIAL_NAMES = [
  '100% sure',
  'under_score',
  'double"quote',
  "single'quote",
  'NEAR OR AND NOT',
  'star* caret^',
  "x'; DROP TABLE shares;--",
  '(parens) {braces} [brackets]',
  'emoji 😀 family 👨‍👩‍👧',
  'plus+minus-',
  'Straße ΣΑΣ',
  'dollar$ at@ hash#',
  '<script>alert(1)<',
] as const;

/** One search; `must` lists the names that contain the query. */
export interface SearchRow extends Row {
  readonly query: string;
}

const QUERIES = [
  ...['%', '_', '"', "'", '*', '^', '(', ')', '{', '[', ';', '-', '--', '+', '$', '@', '#', '<', '😀', '👨', ' '],
  ...['%%', '__', '""', "''", '100%', '0% s', 'r_s', 'e"q', "e'q", 'OR', 'AND NOT', 'NEAR', '*^', '* c', "';", '-- '],
  ...[
    '" OR "',
    '* OR *',
    'NEAR(',
    'name:x',
    '^x',
    'a OR b',
    'x AND',
    'NOT x',
    "' OR 1=1 --",
    '1) OR (1',
    '"unfinished',
  ],
  ...['\u0000', 'a\u0000b', '\u001b[31m', '\u202e', '\ufeff', '\ud800', '\n', '\\', '/', '%25', '%00', '${x}', '{{x}}'],
  ...['STRASSE', 'straße', 'σας', 'σασ', 'SURE', 'é', '\u0301'],
];

/** All searches; @param contains whether the tracker must find a query in a name */
export function searchRows(contains: (name: string, query: string) => boolean): readonly SearchRow[] {
  return [...SPECIAL_NAMES, ...QUERIES].map((query) => {
    const found = SPECIAL_NAMES.filter((name) => contains(name, query));
    return { name: `search for ${JSON.stringify(query)}`, query, must: wordsOf(found) };
  });
}

/** Names as a row lists them. */
export function wordsOf(names: readonly string[]): string {
  return `200 ${JSON.stringify([...names].sort())}`;
}

/** Text as the protocol compares it: without case, and with one spelling of accents. */
export function containsText(name: string, query: string): boolean {
  return foldedForm(name).includes(foldedForm(query));
}

function foldedForm(text: string): string {
  const folded = text.normalize('NFC').toLowerCase().toUpperCase().toLowerCase();
  return folded.replaceAll('ς', 'σ').normalize('NFC');
}
