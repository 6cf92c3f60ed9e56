import { describe, expect, it } from 'vitest';
import { GroupCommit } from '../../src/store/group-commit.ts';

interface Commit {
  readonly items: readonly string[];
  end(error?: Error): void;
}

/** A group commit whose transactions end when the test says so. */
function groups(limits = { items: 10, weight: 100 }): { group: GroupCommit<string>; commits: Commit[] } {
  const commits: Commit[] = [];
  const commit = (items: readonly string[]): Promise<ReadonlySet<string>> =>
    new Promise((resolve, reject) => {
      const end = (error?: Error): void => {
        if (error === undefined) resolve(new Set(items.filter((item) => !item.startsWith('old'))));
        else reject(error);
      };
      commits.push({ items, end });
    });
  return { group: new GroupCommit({ commit, weigh: (item) => item.length, limits }), commits };
}

async function nth(commits: readonly Commit[], n: number): Promise<Commit> {
  await expect.poll(() => commits.length).toBe(n);
  return commits[n - 1]!;
}

describe('a group commit', () => {
  it('takes what comes while a transaction runs into the next one, in order', async () => {
    const { group, commits } = groups();
    const first = group.add('a');
    const one = await nth(commits, 1);
    const others = [group.add('b'), group.add('old c'), group.add('d')];
    one.end();
    const two = await nth(commits, 2);
    two.end();
    expect(await first).toBe(true);
    expect(await Promise.all(others)).toEqual([true, false, true]);
    expect(commits.map(({ items }) => items)).toEqual([['a'], ['b', 'old c', 'd']]);
  });

  it('answers nobody before what they brought is committed', async () => {
    const { group, commits } = groups();
    let isAnswered = false;
    const added = group.add('a').then(() => {
      isAnswered = true;
    });
    const one = await nth(commits, 1);
    await new Promise(setImmediate);
    expect(isAnswered).toBe(false);
    one.end();
    await added;
    expect(isAnswered).toBe(true);
  });

  it('that fails is told to all who are in it, and to nobody else', async () => {
    const { group, commits } = groups();
    const outcomes = Promise.allSettled([group.add('a'), group.add('b')]);
    const one = await nth(commits, 1);
    const later = group.add('c');
    one.end(new Error('the disk is full'));
    const two = await nth(commits, 2);
    two.end();
    expect((await outcomes).map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    expect(await later).toBe(true);
  });

  it('takes no more at once than it may, and what is too heavy by itself', async () => {
    const { group, commits } = groups({ items: 2, weight: 5 });
    const all = Promise.all(['a', 'b', 'c', 'longer than five', 'dddd', 'ee'].map((item) => group.add(item)));
    for (let n = 1; n <= 5; n++) (await nth(commits, n)).end();
    await all;
    expect(commits.map(({ items }) => items)).toEqual([['a', 'b'], ['c'], ['longer than five'], ['dddd'], ['ee']]);
  });

  it('is idle when all of it is committed', async () => {
    const { group, commits } = groups();
    let isDone = false;
    void group.add('a').then(() => {
      isDone = true;
    });
    const idle = group.idle();
    (await nth(commits, 1)).end();
    await idle;
    expect(isDone).toBe(true);
  });
});
