import { describe, expect, it } from 'vitest';
import type { Defence } from '../../src/defences/defence.ts';
import { outcomesIn, type TestOutcome } from '../../src/defences/test-run.ts';
import { verdictWithDefence, verdictWithoutDefence } from '../../src/defences/verdict.ts';

const row: Defence = {
  defence: 'the door is locked',
  file: 'door.ts',
  original: 'lock();',
  switchedOff: '',
  test: 'door.test.ts',
  title: 'keeps strangers out',
};
const passed: TestOutcome = { fullName: 'a door keeps strangers out', status: 'passed', failureMessages: [] };
const failed = { ...passed, status: 'failed', failureMessages: ['AssertionError: expected 1 to be 0\n at a line'] };
const other = { ...failed, fullName: 'a door creaks' };
const runOf = (...outcomes: TestOutcome[]) => ({ outcomes, output: 'no such file' });

describe('while a defence is on', () => {
  it('its test passes', () => {
    expect(verdictWithDefence(row, runOf(passed, other)).holds).toBe(true);
  });

  it('a test that fails, or that did not run, proves nothing', () => {
    expect(verdictWithDefence(row, runOf(passed, failed)).holds).toBe(false);
    expect(verdictWithDefence(row, runOf(other))).toEqual({ holds: false, seen: 'no such test ran: no such file' });
    expect(verdictWithDefence(row, runOf({ ...passed, status: 'skipped' })).holds).toBe(false);
  });
});

describe('while a defence is off', () => {
  it('its test fails, and says why', () => {
    const seen = 'noticed: AssertionError: expected 1 to be 0';
    expect(verdictWithoutDefence(row, runOf(passed, failed))).toEqual({ holds: true, seen });
  });

  it('a test that passes, or that did not run, does not notice', () => {
    expect(verdictWithoutDefence(row, runOf(passed, other)).holds).toBe(false);
    expect(verdictWithoutDefence(row, runOf(other)).holds).toBe(false);
  });

  it('a test that fails because the change is nonsense does not notice', () => {
    const nonsense = { ...failed, failureMessages: ['ReferenceError: isLocked is not defined'] };
    expect(verdictWithoutDefence(row, runOf(nonsense)).holds).toBe(false);
  });
});

describe('a report', () => {
  it('has the tests of all its files', () => {
    const report = JSON.stringify({ testResults: [{ assertionResults: [passed] }, { assertionResults: [failed] }] });
    expect(outcomesIn(report)).toEqual([passed, failed]);
  });

  it('that was never written has none', () => {
    expect(outcomesIn('')).toEqual([]);
  });
});
