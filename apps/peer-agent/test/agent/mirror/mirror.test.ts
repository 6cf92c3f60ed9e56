import { appendFile, mkdir, rm, writeFile } from 'node:fs/promises';
import { reportError, ShoalError } from '@shoal/protocol';
import { describe, expect, test } from 'vitest';
import { useMirrorWorld } from './mirror-world.ts';

const worldOf = useMirrorWorld();

test('downloads what is listed, and gives it its name when it is complete', async () => {
  const world = worldOf();
  const infoHash = world.list('film.bin', 'film');
  await world.rounds(1);
  expect(world.downloads).toEqual(['film.bin']);
  expect(await world.read('film.bin')).toBeUndefined();
  await world.complete(infoHash);
  await world.rounds(1);
  expect(await world.read('film.bin')).toBe('film');
  expect(world.held()).toEqual({ [infoHash]: world.path('film.bin') });
  expect(await world.incoming()).toEqual([]);
});

test('leaves what nobody seeds until somebody does', async () => {
  const world = worldOf();
  world.list('film.bin', 'film', 0);
  await world.rounds();
  expect(world.downloads).toEqual([]);
  world.listed[0]!.seeders = 1;
  world.tellOfNews();
  await world.rounds(1);
  expect(world.downloads).toEqual(['film.bin']);
});

test('of one name downloads the newest', async () => {
  const world = worldOf();
  world.list('build', 'one');
  world.list('build', 'two');
  await world.mirrorAll();
  expect([world.downloads, await world.read('build')]).toEqual([['build'], 'two']);
});

test('replaces its copy by a newer one only when that is complete', async () => {
  const world = worldOf();
  world.list('build', 'one');
  await world.mirrorAll();
  const newer = world.list('build', 'two');
  await world.rounds();
  expect(await world.read('build')).toBe('one');
  await world.complete(newer);
  await world.rounds(1);
  expect([await world.read('build'), world.held()]).toEqual(['two', { [newer]: world.path('build') }]);
  expect(await world.incoming()).toEqual([]);
});

test('gives up an unfinished download when a newer one of its name comes', async () => {
  const world = worldOf();
  world.list('build', 'one');
  await world.rounds(1);
  const newer = world.list('build', 'two');
  await world.rounds(1);
  expect(Object.keys(world.held())).toEqual([newer]);
});

test('never goes back to an older one', async () => {
  const world = worldOf();
  world.list('build', 'one');
  world.list('build', 'two');
  await world.rounds(1);
  world.listed[1]!.seeders = 0;
  await world.rounds();
  expect(world.downloads).toEqual(['build']);
});

/** Content that takes a while. */
const large = (number: number): string => `content ${number}`.padEnd(1024 * 1024 + 1);

test('downloads at most eight at once, the newest first, and goes on when one is complete', async () => {
  const world = worldOf();
  for (let number = 1; number <= 20; number++) world.list(`share-${number}`, large(number));
  await world.rounds();
  expect(world.downloads).toEqual([20, 19, 18, 17, 16, 15, 14, 13].map((number) => `share-${number}`));
  await world.complete(world.listed[19]!.metainfo.infoHash);
  await world.rounds(1);
  expect(world.downloads).toHaveLength(9);
});

test('downloads eight small ones in the place of a large one', async () => {
  const world = worldOf();
  for (let number = 1; number <= 100; number++) world.list(`share-${number}`, `content ${number}`);
  for (let number = 1; number <= 2; number++) world.list(`large-${number}`, large(number));
  await world.rounds();
  expect(world.downloads).toHaveLength(2 + 6 * 8);
});

test('downloads that nobody serves do not stop the others', async () => {
  const world = worldOf();
  for (let number = 1; number <= 20; number++) world.list(`share-${number}`, large(number));
  await world.rounds(20);
  expect(world.downloads).toHaveLength(16);
});

test('downloads nothing again after a restart', async () => {
  const world = worldOf();
  const infoHash = world.list('film.bin', 'film');
  await world.mirrorAll();
  world.downloads = [];
  await world.restart();
  await world.rounds();
  expect([world.downloads, world.held()]).toEqual([[], { [infoHash]: world.path('film.bin') }]);
});

test('goes on with an unfinished download after a restart', async () => {
  const world = worldOf();
  const infoHash = world.list('film.bin', 'film');
  await world.rounds(1);
  await world.restart();
  await world.complete(infoHash);
  await world.rounds(1);
  expect([await world.read('film.bin'), await world.incoming()]).toEqual(['film', []]);
});

test('touches nothing that stands where a share should, says so once, and takes the place when it is free', async () => {
  const world = worldOf();
  await mkdir(world.path(''));
  await writeFile(world.path('film.bin'), 'mine');
  world.list('film.bin', 'film');
  await world.rounds();
  expect([world.downloads, world.log.warned, await world.read('film.bin')]).toEqual([[], ['target-exists'], 'mine']);
  await rm(world.path('film.bin'));
  await world.mirrorAll();
  expect(await world.read('film.bin')).toBe('film');
});

test('does not replace a copy that was changed, and seeds the newer one from where it is', async () => {
  const world = worldOf();
  world.list('build', 'one');
  await world.mirrorAll();
  await appendFile(world.path('build'), ' and a note');
  const newer = world.list('build', 'two');
  await world.mirrorAll();
  await world.rounds();
  expect(await world.read('build')).toBe('one and a note');
  expect(world.log.warned).toEqual(['target-exists']);
  expect(world.held()[newer]).toBe(world.path(`.incoming/${newer}/build`));
});

