import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';

const summary = resolve(import.meta.dirname, '../../../.ci/summary.mjs');
let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'shoal-summary-'));
});
afterEach(() => rm(folder, { recursive: true }));

/** Runs the script on a report; answers its last line and its exit code. */
async function summarise(report: object | undefined, ...failedSteps: readonly string[]) {
  const path = join(folder, 'tests.json');
  if (report) await writeFile(path, JSON.stringify(report));
  return new Promise<{ line: string | undefined; code: number | null }>((done) => {
    const child = execFile(process.execPath, [summary, path, ...failedSteps], (_error, stdout) => {
      done({ line: stdout.trim().split('\n').at(-1), code: child.exitCode });
    });
  });
}

const passedFile = { status: 'passed', assertionResults: [{}] };
const allPassed = { numPassedTests: 40, numFailedTests: 0, numPendingTests: 0, testResults: [passedFile] };

it('prints the counts of the report', async () => {
  expect(await summarise(allPassed)).toEqual({ line: '40 passed, 0 failed, 0 skipped', code: 0 });
  const twoFailed = { ...allPassed, numPassedTests: 38, numFailedTests: 2 };
  expect(await summarise(twoFailed, 'npm test')).toEqual({ line: '38 passed, 2 failed, 0 skipped', code: 1 });
});

it('counts a file whose tests could not even start', async () => {
  const broken = { ...allPassed, testResults: [passedFile, { status: 'failed', assertionResults: [] }] };
  expect(await summarise(broken, 'npm test')).toEqual({ line: '40 passed, 1 failed, 0 skipped', code: 1 });
});

it('counts a failed step that no failed test explains', async () => {
  expect(await summarise(allPassed, 'npm run lint')).toEqual({ line: '40 passed, 1 failed, 0 skipped', code: 1 });
  expect(await summarise(allPassed, 'npm test')).toEqual({ line: '40 passed, 1 failed, 0 skipped', code: 1 });
});

it('fails when no test ran', async () => {
  expect(await summarise(undefined, 'npm test')).toEqual({ line: '0 passed, 1 failed, 0 skipped', code: 1 });
  expect(await summarise({ ...allPassed, numPassedTests: 0 })).toMatchObject({ code: 1 });
});
