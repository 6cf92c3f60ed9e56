import { readFile, writeFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import type { Program } from '@shoal/testbed';
import { useScene } from '../src/scene.ts';

const scene = useScene();
const TEXT = 'This is a test file for sharing\n';

/** Types a command and waits for what it prints. */
function ask(prompt: Program, command: string, answer: RegExp): Promise<RegExpExecArray> {
  return prompt.printed(answer, prompt.type(command));
}

describe('the walk-through at three prompts', () => {
  it('moves the file, and every command of the list works', async () => {
    const [first, second, third] = [
      await scene.machine('one'),
      await scene.machine('two'),
      await scene.machine('three'),
    ];
    const trackerPrompt = first.shoal();
    const [, port = ''] = await ask(trackerPrompt, 'tracker 0', /running at http:\/\/localhost:(\d+)/);

    await writeFile(second.path('test_file.txt'), TEXT);
    const sharer = second.shoal();
    await ask(sharer, `share test_file.txt localhost:${port}`, /shoal:[0-9a-f]{64}/);
    await ask(sharer, 'files', /test_file\.txt/);

    const downloader = third.shoal();
    await ask(downloader, `download ${second.path('test_file.txt.torrent')}`, /complete and verified/);
    expect(await readFile(third.path('test_file.txt'), 'utf8')).toBe(TEXT);
    await ask(downloader, 'files', /test_file\.txt/);
    await ask(downloader, 'peers', /127\.0\.0\.1:\d+/);
    await ask(downloader, `search test_file`, /test_file\.txt/);
    await ask(downloader, 'help', /connect .*<host> <port>/);

    await ask(sharer, `create test_file.txt localhost:${port}`, /Created the \.torrent/);
    for (const prompt of [downloader, sharer, trackerPrompt]) {
      prompt.type('exit');
      expect(await prompt.ended()).toEqual({ code: 0, signal: null });
    }
  });

  it('connects to a peer by hand and finds what it shares', async () => {
    const [one, two] = [await scene.machine('one'), await scene.machine('two')];
    await writeFile(one.path('apples.txt'), TEXT);
    const sharer = one.shoal();
    await ask(sharer, 'share apples.txt localhost:9', /shoal:[0-9a-f]{64}/);
    const [, port = ''] = await sharer.printed(/listens at localhost:(\d+)/);
    const seeker = two.shoal();
    await ask(seeker, `connect localhost ${port}`, /Connected to/);
    await ask(seeker, 'search apple', /apples\.txt/);
  });
});

describe('a prompt', () => {
  it('takes other commands while a download goes on', async () => {
    const [one, two] = [await scene.machine('one'), await scene.machine('two')];
    const { url } = await one.startTracker();
    await writeFile(one.path('later.txt'), TEXT);
    await one.run('create', 'later.txt', url);
    const waiting = two.shoal();
    await ask(waiting, `download ${one.path('later.txt.torrent')}`, /waiting/);
    await ask(waiting, 'files', /later\.txt/);
    one.shoal('share', 'later.txt', url);
    await waiting.printed(/complete and verified/);
  });

  it('goes on after a mistake, and ends with its input', async () => {
    const prompt = (await scene.machine('one')).shoal();
    await ask(prompt, 'shrae x', /unknown command 'shrae'/);
    await ask(prompt, 'share nothing.txt localhost:8000', /Check the name and the path/);
    await ask(prompt, 'help', /share/);
    prompt.endInput();
    expect(await prompt.ended()).toMatchObject({ signal: null });
  });
});
