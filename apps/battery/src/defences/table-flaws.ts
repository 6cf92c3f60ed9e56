import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Defence } from './defence.ts';

/**
 * What is wrong with a table of defences, found without running anything.
 * @param root the top of the repository
 * @returns one sentence for each flaw
 */
export async function tableFlaws(rows: readonly Defence[], root: string): Promise<readonly string[]> {
  const flaws = await Promise.all(rows.map((row) => rowFlaws(row, root)));
  return [...twice(rows), ...flaws.flat()];
}

async function rowFlaws(row: Defence, root: string): Promise<readonly string[]> {
  const [source, tests] = await Promise.all([textAt(root, row.file), textAt(root, row.titleIn ?? row.test)]);
  const flaws: string[] = [];
  const times = source.split(row.original).length - 1;
  if (times !== 1) flaws.push(`stands ${times} times in ${row.file}`);
  if (row.switchedOff === row.original) flaws.push('changes nothing');
  if (!tests.includes(row.title)) flaws.push(`no title in ${row.titleIn ?? row.test} has "${row.title}"`);
  return flaws.map((flaw) => `${row.defence}: ${flaw}`);
}

function twice(rows: readonly Defence[]): readonly string[] {
  const names = repeated(rows.map(({ defence }) => defence));
  const changes = repeated(
    rows.map(({ file, original, switchedOff }) => JSON.stringify([file, original, switchedOff])),
  );
  return [...names, ...changes].map((text) => `${text}: stands twice in the table`);
}

function repeated(texts: readonly string[]): readonly string[] {
  return texts.filter((text, index) => texts.indexOf(text) !== index);
}

/** Nothing is in a file that is not there. */
async function textAt(root: string, path: string): Promise<string> {
  return readFile(join(root, path), 'utf8').catch(() => '');
}
