import { fact, type Figure } from '../figure.ts';
import type { Defence } from './defence.ts';
import { runTests } from './test-run.ts';
import { verdictWithDefence, verdictWithoutDefence } from './verdict.ts';
import { WorkspaceCopy } from './workspace-copy.ts';

/** Copies of the repository in use at once: a test run keeps about one core busy. */
const COPIES = 2;

/**
 * Switches off each defence in turn, in a copy of the repository, and runs the test that must notice.
 * @param root the top of the repository, of which nothing is changed
 * @param print says each figure as it is known
 * @returns one figure for each defence, in the order of the rows
 */
export async function proveAll(
  rows: readonly Defence[],
  { root, print }: { root: string; print: (text: string) => void },
): Promise<readonly Figure[]> {
  const figures = new Map<Defence, Figure>();
  // The longest first, so that no copy is left alone with it at the end.
  const queue = byTest(rows).sort((a, b) => b.length - a.length);
  const work = async (): Promise<void> => {
    const copy = await WorkspaceCopy.create(root);
    try {
      for (let group = queue.shift(); group !== undefined; group = queue.shift()) {
        for await (const [row, figure] of prove(group, copy)) {
          figures.set(row, figure);
          print(`${figure.outcome === 'holds' ? '  ' : '! '}${row.defence}: ${figure.seen}`);
        }
      }
    } finally {
      await copy.remove();
    }
  };
  await Promise.all(Array.from({ length: Math.min(COPIES, queue.length) }, work));
  return rows.flatMap((row) => figures.get(row) ?? []);
}

/** The rows of one test file: that all pass on the untouched sources is seen in one run. */
async function* prove(rows: readonly Defence[], copy: WorkspaceCopy): AsyncGenerator<readonly [Defence, Figure]> {
  const [{ test: file } = { test: '' }] = rows;
  const untouched = await runTests(copy, { file, titles: rows.map(({ title }) => title) });
  for (const row of rows) {
    const before = verdictWithDefence(row, untouched);
    const verdict = before.holds
      ? verdictWithoutDefence(row, await copy.without(row, () => runTests(copy, { file, titles: [row.title] })))
      : before;
    yield [row, fact(row.defence, { demand: `without it fails: ${row.title}`, ...verdict })];
  }
}

function byTest(rows: readonly Defence[]): Defence[][] {
  const groups = new Map<string, Defence[]>();
  for (const row of rows) groups.set(row.test, [...(groups.get(row.test) ?? []), row]);
  return [...groups.values()];
}
