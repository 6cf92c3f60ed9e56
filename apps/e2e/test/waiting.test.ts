import { writeFile } from 'node:fs/promises';
import { expect, it } from 'vitest';
import type { Agent } from '@shoal/testbed';
import { writeReport } from '../src/report.ts';
import { useScene } from '../src/scene.ts';
import { beginDownload, createTorrent, untilComplete, type Offered } from '../src/sharing.ts';

const scene = useScene();
const ARRIVALS = 5;

it('a leecher that waits says so, and starts when the seeder comes', async () => {
  const [home, anna] = [await scene.machine('home'), await scene.machine('anna')];
  const { url } = await home.startTracker();
  const leecher = await anna.startAgent();
  const seeder = await home.startAgent();
  const latenciesMs: number[] = [];
  for (let arrival = 0; arrival < ARRIVALS; arrival++) {
    const name = `news-${arrival}.txt`;
    await writeFile(home.path(name), `What happened on day ${arrival}\n`);
    const offered = await createTorrent(home, name, url);
    await beginDownload(anna, leecher, offered);
    await leecher.reaches(offered.metainfo.infoHash, ({ state }) => state === 'waiting');
    if (arrival === 0) expect((await anna.run('status')).stdout).toMatch(/waiting/);
    latenciesMs.push(await msFromArrivalToFirstByte(seeder, leecher, { offered, path: home.path(name) }));
    await untilComplete(leecher, offered);
  }
  await writeReport('seeder-arrival', {
    what: "ms from a seeder's arrival to a waiting leecher's first byte",
    latenciesMs,
  });
  expect(Math.max(...latenciesMs)).toBeLessThan(5000);
});

async function msFromArrivalToFirstByte(
  seeder: Agent,
  leecher: Agent,
  { offered, path }: { offered: Offered; path: string },
): Promise<number> {
  const begin = performance.now();
  await seeder.control.addShare({ metainfo: offered.metainfo, path });
  await leecher.reaches(offered.metainfo.infoHash, ({ receivedBytes }) => receivedBytes > 0);
  return Math.round(performance.now() - begin);
}
