import { stat, writeFile } from 'node:fs/promises';
import { request } from 'node:http';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { CONTROL_TOKEN_HEADER, ERRORS } from '@shoal/protocol';
import { sha256OfFile, writeSampleFile } from '@shoal/testbed';
import { useScene } from '../src/scene.ts';
import { beginDownload, createTorrent, shareByAgent, untilComplete } from '../src/sharing.ts';

const scene = useScene();

describe('the daemon', () => {
  it('takes the commands of its user, and status shows what it does', async () => {
    const [home, anna] = [await scene.machine('home'), await scene.machine('anna')];
    const { url } = await home.startTracker();
    await home.startAgent();
    await writeFile(home.path('news.txt'), 'What happened today\n');
    const shared = await home.run('share', 'news.txt', url);
    expect(shared.output).toMatch(/shoal:[0-9a-f]{64}/);
    expect((await home.run('files')).stdout).toContain('news.txt');

    await anna.startAgent();
    await anna.run('download', home.path('news.txt.torrent'));
    expect(await sha256OfFile(anna.path('news.txt'))).toBe(await sha256OfFile(home.path('news.txt')));
    const status = JSON.parse((await anna.run('status', '--json')).stdout) as { transfers: { state: string }[] };
    expect(status.transfers.map(({ state }) => state)).toEqual(['seeding']);
  });

  it('keeps its shares and its downloads over a restart', async () => {
    const [home, anna] = [await scene.machine('home'), await scene.machine('anna')];
    const { url } = await home.startTracker();
    const seeder = await home.startAgent();
    await writeSampleFile(home.path('film.bin'), 3 * 1024 * 1024);
    const offered = await shareByAgent(home, 'film.bin', url);
    await writeFile(home.path('later.txt'), 'Not yet\n');
    const later = await createTorrent(home, 'later.txt', url);
    const leecher = await anna.startAgent();
    await beginDownload(anna, leecher, later);
    expect(await seeder.program.stop('SIGTERM')).toEqual({ code: 0, signal: null });
    expect(await leecher.program.stop('SIGTERM')).toEqual({ code: 0, signal: null });

    const [seederAgain, leecherAgain] = [await home.startAgent(), await anna.startAgent()];
    await beginDownload(anna, leecherAgain, offered);
    await untilComplete(leecherAgain, offered);
    await seederAgain.control.addShare({ metainfo: later.metainfo, path: home.path('later.txt') });
    await untilComplete(leecherAgain, later);
  });

  it('is one for each home', async () => {
    const home = await scene.machine('home');
    await home.startAgent();
    const second = home.shoal('agent');
    expect((await second.ended()).code).toBe(1);
    expect(second.stderr).toContain(ERRORS['agent-running']);
  });

  it('starts again after it was killed', async () => {
    const home = await scene.machine('home');
    const killed = await home.startAgent();
    await killed.program.stop('SIGKILL');
    const again = await home.startAgent();
    expect((await again.control.status()).transfers).toEqual([]);
  });
});

describe('the control API', () => {
  it('keeps its token where only its owner reads it', async () => {
    const home = await scene.machine('home');
    await home.startAgent();
    expect((await stat(join(home.home, 'control.json'))).mode & 0o777).toBe(0o600);
  });

  it('answers only who has the token, and neither a foreign host nor a foreign page', async () => {
    const home = await scene.machine('home');
    await home.startAgent();
    const { port, token } = await home.controlAddress();
    const withToken = { [CONTROL_TOKEN_HEADER]: token };
    expect(await statusOf(port, withToken)).toBe(200);
    expect(await statusOf(port, {})).toBe(401);
    expect(await statusOf(port, { [CONTROL_TOKEN_HEADER]: `${token}x` })).toBe(401);
    expect(await statusOf(port, { ...withToken, host: `rebound.example:${port}` })).toBe(403);
    expect(await statusOf(port, { ...withToken, origin: 'https://page.example' })).toBe(403);
  });
});

/** The HTTP status of a call with exactly these headers; `fetch` would not send a `Host` of our choice. */
function statusOf(port: number, headers: Record<string, string>): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    request({ host: '127.0.0.1', port, path: '/v1/status', headers }, (response) => {
      response.resume();
      resolve(response.statusCode);
    })
      .on('error', reject)
      .end();
  });
}
