import { ERRORS, isErrorCode, ShoalError } from '@shoal/protocol';
import { describe, expect, it } from 'vitest';
import { problemOf } from '../../src/http/problem.ts';

describe('a problem', () => {
  it('has a status below 500 for every code but those that are the tracker’s own trouble', () => {
    const codes = Object.keys(ERRORS).filter(isErrorCode);
    const ours = codes.filter((code) => problemOf(new ShoalError(code, 'x')).status >= 500);
    expect(new Set(ours)).toEqual(new Set(['internal', 'overloaded', 'database-unavailable', 'shutting-down']));
  });

  it('of the tracker’s own does not tell strangers what went wrong', () => {
    const secret = new Error('at /home/me/tracker.db');
    for (const error of [secret, new ShoalError('database-unavailable', secret.message, { cause: secret })]) {
      expect(JSON.stringify(problemOf(error))).not.toContain('/home/me');
    }
  });

  it('that passes says when to try again', () => {
    expect(problemOf(new ShoalError('overloaded', 'x')).headers).toHaveProperty('Retry-After');
  });

  it('keeps the text of the caller as data', () => {
    const { body } = problemOf(new ShoalError('bad-message', 'reading <script>'));
    expect(body.message).toBe('reading <script>');
  });
});
