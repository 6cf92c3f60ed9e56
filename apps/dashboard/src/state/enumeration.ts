/** Lists in a sentence. */
const MOST_NAMES = 2;
const MOST_RUNS = 5;
const digits = new Intl.NumberFormat('en');

/** Names, the first two of many: `web-7`, `web-7 and web-8`, `web-7, web-8 and 40 others`. */
export function tellNames(names: readonly string[]): string {
  if (names.length <= MOST_NAMES) return names.join(' and ');
  const rest = names.length - MOST_NAMES;
  return `${names.slice(0, MOST_NAMES).join(', ')} and ${digits.format(rest)} other${rest === 1 ? '' : 's'}`;
}

/** Pieces, runs of three or more as a range: `811 and 812`, `3–9 and 20`, `1, 3, 5, 7, 9 and 1,203 more`. */
export function tellPieces(pieces: readonly number[]): string {
  const runs = runsOf(pieces);
  const shown = runs.slice(0, MOST_RUNS);
  const count = shown.reduce((sum, { first, last }) => sum + last - first + 1, 0);
  const texts = shown.map(({ first, last }) => (first === last ? String(first) : `${String(first)}–${String(last)}`));
  if (count < pieces.length) texts.push(`${digits.format(pieces.length - count)} more`);
  return texts.length < 2 ? texts.join('') : `${texts.slice(0, -1).join(', ')} and ${texts.at(-1) ?? ''}`;
}

interface Run {
  readonly first: number;
  readonly last: number;
}

/** Of ascending numbers, those that follow each other; two that do stay apart. */
function runsOf(pieces: readonly number[]): Run[] {
  const runs: Run[] = [];
  let start = 0;
  for (let at = 1; at <= pieces.length; at++) {
    const first = pieces[start] ?? 0;
    if (pieces[at] === first + at - start) continue;
    const last = pieces[at - 1] ?? first;
    if (last - first === 1) runs.push({ first, last: first }, { first: last, last });
    else runs.push({ first, last });
    start = at;
  }
  return runs;
}
