/** Tables of bad input: each row says what it must get, and the table says which rows got something else. */
import { fact, type Figure } from '../figure.ts';

/** One bad input. Each part has words of its own for what comes back: `400 bad-json`, `bye bad-message`, `exit 2 bad-config`. */
export interface Row {
  /** What is wrong with it, unique in its table. */
  readonly name: string;
  readonly must: string;
}

/** A row, and what came back. */
export interface Outcome {
  readonly name: string;
  readonly must: string;
  readonly got: string;
}

/** So many wrong rows are named; the rest is counted. */
const NAMED = 6;

/**
 * Throws a table: every row in its turn, so many at once.
 * @param send says what came back, in the words of `must`; what it throws counts as that
 */
export async function throwTable<R extends Row>(
  rows: readonly R[],
  atOnce: number,
  send: (row: R) => Promise<string>,
): Promise<readonly Outcome[]> {
  const outcomes: Outcome[] = [];
  const waiting = [...rows.entries()];
  const work = async (): Promise<void> => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      const [at, { name, must }] = next;
      const row = rows[at];
      if (row === undefined) throw new Error('invariant: an entry has its row');
      const got = await send(row).catch((error: unknown) => `failure: ${String(error)}`);
      outcomes[at] = { name, must, got };
    }
  };
  await Promise.all(Array.from({ length: atOnce }, work));
  return outcomes;
}

/** Whether every row got what it must. */
export function judge(what: string, outcomes: readonly Outcome[]): Figure {
  const wrong = outcomes.filter(({ must, got }) => must !== got);
  const right = `${String(outcomes.length - wrong.length)} of ${String(outcomes.length)}`;
  const named = wrong.slice(0, NAMED).map(({ name, must, got }) => `${name}: ${got} instead of ${must}`);
  const seen = wrong.length === 0 ? right : `${right}; ${named.join('; ')}`;
  return fact(what, { demand: 'each row gets its code', seen, holds: wrong.length === 0 && outcomes.length > 0 });
}

/** Whether all that the code has stands in the tables: `subjects` are what the rows are about. */
export function covers(what: string, wanted: Iterable<string>, subjects: Iterable<string>): Figure {
  const [all, present] = [new Set(wanted), new Set(subjects)];
  const missing = [...all].filter((name) => !present.has(name));
  const seen = `${String(all.size - missing.length)} of ${String(all.size)}`;
  return fact(what, {
    demand: 'every one has rows',
    seen: missing.length === 0 ? seen : `${seen}; without: ${missing.join(', ')}`,
    holds: missing.length === 0 && all.size > 0,
  });
}
