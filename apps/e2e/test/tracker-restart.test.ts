import { readFile, writeFile } from 'node:fs/promises';
import { expect, it } from 'vitest';
import { eventually } from '@shoal/testbed';
import { useScene } from '../src/scene.ts';
import { beginDownload, createTorrent, shareByAgent, untilComplete } from '../src/sharing.ts';

const scene = useScene();

it('a tracker that was killed keeps every share that it acknowledged', async () => {
  const home = await scene.machine('home');
  const before = await home.startTracker();
  await home.startAgent();
  const names = Array.from({ length: 8 }, (_, index) => `paper-${String(index).padStart(2, '0')}.txt`);
  for (const name of names) {
    await writeFile(home.path(name), `The text of ${name}\n`);
    await shareByAgent(home, name, before.url);
  }
  await before.program.stop('SIGKILL');

  const after = await home.startTracker(before.port);
  const found = await home.run('search', 'paper-', '--tracker', after.url, '--json');
  for (const name of names) expect(found.stdout).toContain(name);
});

it('agents come back to a restarted tracker by themselves, and new peers find them there', async () => {
  const [home, anna] = [await scene.machine('home'), await scene.machine('anna')];
  const before = await home.startTracker();
  const seeder = await home.startAgent();
  await writeFile(home.path('news.txt'), 'What happened today\n');
  const offered = await shareByAgent(home, 'news.txt', before.url);
  await before.program.stop('SIGKILL');
  await eventually('the agent to notice', async () => {
    const { trackers } = await seeder.control.status();
    return trackers.some(({ isConnected }) => !isConnected) ? true : undefined;
  });

  await home.startTracker(before.port);
  await eventually('the agent to come back', async () => {
    const { trackers } = await seeder.control.status();
    return trackers.every(({ isConnected }) => isConnected) ? true : undefined;
  });
  const leecher = await anna.startAgent();
  await beginDownload(anna, leecher, offered);
  await untilComplete(leecher, offered);
});

it('a download without any tracker goes on with a peer that is connected by hand', async () => {
  const [home, anna] = [await scene.machine('home'), await scene.machine('anna')];
  const seeder = await home.startAgent();
  await writeFile(home.path('news.txt'), 'What happened today\n');
  const nobody = 'http://127.0.0.1:9';
  const offered = await createTorrent(home, 'news.txt', nobody);
  await seeder.control.addShare({ metainfo: offered.metainfo, path: home.path('news.txt') });
  const leecher = await anna.startAgent();
  await beginDownload(anna, leecher, offered);
  const { port } = await seeder.control.status();
  await anna.run('connect', '127.0.0.1', String(port));
  await untilComplete(leecher, offered);
  expect(await readFile(anna.path('news.txt'), 'utf8')).toBe('What happened today\n');
});

it('a tracker ends when the `shoal tracker` that started it was killed', async () => {
  const program = (await scene.machine('home')).shoal('tracker', '0');
  const [, url = ''] = await program.printed(/running at (http:\S+)/);
  expect((await fetch(`${url}/healthz`)).ok).toBe(true);
  await program.stop('SIGKILL');
  await eventually('the tracker to be gone', () =>
    fetch(`${url}/healthz`).then(
      () => undefined,
      () => true,
    ),
  );
});
