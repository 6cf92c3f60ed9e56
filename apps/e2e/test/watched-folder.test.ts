import { appendFile, mkdir, rm, symlink, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { eventually, writeSampleFile, writeSmallFiles, type Agent, type Machine } from '@shoal/testbed';
import type { Transfer } from '@shoal/protocol';
import { beforeEach, expect, it } from 'vitest';
import { logOf, namesLogged } from '../src/agent-log.ts';
import { useScene } from '../src/scene.ts';

const scene = useScene();
let home: Machine;
let folder: string;
let url: string;

beforeEach(async () => {
  home = await scene.machine('home');
  ({ url } = await home.startTracker());
  folder = home.path('drop');
  await mkdir(folder);
});

function startWatching(): Promise<Agent> {
  return home.startAgent('--tracker', url, '--share', folder, '--host', '127.0.0.1');
}

/** Waits until an agent seeds exactly shares of these names. */
function untilShared(agent: Agent, ...names: string[]): Promise<readonly Transfer[]> {
  return eventually(`${names.join(', ')} to be shared`, async () => {
    const transfers = await agent.control.transfers();
    const isThere = transfers.every(({ state }) => state === 'seeding');
    const found = transfers.map(({ name }) => name).sort();
    return isThere && JSON.stringify(found) === JSON.stringify(names.sort()) ? transfers : undefined;
  });
}

it('shares what is dropped in, shares anew what changes, and withdraws what vanishes', async () => {
  const agent = await startWatching();
  await writeSampleFile(join(folder, 'film.bin'), 3_000_000);
  await writeSmallFiles(join(folder, 'photos'), 200, 1_000);
  const before = await untilShared(agent, 'film.bin', 'photos');
  const film = before.find(({ name }) => name === 'film.bin');

  await appendFile(join(folder, 'film.bin'), 'more');
  const after = await eventually('the new film', async () => {
    const transfer = (await agent.control.transfers()).find(({ name }) => name === 'film.bin');
    return transfer !== undefined && transfer.infoHash !== film?.infoHash ? transfer : undefined;
  });
  expect(after.length).toBe(3_000_004);

  await rm(join(folder, 'photos'), { recursive: true });
  await untilShared(agent, 'film.bin');
  await rm(join(folder, 'film.bin'));
  await untilShared(agent);
});

it('registers what it shares, so that others find it by name', async () => {
  const agent = await startWatching();
  await writeFile(join(folder, 'notes.txt'), 'for all of us');
  await untilShared(agent, 'notes.txt');
  const anna = await scene.machine('anna');
  await eventually('the notes to be found', async () => {
    const { code } = await anna.shoal('download', 'notes.txt', '--tracker', url).ended();
    return code === 0 ? true : undefined;
  });
});

it('hashes nothing again after a restart, and notices what changed, came and vanished meanwhile', async () => {
  for (const name of ['same.bin', 'changed.bin', 'gone.bin']) await writeSampleFile(join(folder, name), 500_000);
  await writeSmallFiles(join(folder, 'grows'), 20, 100);
  const first = await startWatching();
  await untilShared(first, 'same.bin', 'changed.bin', 'gone.bin', 'grows');
  await first.program.stop();

  await appendFile(join(folder, 'changed.bin'), 'more');
  await writeFile(join(folder, 'grows', 'one-more'), 'file');
  await rm(join(folder, 'gone.bin'));
  await writeSampleFile(join(folder, 'new.bin'), 500_000);
  const second = await startWatching();
  await untilShared(second, 'same.bin', 'changed.bin', 'new.bin', 'grows');
  await eventually('what changed to be hashed', () =>
    Promise.resolve(namesLogged(second, 'hashing').length >= 3 ? true : undefined),
  );
  expect(namesLogged(second, 'hashing').sort()).toEqual(['changed.bin', 'grows', 'new.bin']);
});

it('hashes nothing again after it was killed', async () => {
  await writeSampleFile(join(folder, 'film.bin'), 500_000);
  const first = await startWatching();
  await untilShared(first, 'film.bin');
  await first.program.stop('SIGKILL');

  const second = await startWatching();
  await writeFile(join(folder, 'later.txt'), 'dropped in later');
  await untilShared(second, 'film.bin', 'later.txt');
  expect(namesLogged(second, 'hashing')).toEqual(['later.txt']);
});

it('leaves out what is no share, says so once, and goes on with the rest', async () => {
  await writeFile(join(folder, '.hidden'), 'x');
  await writeFile(join(folder, 'film.bin.part'), 'x');
  await writeFile(join(folder, 'film.bin.part.have'), 'x');
  await writeFile(join(folder, 'film.torrent'), 'x');
  await writeFile(join(folder, 'empty'), '');
  await mkdir(join(folder, 'hollow'));
  await symlink('notes.txt', join(folder, 'link'));
  await writeFile(join(folder, 'notes.txt'), 'text');
  const agent = await startWatching();
  await untilShared(agent, 'notes.txt');
  const warnings = await eventually('the warnings', () => {
    const said = logOf(agent).filter(({ level }) => level === 40);
    return Promise.resolve(said.length >= 3 ? said : undefined);
  });
  expect(warnings.map(({ code }) => code).sort()).toEqual(['empty-share', 'empty-share', 'unshareable-file']);
});

it('waits for a folder that is not there, says so once, and shares what comes', async () => {
  await rm(folder, { recursive: true });
  const agent = await startWatching();
  await eventually('the warning', () =>
    Promise.resolve(logOf(agent).find(({ code }) => code === 'not-found') ?? undefined),
  );
  await mkdir(folder);
  await writeFile(join(folder, 'notes.txt'), 'text');
  await untilShared(agent, 'notes.txt');
  expect(logOf(agent).filter(({ code }) => code === 'not-found')).toHaveLength(1);
});

it('ends in good order while it hashes', async () => {
  const agent = await startWatching();
  await writeFile(join(folder, 'huge.bin'), '');
  await truncate(join(folder, 'huge.bin'), 64 * 1024 ** 3);
  await agent.program.printed(/hashing huge\.bin/);
  expect(await agent.program.stop()).toEqual({ code: 0, signal: null });
});