test('what a person removed stays away until a newer one comes', async () => {
  const world = worldOf();
  const infoHash = world.list('build', 'one');
  await world.mirrorAll();
  await world.agent.remove(infoHash);
  await rm(world.path('build'));
  await world.rounds();
  expect(world.downloads).toEqual(['build']);
  world.list('build', 'two');
  await world.mirrorAll();
  expect(await world.read('build')).toBe('two');
});

test('downloads again what was deleted while it was away', async () => {
  const world = worldOf();
  world.list('film.bin', 'film');
  await world.mirrorAll();
  await rm(world.path('film.bin'));
  await world.restart();
  await world.mirrorAll();
  expect([world.downloads, await world.read('film.bin')]).toEqual([['film.bin', 'film.bin'], 'film']);
});

test('reads the catalogue when the tracker says that it has something new, and seldom otherwise', async () => {
  const world = worldOf();
  await world.rounds(10);
  expect(world.searches).toBe(1);
  world.tellOfNews();
  await world.rounds(2);
  expect(world.searches).toBe(2);
  await world.rounds(20);
  expect(world.searches).toBe(3);
});

test('does not mirror what this agent itself shares under a name', async () => {
  const world = worldOf();
  world.ownNames.add('film.bin');
  world.list('film.bin', 'film');
  await world.rounds();
  expect(world.downloads).toEqual([]);
});

test('tries a failed download again after a while, and says once why it failed', async () => {
  const world = worldOf();
  world.downloadProblem = new ShoalError('disk-full', 'no space');
  world.list('film.bin', 'film');
  await world.rounds(40);
  expect(world.log.warned).toEqual(['disk-full']);
  world.downloadProblem = undefined;
  await world.rounds(16);
  expect(world.downloads).toEqual(['film.bin']);
});

describe('a download that the disk refuses', () => {
  test('is for a while left to the engine, which tries again itself', async () => {
    const world = worldOf();
    world.list('film.bin', 'film');
    await world.rounds(1);
    world.engine.swarm = { problem: reportError(new ShoalError('disk-full', 'no space')) };
    await world.rounds(15);
    world.engine.swarm = {};
    await world.rounds(20);
    expect(world.downloads).toEqual(['film.bin']);
  });

  test('is begun anew after that, also when not even its end can be written', async () => {
    const world = worldOf();
    const infoHash = world.list('film.bin', 'film');
    await world.rounds(1);
    const problem = new ShoalError('disk-full', 'no space');
    world.engine.swarm = { problem: reportError(problem) };
    world.closeProblem = problem;
    await world.rounds(17);
    expect([world.held(), world.log.warned]).toEqual([{}, ['disk-full']]);
    world.closeProblem = undefined;
    world.engine.swarm = {};
    await world.rounds(16);
    expect(world.downloads).toEqual(['film.bin', 'film.bin']);
    await world.complete(infoHash);
    await world.rounds(2);
    expect(await world.read('film.bin')).toBe('film');
  });
});

test('tells that the tracker cannot be reached, places what is complete, and goes on when it is back', async () => {
  const world = worldOf();
  const infoHash = world.list('film.bin', 'film');
  await world.rounds(1);
  world.trackerProblem = new ShoalError('tracker-unreachable', 'gone');
  world.tellOfNews();
  await world.complete(infoHash);
  await world.rounds(2);
  expect(world.trackerTold.at(-1)).toMatchObject({ code: 'tracker-unreachable' });
  expect(await world.read('film.bin')).toBe('film');
  world.trackerProblem = undefined;
  await world.rounds(1);
  expect(world.trackerTold.at(-1)).toBeUndefined();
});

test('removes what an earlier run left in .incoming and nobody needs', async () => {
  const world = worldOf();
  const infoHash = world.list('film.bin', 'film');
  const stale = 'ab'.repeat(32);
  for (const name of [stale, infoHash, 'not-ours']) await mkdir(world.path(`.incoming/${name}`), { recursive: true });
  world.trackerProblem = new ShoalError('tracker-unreachable', 'gone');
  await world.rounds(1);
  expect(await world.incoming()).toHaveLength(3);
  world.trackerProblem = undefined;
  await world.rounds(1);
  expect((await world.incoming()).sort()).toEqual([infoHash, 'not-ours'].sort());
});

test('replaces its copy in the end, at whichever step it is killed, and downloads nothing twice', async () => {
  const world = worldOf();
  let killed = 0;
  for (let step = 0; ; step++) {
    world.list('build', `${step}, the old one`);
    await world.mirrorAll();
    const newer = world.list('build', `${step}, the new one`);
    await world.rounds(1);
    await world.complete(newer);
    [world.steps, world.killAt, world.downloads] = [0, step, []];
    await world.rounds(1);
    if (!world.isKilled) break;
    killed++;
    // In the middle, each of the two stands somewhere, whole; the tracker is not needed to go on.
    world.trackerProblem = new ShoalError('tracker-unreachable', 'gone');
    await world.restart();
    await world.rounds(1);
    world.trackerProblem = undefined;
    await world.rounds();
    expect([step, await world.read('build'), world.held()]).toEqual([
      step,
      `${step}, the new one`,
      { [newer]: world.path('build') },
    ]);
    expect([await world.incoming(), world.downloads]).toEqual([[], []]);
  }
  expect(killed).toBeGreaterThan(10);
});
