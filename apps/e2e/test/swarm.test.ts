import { expect, it } from 'vitest';
import { sha256OfFile, writeSampleFile } from '@shoal/testbed';
import { useScene } from '../src/scene.ts';
import { beginDownload, shareByAgent, untilComplete } from '../src/sharing.ts';

const scene = useScene();
const BYTES = 48 * 1024 * 1024;
const LEECHERS = ['anna', 'boris', 'chen', 'dalia'];

it('four leechers that start together take from each other, and the seeder uploads less than twice the file', async () => {
  const home = await scene.machine('home');
  const { url } = await home.startTracker();
  const seeder = await home.startAgent();
  await writeSampleFile(home.path('film.bin'), BYTES);
  const offered = await shareByAgent(home, 'film.bin', url);

  const machines = await Promise.all(LEECHERS.map((name) => scene.machine(name)));
  const agents = await Promise.all(machines.map((machine) => machine.startAgent()));
  const leechers = machines.map((machine, index) => ({ machine, agent: agents[index]! }));
  await Promise.all(leechers.map(({ machine, agent }) => beginDownload(machine, agent, offered)));
  await Promise.all(leechers.map(({ agent }) => untilComplete(agent, offered)));

  const sha256 = await sha256OfFile(home.path('film.bin'));
  for (const { machine, agent } of leechers) {
    expect(await sha256OfFile(machine.path('film.bin'))).toBe(sha256);
    expect((await agent.transfer(offered.metainfo.infoHash))?.sentBytes).toBeGreaterThan(0);
  }
  const seeded = await seeder.transfer(offered.metainfo.infoHash);
  expect(seeded?.sentBytes).toBeGreaterThanOrEqual(BYTES);
  expect(seeded?.sentBytes).toBeLessThan(2 * BYTES);
});

it('a leecher that has finished goes on serving when the seeder is gone', async () => {
  const [home, anna, boris] = [await scene.machine('home'), await scene.machine('anna'), await scene.machine('boris')];
  const { url } = await home.startTracker();
  const seeder = await home.startAgent();
  await writeSampleFile(home.path('film.bin'), 2 * 1024 * 1024);
  const offered = await shareByAgent(home, 'film.bin', url);
  const first = await anna.startAgent();
  await beginDownload(anna, first, offered);
  await untilComplete(first, offered);

  await seeder.program.stop('SIGKILL');
  const second = await boris.startAgent();
  await beginDownload(boris, second, offered);
  await untilComplete(second, offered);
  expect(await sha256OfFile(boris.path('film.bin'))).toBe(await sha256OfFile(home.path('film.bin')));
});
