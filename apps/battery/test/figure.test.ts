import { describe, expect, it } from 'vitest';
import { atLeast, atMost, brokenFacts, fact, notRun, textOf } from '../src/figure.ts';

const measure = { what: 'answers', unit: 's', limit: 3, isTiming: false };

describe('a figure', () => {
  it('holds at its limit and breaks beyond it', () => {
    expect(atMost({ ...measure, seen: 3 }).outcome).toBe('holds');
    expect(atMost({ ...measure, seen: 3.001 }).outcome).toBe('breaks');
    expect(atLeast({ ...measure, seen: 3 }).outcome).toBe('holds');
    expect(atLeast({ ...measure, seen: 2.999 }).outcome).toBe('breaks');
  });

  it('breaks when nothing was measured', () => {
    expect(atMost({ ...measure, seen: NaN })).toMatchObject({ outcome: 'breaks', seen: 'nothing s' });
    expect(atLeast({ ...measure, seen: NaN }).outcome).toBe('breaks');
  });

  it('decides a test unless it hangs on the speed of the machine or was not run', () => {
    const broken = fact('files', { demand: 'all right', seen: '1 wrong', holds: false });
    const slow = atMost({ ...measure, seen: 9, isTiming: true });
    const skipped = notRun('a power cut', { demand: 'nothing lost', why: 'not root' });
    expect(brokenFacts([broken, slow, skipped])).toEqual([broken]);
  });

  it('stands in a table with its demand, and the table ends with a count', () => {
    expect(textOf([atMost({ ...measure, seen: 1.2345 }), notRun('b', { demand: 'c', why: 'not root' })])).toBe(
      'holds    answers  at most 3 s  1.23 s\nnot run  b        c            not root\n1 hold, 0 break, 1 not run',
    );
  });
});
