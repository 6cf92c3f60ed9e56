import { appendFile, mkdir, rename, rm, utimes } from 'node:fs/promises';
import type { InfoHash } from '@shoal/protocol';
import { expect, test } from 'vitest';
import { QUIET_MS, TRACKER, useWatchedWorld } from './watched-world.ts';

const worldOf = useWatchedWorld();

test('shares what has been quiet for a second, and says who wanted it', async () => {
  const world = worldOf();
  await world.put('film.bin', 'film');
  await world.pass(0);
  await world.pass(QUIET_MS - 1);
  expect(world.names()).toEqual([]);
  await world.pass(1);
  expect([...world.held.values()]).toMatchObject([
    { path: world.path('film.bin'), trackers: [TRACKER], origin: { kind: 'watched' } },
  ]);
});

test('does not share half of what is still being copied', async () => {
  const world = worldOf();
  await world.put('film.bin', 'fi');
  await world.pass(0);
  for (const more of ['l', 'm', '!']) {
    await appendFile(world.path('film.bin'), more);
    world.news('film.bin');
    await world.pass(QUIET_MS - 1);
  }
  expect(world.hashed).toEqual([]);
  await world.pass(QUIET_MS);
  expect([...world.held.values()]).toMatchObject([{ metainfo: { info: { length: 5 } } }]);
});

test('sees what is being copied also where no news comes', async () => {
  const world = worldOf();
  await world.put('film.bin', 'fi');
  await world.pass(0);
  await appendFile(world.path('film.bin'), 'lm');
  await world.pass(QUIET_MS);
  expect(world.hashed).toEqual([]);
  await world.pass(QUIET_MS);
  expect([...world.held.values()]).toMatchObject([{ metainfo: { info: { length: 4 } } }]);
});

test('withdraws what changes at once, and shares it anew when it is quiet', async () => {
  const world = worldOf();
  await world.put('film.bin', 'film');
  await world.settle();
  const [before] = world.held.keys();
  await appendFile(world.path('film.bin'), 's');
  world.news('film.bin');
  await world.pass(1);
  expect(world.names()).toEqual([]);
  await world.pass(QUIET_MS);
  expect(world.names()).toEqual(['film.bin']);
  expect([...world.held.keys()]).not.toEqual([before]);
});

test('shares a folder anew when a file comes, goes or gets another name', async () => {
  const world = worldOf();
  await mkdir(world.path('photos'));
  await world.put('photos/a', 'same');
  const seen = new Set<InfoHash>();
  const expectNew = async (): Promise<void> => {
    world.news('photos');
    await world.settle();
    expect(world.held.size).toBe(1);
    for (const infoHash of world.held.keys()) expect(seen.has(infoHash)).toBe(false);
    for (const infoHash of world.held.keys()) seen.add(infoHash);
  };
  await expectNew();
  await world.put('photos/b', 'more');
  await expectNew();
  await rename(world.path('photos/b'), world.path('photos/c'));
  await expectNew();
  await world.put('photos/d', 'and more');
  await rm(world.path('photos/c'));
  await expectNew();
});

test('withdraws what vanishes', async () => {
  const world = worldOf();
  await world.put('film.bin', 'film');
  await world.put('notes.txt', 'notes');
  await world.settle();
  await rm(world.path('film.bin'));
  world.news('film.bin');
  await world.pass(1);
  expect(world.names()).toEqual(['notes.txt']);
  await rm(world.path('notes.txt'));
  world.news('notes.txt');
  await world.pass(1);
  expect(world.names()).toEqual([]);
});

test('finds everything by itself within half a minute', async () => {
  const world = worldOf();
  await world.put('film.bin', 'film');
  await world.put('notes.txt', 'notes');
  await world.settle();
  await appendFile(world.path('film.bin'), 's');
  await rm(world.path('notes.txt'));
  await world.put('new.txt', 'new');
  await world.pass(30_000);
  await world.pass(QUIET_MS);
  expect(world.names()).toEqual(['film.bin', 'new.txt']);
});

test('finds everything at once when there is news that names no entry', async () => {
  const world = worldOf();
  await world.put('film.bin', 'film');
  await world.settle();
  await appendFile(world.path('film.bin'), 's');
  await world.put('new.txt', 'new');
  world.news('');
  await world.settle();
  expect([world.names(), world.hashed]).toEqual([
    ['film.bin', 'new.txt'],
    ['film.bin', 'film.bin', 'new.txt'],
  ]);
});

test('hashes a thousand changes as one', async () => {
  const world = worldOf();
  await mkdir(world.path('photos'));
  await world.put('photos/a', 'first');
  await world.settle();
  await world.put('photos/b', 'second');
  for (let event = 0; event < 1_000; event++) world.news('photos');
  await world.settle();
  expect(world.hashed).toEqual(['photos', 'photos']);
});

test('a new run hashes only what has changed', async () => {
  const world = worldOf();
  for (const name of ['same', 'changed', 'gone']) await world.put(name, name);
  await world.settle();
  await appendFile(world.path('changed'), '!');
  await rm(world.path('gone'));
  await world.put('new', 'new');
  world.hashed = [];
  world.restart();
  await world.settle();
  expect(world.hashed.sort()).toEqual(['changed', 'new']);
  expect(world.names()).toEqual(['changed', 'new', 'same']);
});

test('a new run hashes what was touched, and shares the same', async () => {
  const world = worldOf();
  await world.put('film.bin', 'film');
  await world.settle();
  const before = [...world.held.keys()];
  await utimes(world.path('film.bin'), new Date(0), new Date(0));
  world.restart();
  await world.settle();
  expect(world.hashed).toEqual(['film.bin', 'film.bin']);
  expect([...world.held.keys()]).toEqual(before);
});

test('a new run with another tracker tells that one, and hashes nothing', async () => {
  const world = worldOf();
  await world.put('film.bin', 'film');
  await world.settle();
  world.restart('http://localhost:9000');
  await world.settle();
  expect(world.hashed).toEqual(['film.bin']);
  expect([...world.held.values()]).toMatchObject([
    { trackers: ['http://localhost:9000'], metainfo: { document: { announce: 'http://localhost:9000' } } },
  ]);
});
