import { appendFileSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { peerIdSchema } from '@shoal/protocol';
import { describe, expect, it } from 'vitest';
import { beginChronicle, readChronicles, type Chronicles, type Happening } from '../src/chronicle.ts';
import { claimsOf } from '../src/trial.ts';
import { useFolder } from './folder.ts';

const [anna, boris] = ['a', 'b'].map((digit) => peerIdSchema.parse(digit.repeat(64)));
const good = { verdict: 'all 3 leechers hold verified copies of 2 shares', wrongCopies: 0 };
const chronicles: Chronicles = {
  tracker: [{ kind: 'killed', progress: 0.25 }, { kind: 'back' }],
  seeder: [{ kind: 'killed', progress: 0.5 }, { kind: 'back' }],
  saboteur: [
    { kind: 'deceived', peerId: anna! },
    { kind: 'banned-by', peerId: anna! },
  ],
};

describe('a run with faults', () => {
  it('is passed when all deaths were survived, the saboteur was banned and every copy is verified', () => {
    const claims = claimsOf(good, chronicles);
    expect(claims.filter(({ holds }) => !holds)).toEqual([]);
    expect(claims.map(({ says }) => says)).toContain(
      'the seeder was killed when the leechers were at 50 %, and came back',
    );
  });

  it.each<[string, Partial<Chronicles>]>([
    ['the tracker was never killed', { tracker: [] }],
    ['the seeder did not come back', { seeder: [{ kind: 'killed', progress: 0.5 }] }],
    ['the saboteur found nobody to deceive', { saboteur: [] }],
    [
      'one who was deceived did not ban it',
      { saboteur: [...chronicles.saboteur, { kind: 'deceived', peerId: boris! }] },
    ],
  ])('is not passed when %s', (_what, change) => {
    expect(claimsOf(good, { ...chronicles, ...change }).filter(({ holds }) => !holds)).toHaveLength(1);
  });

  it('is not passed while a copy lacks, or when one was ever wrong', () => {
    expect(claimsOf({ verdict: undefined, wrongCopies: 0 }, chronicles).every(({ holds }) => holds)).toBe(false);
    expect(claimsOf({ ...good, wrongCopies: 1 }, chronicles).every(({ holds }) => holds)).toBe(false);
  });
});

describe('a chronicle', () => {
  const folder = useFolder();

  it('keeps what was noted, in order, and begins anew with each run', () => {
    mkdirSync(join(folder(), 'seeder'));
    const happenings: Happening[] = [{ kind: 'killed', progress: 0.5 }, { kind: 'back' }];
    const write = (): void => {
      happenings.forEach(beginChronicle(join(folder(), 'seeder')));
    };
    write();
    write();
    expect(readChronicles(folder())).toEqual({ tracker: [], seeder: happenings, saboteur: [] });
  });

  it('is read without the line that is just being written', () => {
    mkdirSync(join(folder(), 'seeder'));
    beginChronicle(join(folder(), 'seeder'))({ kind: 'back' });
    appendFileSync(join(folder(), 'seeder', 'chronicle.jsonl'), '{"kind":"ba');
    expect(readChronicles(folder()).seeder).toEqual([{ kind: 'back' }]);
  });
});
