import { infoHashSchema } from '@shoal/protocol';
import { describe, expect, it } from 'vitest';
import type { Copy } from '../src/copies.ts';
import { Judge, type Finding } from '../src/judge.ts';

const verified: Copy = { kind: 'verified' };
const outdated: Copy = { kind: 'outdated' };
const missing: Copy = { kind: 'missing' };

describe('the judge', () => {
  it('says that all hold verified copies when every leecher holds every share', () => {
    const judge = new Judge();
    judge.observe([1, 2], [found(1, 'film', verified), found(2, 'film', missing)]);
    expect(judge.verdict).toBeUndefined();
    const lines = judge.observe([1, 2], [found(1, 'film', verified), found(2, 'film', verified)]);
    expect(lines.at(-1)).toBe('all 2 leechers hold verified copies of 1 share');
    expect(judge.verdict).toBe('all 2 leechers hold verified copies of 1 share');
  });

  it('passes no verdict while there is nothing to judge', () => {
    const judge = new Judge();
    judge.observe([1, 2, 3], []);
    judge.observe([], []);
    expect(judge.verdict).toBeUndefined();
  });

  it('says each thing once', () => {
    const judge = new Judge();
    const findings = [found(1, 'film', verified)];
    expect(judge.observe([1], findings)).toEqual([
      'the leecher of slot 1 is there',
      'the leecher of slot 1 holds a verified copy of film',
      'all 1 leecher hold verified copies of 1 share',
    ]);
    expect(judge.observe([1], findings)).toEqual([]);
  });

  it('takes the verdict back when something new is shared, and passes it anew', () => {
    const judge = new Judge();
    judge.observe([1], [found(1, 'film', verified)]);
    judge.observe([1], [found(1, 'film', verified), found(1, 'song', missing)]);
    expect(judge.verdict).toBeUndefined();
    const lines = judge.observe([1], [found(1, 'film', verified), found(1, 'song', verified)]);
    expect(lines).toEqual(['the leecher of slot 1 holds a verified copy of song', expect.stringContaining('2 shares')]);
  });

  it('names and counts a copy that is wrong', () => {
    const judge = new Judge();
    const lines = judge.observe([1], [found(1, 'film', { kind: 'wrong', path: 'a/b' })]);
    expect(lines).toContain('the leecher of slot 1 holds a WRONG copy of film: a/b is not as the metainfo says');
    expect(judge).toMatchObject({ wrongCopies: 1, verdict: undefined });
  });

  it('passes no verdict while a copy is outdated, and does not call it wrong', () => {
    const judge = new Judge();
    judge.observe([1], [found(1, 'film', verified)]);
    expect(judge.observe([1], [found(1, 'film', outdated)])).toEqual([]);
    expect(judge).toMatchObject({ wrongCopies: 0, verdict: undefined });
  });

  it('tells who comes and who goes', () => {
    const judge = new Judge();
    expect(judge.observe([1, 2], [])).toEqual(['the leecher of slot 1 is there', 'the leecher of slot 2 is there']);
    expect(judge.observe([2, 3], [])).toEqual(['the leecher of slot 1 is gone', 'the leecher of slot 3 is there']);
  });
});

function found(leecher: number, name: string, copy: Copy): Finding {
  return { leecher, name, copy, infoHash: infoHashSchema.parse(Buffer.from(name.padEnd(32)).toString('hex')) };
}
