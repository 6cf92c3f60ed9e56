import { appendFile, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { eventually, sha256OfFile, sha256OfTree, writeSampleFile, writeSmallFiles } from '@shoal/testbed';
import type { Agent, Machine } from '@shoal/testbed';
import type { Transfer } from '@shoal/protocol';
import { beforeEach, expect, it } from 'vitest';
import { logOf, namesLogged } from '../src/agent-log.ts';
import { useScene } from '../src/scene.ts';

const scene = useScene();
let home: Machine;
let anna: Machine;
let url: string;

beforeEach(async () => {
  [home, anna] = [await scene.machine('home'), await scene.machine('anna')];
  ({ url } = await home.startTracker());
});

/** Starts the daemon that shares what stands in the current folder of its machine. */
function startSeeder(...args: readonly string[]): Promise<Agent> {
  return home.startAgent('--tracker', url, '--share', home.folder, '--host', '127.0.0.1', ...args);
}

/** Starts a daemon that mirrors into the current folder of its machine. */
function startMirror(machine: Machine, pattern = '*', ...args: readonly string[]): Promise<Agent> {
  const where = ['--downloads', machine.folder, '--host', '127.0.0.1'];
  return machine.startAgent('--tracker', url, '--mirror', pattern, ...where, ...args);
}

/** Waits until a machine has a verified copy in its place, and seeds it. */
function untilPlaced(machine: Machine, agent: Agent, name: string, length: number): Promise<Transfer> {
  return eventually(`${name} to stand on ${machine.name}`, async () => {
    const transfers = await agent.control.transfers();
    return transfers.find(
      (transfer) => transfer.path === machine.path(name) && transfer.state === 'seeding' && transfer.length === length,
    );
  });
}

it('downloads everything that the tracker lists, and what comes later', async () => {
  await writeSampleFile(home.path('film.bin'), 3_000_000);
  await startSeeder();
  const mirror = await startMirror(anna);
  await untilPlaced(anna, mirror, 'film.bin', 3_000_000);
  await writeSmallFiles(home.path('photos'), 100, 1_000);
  await untilPlaced(anna, mirror, 'photos', 100_000);
  expect(await sha256OfFile(anna.path('film.bin'))).toBe(await sha256OfFile(home.path('film.bin')));
  expect(await sha256OfTree(anna.path('photos'))).toEqual(await sha256OfTree(home.path('photos')));
  expect(await readdir(join(anna.folder, '.incoming'))).toEqual([]);
});

it('downloads only what has a name that is wanted', async () => {
  await writeFile(home.path('builds-1.zip'), 'a build');
  await writeFile(home.path('notes.txt'), 'notes');
  const seeder = await startSeeder();
  await eventually('both to be shared', async () =>
    (await seeder.control.transfers()).length === 2 ? true : undefined,
  );
  const mirror = await startMirror(anna, 'builds-*');
  await untilPlaced(anna, mirror, 'builds-1.zip', 7);
  await writeFile(home.path('builds-2.zip'), 'another');
  await untilPlaced(anna, mirror, 'builds-2.zip', 7);
  expect((await mirror.control.transfers()).map(({ name }) => name).sort()).toEqual(['builds-1.zip', 'builds-2.zip']);
});

it('downloads nothing again after a restart, and seeds on', async () => {
  await writeSampleFile(home.path('film.bin'), 3_000_000);
  await startSeeder();
  const first = await startMirror(anna);
  await untilPlaced(anna, first, 'film.bin', 3_000_000);
  await first.program.stop();

  const second = await startMirror(anna);
  await writeFile(home.path('later.txt'), 'shared later');
  await untilPlaced(anna, second, 'later.txt', 12);
  const film = await untilPlaced(anna, second, 'film.bin', 3_000_000);
  expect(film.receivedBytes).toBe(0);
  expect(namesLogged(second, 'found')).toEqual(['later.txt']);
});

it('replaces what it has by a newer share of that name', async () => {
  await writeSampleFile(home.path('film.bin'), 3_000_000);
  await startSeeder();
  const mirror = await startMirror(anna);
  await untilPlaced(anna, mirror, 'film.bin', 3_000_000);
  await appendFile(home.path('film.bin'), 'more');
  await untilPlaced(anna, mirror, 'film.bin', 3_000_004);
  expect(await sha256OfFile(anna.path('film.bin'))).toBe(await sha256OfFile(home.path('film.bin')));
  await eventually('the old one to be gone', async () =>
    (await mirror.control.transfers()).length === 1 ? true : undefined,
  );
  expect((await readdir(anna.folder)).sort()).toEqual(['.incoming', 'film.bin']);
});

it('touches nothing that is not its own', async () => {
  await writeFile(home.path('notes.txt'), 'from home');
  await writeFile(anna.path('notes.txt'), 'my own');
  await startSeeder();
  const mirror = await startMirror(anna);
  await eventually('the warning', () =>
    Promise.resolve(logOf(mirror).find(({ code }) => code === 'target-exists') ?? undefined),
  );
  await writeFile(home.path('other.txt'), 'another');
  await untilPlaced(anna, mirror, 'other.txt', 7);
  expect(await readFile(anna.path('notes.txt'), 'utf8')).toBe('my own');
  expect(logOf(mirror).filter(({ code }) => code === 'target-exists')).toHaveLength(1);
});

it('does not replace a copy that somebody has changed', async () => {
  await mkdir(home.path('photos'));
  await writeFile(home.path('photos/a.jpg'), 'first');
  await startSeeder();
  const mirror = await startMirror(anna);
  await untilPlaced(anna, mirror, 'photos', 5);
  await writeFile(anna.path('photos/mine.txt'), 'a note');
  await writeFile(home.path('photos/b.jpg'), 'second');
  await eventually('the warning', () =>
    Promise.resolve(logOf(mirror).find(({ code }) => code === 'target-exists') ?? undefined),
  );
  expect((await readdir(anna.path('photos'))).sort()).toEqual(['a.jpg', 'mine.txt']);
});

it('goes on with what it has after it was killed in the middle', async () => {
  const bytes = 24 * 1024 * 1024;
  await writeSampleFile(home.path('film.bin'), bytes);
  await startSeeder('--upload-limit', '3M');
  const first = await startMirror(anna);
  // Every few seconds the have-map is made durable; what it does not say yet may be fetched again.
  const before = await eventually('some of the film to be durable', async () => {
    const [transfer] = await first.control.transfers();
    if (transfer === undefined || transfer.verifiedBytes < bytes / 2) return undefined;
    return transfer;
  });
  await first.program.stop('SIGKILL');

  const second = await startMirror(anna);
  const film = await untilPlaced(anna, second, 'film.bin', bytes);
  expect(film.receivedBytes).toBeLessThan(bytes - before.verifiedBytes / 4);
  expect(await sha256OfFile(anna.path('film.bin'))).toBe(await sha256OfFile(home.path('film.bin')));
});

it('tells its story in the log', async () => {
  await writeSampleFile(home.path('film.bin'), 12_000_000);
  await startSeeder('--upload-limit', '3M');
  const mirror = await startMirror(anna);
  await untilPlaced(anna, mirror, 'film.bin', 12_000_000);
  await mirror.program.printed(/complete and verified film\.bin in \d+s, at [\d.]+ MiB\/s from 1 peer/);
  const story = logOf(mirror).flatMap(({ event, name }) => (event !== undefined && name === 'film.bin' ? [event] : []));
  expect(story.filter((event, at) => event !== story[at - 1])).toEqual([
    'found',
    'downloading',
    'progress',
    'complete',
  ]);
  expect(mirror.program.stderr).toMatch(/downloading film\.bin: \d+ % at [\d.]+ [KM]iB\/s from 1 peer, \d+s left/);
});
