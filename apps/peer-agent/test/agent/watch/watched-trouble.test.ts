import { appendFile, mkdir, rename, rm, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createHash } from 'node:crypto';
import { ShoalError } from '@shoal/protocol';
import { expect, test } from 'vitest';
import { metainfoOf, QUIET_MS, TRACKER, useWatchedWorld } from './watched-world.ts';

const worldOf = useWatchedWorld();

test('tries again what changed while it was read', async () => {
  const world = worldOf();
  await world.put('film.bin', 'film');
  world.onHashed = async () => {
    world.onHashed = () => Promise.resolve();
    await appendFile(world.path('film.bin'), 's');
  };
  await world.settle();
  expect(world.names()).toEqual([]);
  await world.pass(QUIET_MS);
  await world.pass(QUIET_MS);
  expect([...world.held.values()]).toMatchObject([{ metainfo: { info: { length: 5 } } }]);
  expect(world.log.warned).toEqual([]);
});

test('leaves out what is empty, says so once, and shares it when it is not', async () => {
  const world = worldOf();
  await world.put('film.bin', '');
  await world.settle();
  await world.pass(30_000);
  await world.pass(30_000);
  expect([world.names(), world.log.warned]).toEqual([[], ['empty-share']]);
  await world.put('film.bin', 'film');
  world.news('film.bin');
  await world.settle();
  expect(world.names()).toEqual(['film.bin']);
});

test('says nothing of a file that is empty only at first', async () => {
  const world = worldOf();
  await world.put('film.bin', '');
  await world.pass(0);
  await world.put('film.bin', 'film');
  world.news('film.bin');
  await world.settle();
  expect([world.names(), world.log.warned]).toEqual([['film.bin'], []]);
});

test('says once that the same is held elsewhere, and shares it when it is not any more', async () => {
  const world = worldOf();
  await mkdir(join(world.base, 'other'));
  const other = join(world.base, 'other', 'film.bin');
  await writeFile(other, 'film');
  await world.hold({ metainfo: await metainfoOf(other), path: other, trackers: [TRACKER], origin: { kind: 'person' } });
  await world.put('film.bin', 'film');
  await world.settle();
  await world.pass(30_000);
  expect(world.log.warned).toEqual(['already-here']);
  world.held.clear();
  await world.pass(30_000);
  expect([...world.held.values()]).toMatchObject([{ path: world.path('film.bin'), origin: { kind: 'watched' } }]);
  expect(world.hashed).toEqual(['film.bin']);
});

test('holds later what could not be remembered, without hashing it again', async () => {
  const world = worldOf();
  await world.put('film.bin', 'film');
  world.refusal = new ShoalError('storage-failed', 'remembering a share: no space');
  await world.settle();
  await world.pass(30_000);
  expect([world.names(), world.log.warned]).toEqual([[], ['storage-failed']]);
  world.refusal = undefined;
  await world.pass(30_000);
  expect([world.names(), world.hashed]).toEqual([['film.bin'], ['film.bin']]);
});

test('leaves to a person what a person shares, also when it is gone', async () => {
  const world = worldOf();
  await world.put('film.bin', 'film');
  const path = world.path('film.bin');
  await world.hold({ metainfo: await metainfoOf(path), path, trackers: [TRACKER], origin: { kind: 'person' } });
  await world.settle();
  await rm(path);
  world.news('film.bin');
  await world.pass(1);
  expect([world.hashed, world.names()]).toEqual([[], ['film.bin']]);
});

test('withdraws nothing that a person shares, also when it changes', async () => {
  const world = worldOf();
  await world.put('film.bin', 'film');
  const path = world.path('film.bin');
  await world.hold({ metainfo: await metainfoOf(path), path, trackers: [TRACKER], origin: { kind: 'person' } });
  await appendFile(path, 's');
  await world.settle();
  expect([world.hashed, world.names()]).toEqual([[], ['film.bin']]);
});

test('withdraws nothing that it cannot look at, says so once, and goes on when it can', async () => {
  const world = worldOf();
  await world.put('film.bin', 'film');
  await world.settle();
  world.unreadable.add('film.bin');
  await world.pass(30_000);
  await world.pass(30_000);
  expect([world.names(), world.log.warned]).toEqual([['film.bin'], ['unreadable']]);
  world.unreadable.clear();
  await appendFile(world.path('film.bin'), 's');
  await world.pass(30_000);
  await world.pass(QUIET_MS);
  expect([...world.held.values()]).toMatchObject([{ metainfo: { info: { length: 5 } } }]);
});

test('what somebody took out stays out until it changes', async () => {
  const world = worldOf();
  await world.put('film.bin', 'film');
  await world.settle();
  world.held.clear();
  await world.pass(30_000);
  expect(world.names()).toEqual([]);
  await appendFile(world.path('film.bin'), 's');
  world.news('film.bin');
  await world.settle();
  expect(world.names()).toEqual(['film.bin']);
});

test('goes on with what failed and is as it was, without hashing it', async () => {
  const world = worldOf();
  await world.put('film.bin', 'film');
  await world.settle();
  const [before] = world.held.values();
  world.failed = new Set(world.held.keys());
  await world.pass(30_000);
  expect([...world.held.values()][0]).not.toBe(before);
  expect([world.hashed, world.names()]).toEqual([['film.bin'], ['film.bin']]);
});

test('withdraws nothing when the folder is gone, says so once, and goes on when it is back', async () => {
  const world = worldOf();
  await world.put('film.bin', 'film');
  await world.settle();
  await rename(world.folder, join(world.base, 'away'));
  for (let time = 0; time < 5; time++) await world.pass(30_000);
  expect([world.names(), world.log.warned]).toEqual([['film.bin'], ['not-found']]);
  await rename(join(world.base, 'away'), world.folder);
  await world.pass(30_000);
  expect([world.names(), world.hashed]).toEqual([['film.bin'], ['film.bin']]);
  expect(world.log.messages('info')).toContain(`watching ${world.folder} again`);
});

test.each(['in this run', 'in a new run'])('withdraws nothing when a mount has world.failed, seen %s', async (when) => {
  const world = worldOf();
  await world.put('film.bin', 'film');
  await world.settle();
  await rename(world.folder, join(world.base, 'away'));
  await mkdir(world.folder);
  if (when === 'in a new run') world.restart();
  await world.pass(30_000);
  await world.pass(30_000);
  expect([world.names(), world.log.warned]).toEqual([['film.bin'], ['not-found']]);
});

test('withdraws the last share of a folder when it is gone after a restart', async () => {
  const world = worldOf();
  await world.put('film.bin', 'film');
  await world.settle();
  await rm(world.path('film.bin'));
  world.restart();
  await world.pass(0);
  expect([world.names(), world.log.warned]).toEqual([[], []]);
});

test('tells the bytes of one file from those of another that looks alike', async () => {
  const world = worldOf();
  await world.put('film.bin', 'film');
  const then = new Date(1_000_000);
  await utimes(world.path('film.bin'), then, then);
  await world.settle();
  await writeFile(join(world.base, 'other'), 'mlif');
  await utimes(join(world.base, 'other'), then, then);
  await rename(join(world.base, 'other'), world.path('film.bin'));
  world.news('film.bin');
  await world.settle();
  const digest = createHash('sha256').update('mlif').digest('hex');
  expect([...world.held.values()]).toMatchObject([{ metainfo: { info: { files: [{ sha256: digest }] } } }]);
});
