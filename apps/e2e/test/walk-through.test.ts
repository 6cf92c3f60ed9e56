import { existsSync } from 'node:fs';
import { copyFile, readFile, writeFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { useScene } from '../src/scene.ts';

const scene = useScene();
const TEXT = 'This is a test file for sharing\n';

describe('the walk-through with one command per terminal', () => {
  it('moves the file from the one who shares it to the one who downloads it', async () => {
    const [first, second, third] = [
      await scene.machine('one'),
      await scene.machine('two'),
      await scene.machine('three'),
    ];
    const tracker = first.shoal('tracker', '0');
    const [, address = ''] = await tracker.printed(/running at http:\/\/(localhost:\d+)/);

    await writeFile(second.path('test_file.txt'), TEXT);
    const share = second.shoal('share', 'test_file.txt', address);
    await share.printed(/Registered with the tracker/);
    expect(existsSync(second.path('test_file.txt.torrent'))).toBe(true);

    await copyFile(second.path('test_file.txt.torrent'), third.path('test_file.txt.torrent'));
    await third.run('download', 'test_file.txt.torrent');
    expect(await readFile(third.path('test_file.txt'), 'utf8')).toBe(TEXT);

    expect(share.isRunning).toBe(true);
    expect(await share.stop('SIGINT')).toEqual({ code: 0, signal: null });
    expect(await tracker.stop('SIGINT')).toEqual({ code: 0, signal: null });
  });

  it('takes the original flags for the tracker', async () => {
    const machine = await scene.machine('one');
    const tracker = machine.shoal('--tracker', '--host', '127.0.0.1', '--port', '0');
    const [, url = ''] = await tracker.printed(/(http:\/\/127\.0\.0\.1:\d+)/);
    expect((await fetch(`${url}/healthz`)).status).toBe(200);
  });

  it.each(['info hash', 'link', 'name'])('downloads by %s as well as by .torrent', async (way) => {
    const [first, second, third] = [
      await scene.machine('one'),
      await scene.machine('two'),
      await scene.machine('three'),
    ];
    const { url } = await first.startTracker();
    await writeFile(second.path('notes.txt'), TEXT);
    const [link, infoHash = ''] = await second.shoal('share', 'notes.txt', url).printed(/shoal:([0-9a-f]{64})\S*/);
    const what = { 'info hash': infoHash, link, name: 'notes.txt' }[way] ?? '';
    await third.run('download', what, ...(way === 'link' ? [] : ['--tracker', url]));
    expect(await readFile(third.path('notes.txt'), 'utf8')).toBe(TEXT);
  });

  it('creates a .torrent without telling anybody, which share then registers', async () => {
    const [first, second] = [await scene.machine('one'), await scene.machine('two')];
    const { url } = await first.startTracker();
    await writeFile(second.path('test_file.txt'), TEXT);
    await second.run('create', 'test_file.txt', url);
    const torrent = JSON.parse(await readFile(second.path('test_file.txt.torrent'), 'utf8')) as { announce: string };
    expect(torrent.announce).toBe(url);
    const found = await second.run('search', 'test_file', '--tracker', url);
    expect(found.stdout).not.toContain('test_file.txt');
  });

  it('verifies what was downloaded, and tells what is wrong', async () => {
    const machine = await scene.machine('one');
    await writeFile(machine.path('test_file.txt'), TEXT);
    await machine.run('create', 'test_file.txt', 'localhost:8000');
    await machine.run('verify', 'test_file.txt.torrent');
    await writeFile(machine.path('test_file.txt'), TEXT.toUpperCase());
    const { code } = await machine.shoal('verify', 'test_file.txt.torrent').ended();
    expect(code).toBe(3);
  });
});
