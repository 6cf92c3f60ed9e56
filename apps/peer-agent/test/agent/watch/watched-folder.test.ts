import { appendFile, mkdir, mkdtemp, rename, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { createHash } from 'node:crypto';
import { createMetainfo, ShoalError, type InfoHash, type Metainfo } from '@shoal/protocol';
import { hashShare } from '@shoal/engine/node';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { HeldShare } from '../../../src/agent/held-share.ts';
import type { Wanted } from '../../../src/agent/holdings.ts';
import { lookAtEntry } from '../../../src/agent/watch/share-folder.ts';
import { WatchedFolder } from '../../../src/agent/watch/watched-folder.ts';
import { LogBook } from '../log-book.ts';

const { signal } = new AbortController();
const TRACKER = 'http://localhost:8000';
const QUIET = 1_000;

let base: string;
let folder: string;
let log: LogBook;
let held: Map<InfoHash, HeldShare>;
let failed: Set<InfoHash>;
let hashed: string[];
/** Called when something was read, before anything is done with it. */
let onHashed: () => Promise<void>;
/** Why nothing can be held, if so. */
let refusal: ShoalError | undefined;
let nowMs: number;
let watched: WatchedFolder;

beforeEach(async () => {
  base = await mkdtemp(join(tmpdir(), 'shoal-'));
  folder = join(base, 'drop');
  await mkdir(folder);
  [log, held, failed, hashed, nowMs] = [new LogBook(), new Map(), new Set(), [], 0];
  onHashed = () => Promise.resolve();
  refusal = undefined;
  watched = newRun();
});
afterEach(() => rm(base, { recursive: true, force: true }));

async function metainfoOf(path: string, announce = TRACKER): Promise<Metainfo> {
  return createMetainfo({ announce, ...(await hashShare({ path })) });
}

/** What a start of the agent begins with: it holds what it held, and knows nothing else. */
function newRun(tracker = TRACKER): WatchedFolder {
  return new WatchedFolder({
    path: folder,
    tracker,
    log,
    look: lookAtEntry,
    hash: async (path) => {
      hashed.push(basename(path));
      const metainfo = await metainfoOf(path, tracker);
      await onHashed();
      return metainfo;
    },
    withTracker: (metainfo, announce) => ({ ...metainfo, document: { ...metainfo.document, announce } }),
    shelf: {
      list: () => [...held.values()],
      failed: () => failed,
      hold,
      remove: (infoHash) => {
        held.delete(infoHash);
        return Promise.resolve();
      },
    },
  });
}

async function hold({ metainfo, path, trackers, origin }: Wanted): Promise<void> {
  if (refusal !== undefined) throw refusal;
  const other = held.get(metainfo.infoHash);
  if (other !== undefined) throw new ShoalError('already-here', `it is at ${other.path} already`);
  const { fingerprint } = await lookAtEntry(path, signal);
  held.set(metainfo.infoHash, { metainfo, path, trackers, origin, fingerprint });
}

/** Lets so much time pass, then looks and shares what is ready. */
async function pass(ms: number): Promise<void> {
  nowMs += ms;
  await watched.look(nowMs, signal);
  for (let { ready } = watched; ready !== undefined; { ready } = watched) {
    await watched.share(ready, () => nowMs, signal);
  }
}

/** Looks at what is new until it is quiet. */
async function settle(): Promise<void> {
  await pass(0);
  await pass(QUIET);
  await pass(0);
}

function names(): string[] {
  return [...held.values()].map(({ path }) => basename(path)).sort();
}

function news(...changed: string[]): void {
  for (const name of changed) watched.changed(name, nowMs);
}

function put(name: string, text: string): Promise<void> {
  return writeFile(join(folder, name), text);
}

test('shares what has been quiet for a second, and says who wanted it', async () => {
  await put('film.bin', 'film');
  await pass(0);
  await pass(QUIET - 1);
  expect(names()).toEqual([]);
  await pass(1);
  expect([...held.values()]).toMatchObject([
    { path: join(folder, 'film.bin'), trackers: [TRACKER], origin: { kind: 'watched' } },
  ]);
});

test('does not share half of what is still being copied', async () => {
  await put('film.bin', 'fi');
  await pass(0);
  for (const more of ['l', 'm', '!']) {
    await appendFile(join(folder, 'film.bin'), more);
    news('film.bin');
    await pass(QUIET - 1);
  }
  expect(hashed).toEqual([]);
  await pass(QUIET);
  expect([...held.values()]).toMatchObject([{ metainfo: { info: { length: 5 } } }]);
});

test('sees what is being copied also where no news comes', async () => {
  await put('film.bin', 'fi');
  await pass(0);
  await appendFile(join(folder, 'film.bin'), 'lm');
  await pass(QUIET);
  expect(hashed).toEqual([]);
  await pass(QUIET);
  expect([...held.values()]).toMatchObject([{ metainfo: { info: { length: 4 } } }]);
});

test('withdraws what changes at once, and shares it anew when it is quiet', async () => {
  await put('film.bin', 'film');
  await settle();
  const [before] = held.keys();
  await appendFile(join(folder, 'film.bin'), 's');
  news('film.bin');
  await pass(1);
  expect(names()).toEqual([]);
  await pass(QUIET);
  expect(names()).toEqual(['film.bin']);
  expect([...held.keys()]).not.toEqual([before]);
});

test('shares a folder anew when a file comes, goes or gets another name', async () => {
  await mkdir(join(folder, 'photos'));
  await put('photos/a', 'same');
  const seen = new Set<InfoHash>();
  const expectNew = async (): Promise<void> => {
    news('photos');
    await settle();
    expect(held.size).toBe(1);
    for (const infoHash of held.keys()) expect(seen.has(infoHash)).toBe(false);
    for (const infoHash of held.keys()) seen.add(infoHash);
  };
  await expectNew();
  await put('photos/b', 'more');
  await expectNew();
  await rename(join(folder, 'photos/b'), join(folder, 'photos/c'));
  await expectNew();
  await put('photos/d', 'and more');
  await rm(join(folder, 'photos/c'));
  await expectNew();
});

test('withdraws what vanishes', async () => {
  await put('film.bin', 'film');
  await put('notes.txt', 'notes');
  await settle();
  await rm(join(folder, 'film.bin'));
  news('film.bin');
  await pass(1);
  expect(names()).toEqual(['notes.txt']);
  await rm(join(folder, 'notes.txt'));
  news('notes.txt');
  await pass(1);
  expect(names()).toEqual([]);
});

test('finds everything by itself within half a minute', async () => {
  await put('film.bin', 'film');
  await put('notes.txt', 'notes');
  await settle();
  await appendFile(join(folder, 'film.bin'), 's');
  await rm(join(folder, 'notes.txt'));
  await put('new.txt', 'new');
  await pass(30_000);
  await pass(QUIET);
  expect(names()).toEqual(['film.bin', 'new.txt']);
});

test('hashes a thousand changes as one', async () => {
  await mkdir(join(folder, 'photos'));
  await put('photos/a', 'first');
  await settle();
  await put('photos/b', 'second');
  for (let event = 0; event < 1_000; event++) news('photos');
  await settle();
  expect(hashed).toEqual(['photos', 'photos']);
});

test('a new run hashes only what has changed', async () => {
  for (const name of ['same', 'changed', 'gone']) await put(name, name);
  await settle();
  await appendFile(join(folder, 'changed'), '!');
  await rm(join(folder, 'gone'));
  await put('new', 'new');
  hashed = [];
  watched = newRun();
  await settle();
  expect(hashed.sort()).toEqual(['changed', 'new']);
  expect(names()).toEqual(['changed', 'new', 'same']);
});

test('a new run hashes what was touched, and shares the same', async () => {
  await put('film.bin', 'film');
  await settle();
  const before = [...held.keys()];
  await utimes(join(folder, 'film.bin'), new Date(0), new Date(0));
  watched = newRun();
  await settle();
  expect(hashed).toEqual(['film.bin', 'film.bin']);
  expect([...held.keys()]).toEqual(before);
});

test('a new run with another tracker tells that one, and hashes nothing', async () => {
  await put('film.bin', 'film');
  await settle();
  watched = newRun('http://localhost:9000');
  await settle();
  expect(hashed).toEqual(['film.bin']);
  expect([...held.values()]).toMatchObject([
    { trackers: ['http://localhost:9000'], metainfo: { document: { announce: 'http://localhost:9000' } } },
  ]);
});

test('tries again what changed while it was read', async () => {
  await put('film.bin', 'film');
  onHashed = async () => {
    onHashed = () => Promise.resolve();
    await appendFile(join(folder, 'film.bin'), 's');
  };
  await settle();
  expect(names()).toEqual([]);
  await pass(QUIET);
  await pass(QUIET);
  expect([...held.values()]).toMatchObject([{ metainfo: { info: { length: 5 } } }]);
  expect(log.warned).toEqual([]);
});

test('leaves out what is empty, says so once, and shares it when it is not', async () => {
  await put('film.bin', '');
  await settle();
  await pass(30_000);
  await pass(30_000);
  expect([names(), log.warned]).toEqual([[], ['empty-share']]);
  await put('film.bin', 'film');
  news('film.bin');
  await settle();
  expect(names()).toEqual(['film.bin']);
});

test('says nothing of a file that is empty only at first', async () => {
  await put('film.bin', '');
  await pass(0);
  await put('film.bin', 'film');
  news('film.bin');
  await settle();
  expect([names(), log.warned]).toEqual([['film.bin'], []]);
});

test('says once that the same is held elsewhere, and shares it when it is not any more', async () => {
  await mkdir(join(base, 'other'));
  const other = join(base, 'other', 'film.bin');
  await writeFile(other, 'film');
  await hold({ metainfo: await metainfoOf(other), path: other, trackers: [TRACKER], origin: { kind: 'person' } });
  await put('film.bin', 'film');
  await settle();
  await pass(30_000);
  expect(log.warned).toEqual(['already-here']);
  held.clear();
  await pass(30_000);
  expect([...held.values()]).toMatchObject([{ path: join(folder, 'film.bin'), origin: { kind: 'watched' } }]);
  expect(hashed).toEqual(['film.bin']);
});

test('holds later what could not be remembered, without hashing it again', async () => {
  await put('film.bin', 'film');
  refusal = new ShoalError('storage-failed', 'remembering a share: no space');
  await settle();
  await pass(30_000);
  expect([names(), log.warned]).toEqual([[], ['storage-failed']]);
  refusal = undefined;
  await pass(30_000);
  expect([names(), hashed]).toEqual([['film.bin'], ['film.bin']]);
});

test('leaves to a person what a person shares, also when it is gone', async () => {
  await put('film.bin', 'film');
  const path = join(folder, 'film.bin');
  await hold({ metainfo: await metainfoOf(path), path, trackers: [TRACKER], origin: { kind: 'person' } });
  await settle();
  await rm(path);
  news('film.bin');
  await pass(1);
  expect([hashed, names()]).toEqual([[], ['film.bin']]);
});

test('what somebody took out stays out until it changes', async () => {
  await put('film.bin', 'film');
  await settle();
  held.clear();
  await pass(30_000);
  expect(names()).toEqual([]);
  await appendFile(join(folder, 'film.bin'), 's');
  news('film.bin');
  await settle();
  expect(names()).toEqual(['film.bin']);
});

test('goes on with what failed and is as it was, without hashing it', async () => {
  await put('film.bin', 'film');
  await settle();
  const [before] = held.values();
  failed = new Set(held.keys());
  await pass(30_000);
  expect([...held.values()][0]).not.toBe(before);
  expect([hashed, names()]).toEqual([['film.bin'], ['film.bin']]);
});

test('withdraws nothing when the folder is gone, says so once, and goes on when it is back', async () => {
  await put('film.bin', 'film');
  await settle();
  await rename(folder, join(base, 'away'));
  for (let time = 0; time < 5; time++) await pass(30_000);
  expect([names(), log.warned]).toEqual([['film.bin'], ['not-found']]);
  await rename(join(base, 'away'), folder);
  await pass(30_000);
  expect([names(), hashed]).toEqual([['film.bin'], ['film.bin']]);
  expect(log.messages('info')).toContain(`watching ${folder} again`);
});

test.each(['in this run', 'in a new run'])('withdraws nothing when a mount has failed, seen %s', async (when) => {
  await put('film.bin', 'film');
  await settle();
  await rename(folder, join(base, 'away'));
  await mkdir(folder);
  if (when === 'in a new run') watched = newRun();
  await pass(30_000);
  await pass(30_000);
  expect([names(), log.warned]).toEqual([['film.bin'], ['not-found']]);
});

test('withdraws the last share of a folder when it is gone after a restart', async () => {
  await put('film.bin', 'film');
  await settle();
  await rm(join(folder, 'film.bin'));
  watched = newRun();
  await pass(0);
  expect([names(), log.warned]).toEqual([[], []]);
});

test('tells the bytes of one file from those of another that looks alike', async () => {
  await put('film.bin', 'film');
  const then = new Date(1_000_000);
  await utimes(join(folder, 'film.bin'), then, then);
  await settle();
  await writeFile(join(base, 'other'), 'mlif');
  await utimes(join(base, 'other'), then, then);
  await rename(join(base, 'other'), join(folder, 'film.bin'));
  news('film.bin');
  await settle();
  const digest = createHash('sha256').update('mlif').digest('hex');
  expect([...held.values()]).toMatchObject([{ metainfo: { info: { files: [{ sha256: digest }] } } }]);
});
