import type { Defence } from './defence.ts';
import type { TestRun } from './test-run.ts';

/** What a run of tests shows about one defence. */
export interface Verdict {
  readonly holds: boolean;
  readonly seen: string;
}

/** A change that does not run at all proves nothing about the rule. */
const NONSENSE = /^(ReferenceError|SyntaxError)\b/;

/** Of the untouched sources: there is such a test, and it passes. */
export function verdictWithDefence(row: Defence, run: TestRun): Verdict {
  const named = testsOf(row, run);
  if (named.length === 0) return { holds: false, seen: `no such test ran: ${lastLine(run.output)}` };
  const failed = named.find(({ status }) => status !== 'passed');
  if (failed !== undefined) return { holds: false, seen: `${failed.status} while it is on: ${reason(failed)}` };
  return { holds: true, seen: 'passes while it is on' };
}

/** With the defence switched off: the test ran, and failed because of what it saw. */
export function verdictWithoutDefence(row: Defence, run: TestRun): Verdict {
  const named = testsOf(row, run);
  if (named.length === 0) return { holds: false, seen: `the tests did not start: ${lastLine(run.output)}` };
  const failed = named.find(({ status }) => status === 'failed');
  if (failed === undefined) return { holds: false, seen: 'no test noticed' };
  return { holds: !NONSENSE.test(reason(failed)), seen: `noticed: ${reason(failed)}` };
}

function testsOf({ title }: Defence, { outcomes }: TestRun): TestRun['outcomes'] {
  return outcomes.filter(({ fullName, status }) => fullName.includes(title) && status !== 'skipped');
}

function reason({ failureMessages: [message = ''] }: TestRun['outcomes'][number]): string {
  const [line = ''] = message.split('\n');
  return line.length > LINE ? `${line.slice(0, LINE)}…` : line;
}

function lastLine(output: string): string {
  const lines = output.split('\n').filter((line) => line.trim() !== '');
  return (lines.at(-1) ?? 'nothing was printed').slice(0, LINE);
}

/** Of a message, in characters. */
const LINE = 120;
