import { reportError, ShoalError } from '@shoal/protocol';
import { expect, test } from 'vitest';
import { commonProblem } from '../../src/agent/held-share.ts';

const problem = reportError(new ShoalError('tracker-unreachable', 'no answer'));

test('a share has no trouble with trackers while one of them can be reached', () => {
  const problemOf = new Map([
    ['http://one', problem],
    ['http://two', undefined],
  ]);
  expect(commonProblem(['http://one', 'http://two'], problemOf)).toBeUndefined();
  expect(commonProblem(['http://one', 'http://three'], problemOf)).toBeUndefined();
});

test('a share tells why none of its trackers can be reached', () => {
  const problemOf = new Map([
    ['http://one', problem],
    ['http://two', problem],
  ]);
  expect(commonProblem(['http://one', 'http://two'], problemOf)).toEqual(problem);
});
