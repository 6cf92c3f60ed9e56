import { spawn } from 'node:child_process';
import { readFile, rm } from 'node:fs/promises';
import { dirname, join, relative, sep } from 'node:path';
import process from 'node:process';
import type { WorkspaceCopy } from './workspace-copy.ts';

/** One test of a run. */
export interface TestOutcome {
  /** With the titles of the suites around it. */
  readonly fullName: string;
  readonly status: string;
  readonly failureMessages: readonly string[];
}

/** What a test runner said of one file; no outcomes when the file or its imports could not be loaded. */
export interface TestRun {
  readonly outcomes: readonly TestOutcome[];
  /** What it printed, for when there are no outcomes. */
  readonly output: string;
}

/** A test whose rule is broken often waits in vain: it need not do so for minutes. */
const WAITS = ['--testTimeout=30000', '--hookTimeout=30000', '--expect.poll.timeout=10000'];
/** For all tests of one file. */
const PATIENCE_MS = 180_000;

/**
 * Runs the tests of one file whose full names contain one of the titles.
 * @param file from the top of the repository
 */
export async function runTests(
  copy: WorkspaceCopy,
  { file, titles }: { file: string; titles: readonly string[] },
): Promise<TestRun> {
  const project = join(copy.root, ...file.split('/').slice(0, 2));
  const report = join(copy.root, 'report.json');
  await rm(report, { force: true });
  const pattern = `(${titles.map(literally).join('|')})`;
  const output = await vitest(project, [
    ...['run', relative(project, join(copy.root, file)).split(sep).join('/'), '-t', pattern],
    ...['--reporter=json', `--outputFile=${report}`, ...WAITS],
  ]);
  return { outcomes: outcomesIn(await readFile(report, 'utf8').catch(() => '')), output };
}

/** Reads vitest's JSON report: nothing is in a report that was not written. */
export function outcomesIn(report: string): readonly TestOutcome[] {
  if (report === '') return [];
  const { testResults } = JSON.parse(report) as { testResults: { assertionResults: TestOutcome[] }[] };
  return testResults.flatMap(({ assertionResults }) => assertionResults);
}

function literally(text: string): string {
  return text.replaceAll(/[.*+?^${}()|[\]\\/]/g, '\\$&');
}

/** @returns what it printed */
function vitest(project: string, args: readonly string[]): Promise<string> {
  const program = join(dirname(dirname(project)), 'node_modules/vitest/vitest.mjs');
  return new Promise((resolve, reject) => {
    // Nothing of the run that this may be part of leaks in.
    const env = { PATH: process.env.PATH ?? '', HOME: process.env.HOME ?? '' };
    const child = spawn(process.execPath, [program, ...args], { cwd: project, env, timeout: PATIENCE_MS });
    let output = '';
    const grow = (text: string): void => void (output += text);
    child.stdout.setEncoding('utf8').on('data', grow);
    child.stderr.setEncoding('utf8').on('data', grow);
    child.once('error', reject).once('close', () => {
      resolve(output);
    });
  });
}
