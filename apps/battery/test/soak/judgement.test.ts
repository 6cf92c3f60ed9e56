import { describe, expect, it } from 'vitest';
import { brokenFacts } from '../../src/figure.ts';
import { judge } from '../../src/soak/judgement.ts';
import type { ProgramAtRest } from '../../src/soak/rest.ts';

const tracker: ProgramAtRest = {
  name: 'tracker',
  kills: 0,
  liveBytes: 100,
  anonymousBytes: 1_000,
  timers: 2,
  otherResources: 3,
  threads: 11,
  sockets: 4,
  deletedFiles: 0,
  otherDescriptors: 5,
  files: ['a', 'b'],
};
const agent: ProgramAtRest = { ...tracker, name: 'agent' };
const killed: ProgramAtRest = { ...agent, name: 'killed', kills: 1 };
const before = [tracker, agent, { ...killed, kills: 0 }];

/** What breaks when the agent looks so after a while. */
function broken(change: Partial<ProgramAtRest>, isShort = false): readonly string[] {
  const after = [tracker, { ...agent, ...change }, killed];
  return brokenFacts(judge({ before, after, isShort })).map(({ what }) => what);
}

describe('a soak', () => {
  it('is passed by programs that are as they were, or less', () => {
    expect(broken({})).toEqual([]);
    expect(broken({ timers: 1, sockets: 3, liveBytes: 50 })).toEqual([]);
  });

  it.each<[string, Partial<ProgramAtRest>, string]>([
    ['live memory', { liveBytes: 106 }, 'live memory of the agents that were never killed'],
    ['resident memory', { anonymousBytes: 1_051 }, 'resident anonymous memory of the same'],
    ['a timer', { timers: 3 }, 'timers'],
    ['a socket', { sockets: 5 }, 'sockets, with as many links'],
    ['a descriptor', { otherDescriptors: 6 }, 'descriptors besides sockets and shared files'],
    ['a thread', { threads: 12 }, 'threads'],
    ['a removed file that is open', { deletedFiles: 1 }, 'descriptors of files that were removed'],
    ['a file', { files: ['a', 'b', 'c'] }, 'files in homes and folders'],
    ['the lack of a file', { files: ['a'] }, 'files in homes and folders'],
  ])('finds %s', (_what, change, figure) => {
    expect(broken(change)).toEqual([figure]);
  });

  it('bears five per cent of memory, and tells it only when it was short', () => {
    expect(broken({ liveBytes: 105 })).toEqual([]);
    expect(broken({ liveBytes: 200 }, true)).toEqual([]);
  });

  it('does not compare the memory of a process with that of one before it', () => {
    const after = [tracker, agent, { ...killed, liveBytes: 500, anonymousBytes: 9_000 }];
    expect(brokenFacts(judge({ before, after, isShort: false }))).toEqual([]);
  });
});
