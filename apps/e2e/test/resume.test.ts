import { existsSync } from 'node:fs';
import { expect, it } from 'vitest';
import { sha256OfFile, writeSampleFile } from '@shoal/testbed';
import { useScene } from '../src/scene.ts';
import { beginDownload, shareByAgent, untilComplete } from '../src/sharing.ts';

const scene = useScene();
const MiB = 1024 * 1024;
const BYTES = 40 * MiB;
/** Slow enough that the kill comes in the middle. */
const LIMIT = '8M';

it('a download that was killed goes on where it stood and fetches no verified piece again', async () => {
  const [home, anna] = [await scene.machine('home'), await scene.machine('anna')];
  const { url } = await home.startTracker();
  await home.startAgent('--upload-limit', LIMIT);
  await writeSampleFile(home.path('film.bin'), BYTES);
  const offered = await shareByAgent(home, 'film.bin', url);
  const { infoHash, layout } = offered.metainfo;

  const killed = await anna.startAgent();
  await beginDownload(anna, killed, offered);
  const before = await killed.reaches(infoHash, ({ verifiedBytes }) => verifiedBytes >= BYTES / 2);
  await killed.program.stop('SIGKILL');
  expect(existsSync(anna.path('film.bin'))).toBe(false);

  const resumed = await anna.startAgent();
  const again = await resumed.reaches(infoHash, ({ verifiedBytes }) => verifiedBytes > 0);
  await untilComplete(resumed, offered);
  const after = await resumed.transfer(infoHash);
  expect(await sha256OfFile(anna.path('film.bin'))).toBe(await sha256OfFile(home.path('film.bin')));
  expect(again.verifiedBytes).toBeGreaterThanOrEqual(before.verifiedBytes);
  expect(after?.receivedBytes).toBeLessThanOrEqual(BYTES - before.verifiedBytes + 4 * layout.pieceLength);
});

it('a one-shot download that was interrupted is taken up by the next', async () => {
  const [home, anna] = [await scene.machine('home'), await scene.machine('anna')];
  const { url } = await home.startTracker();
  await home.startAgent('--upload-limit', LIMIT);
  await writeSampleFile(home.path('film.bin'), BYTES / 2);
  const offered = await shareByAgent(home, 'film.bin', url);

  const first = anna.shoal('download', home.path('film.bin.torrent'));
  await first.printed(/downloading/);
  await first.stop('SIGKILL');
  const second = await anna.startAgent();
  await beginDownload(anna, second, offered);
  await untilComplete(second, offered);
  expect(await sha256OfFile(anna.path('film.bin'))).toBe(await sha256OfFile(home.path('film.bin')));
});
