/** The page that the built tracker serves, in a real browser, with real agents. */
import { mkdir, rename, writeFile } from 'node:fs/promises';
import { sha256OfFile, writeSampleFile, type Machine } from '@shoal/testbed';
import { hasChromium, launchChromium, watchedPage, type Browser } from '@shoal/testbed/chromium';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { useScene } from '../src/scene.ts';
import { beginDownload, shareByAgent } from '../src/sharing.ts';

const MiB = 1024 * 1024;
/** The page takes a download from the disk of its own that it has; a window for choosing a file nobody could answer. */
const NO_FILE_PICKER = 'delete globalThis.showSaveFilePicker;';
/** For what comes of it in its own time. */
const PATIENCE = { timeout: 60_000 };
const HOSTILE = '<img src=x onerror=alert(1)>.txt';
const title = `the dashboard${hasChromium ? '' : ' (skipped: there is no Chromium)'}`;

describe.skipIf(!hasChromium)(title, () => {
  const scene = useScene();
  let browser: Browser;
  beforeAll(async () => {
    browser = await launchChromium();
  });
  afterAll(() => browser.close());

  async function named(name: string): Promise<Machine> {
    const machine = await scene.machine(name);
    machine.setVariable('SHOAL_NAME', name);
    return machine;
  }

  it('lists what is shared, finds it as one types, and takes every name for text', async () => {
    const home = await named('build-1');
    const { url } = await home.startTracker();
    await home.startAgent();
    for (const name of ['nightly.img', 'notes.txt', HOSTILE]) {
      await writeFile(home.path(name), `The bytes of ${name}`);
      await shareByAgent(home, name, url);
    }
    const { page, troubles } = await watchedPage(browser);
    await page.goto(url);
    const names = (): Promise<string[]> => page.getByRole('table').getByRole('link').allTextContents();
    await expect.poll(async () => (await names()).sort(), PATIENCE).toEqual([HOSTILE, 'nightly.img', 'notes.txt']);
    expect(await page.locator('img').count()).toBe(0);
    await page.getByRole('searchbox', { name: 'Search shares' }).fill('night');
    await expect.poll(names, PATIENCE).toEqual(['nightly.img']);
    expect(troubles).toEqual([]);
  });

  it('shows a download as it goes, machine by machine and piece by piece', async () => {
    const [home, anna] = [await named('build-1'), await named('web-1')];
    const { url } = await home.startTracker();
    await home.startAgent('--upload-limit', '2M');
    const leecher = await anna.startAgent();
    await writeSampleFile(home.path('film.bin'), 24 * MiB);
    const offered = await shareByAgent(home, 'film.bin', url);
    const { page, troubles } = await watchedPage(browser);
    await page.goto(`${url}/#/share/${offered.metainfo.infoHash}`);
    const machines = page.getByRole('table', { name: 'Machines' });
    await machines.getByRole('link', { name: 'build-1' }).waitFor();
    await beginDownload(anna, leecher, offered);
    const progress = machines.getByRole('row', { name: /web-1/ }).getByRole('progressbar').first();
    const percent = async (): Promise<number> => Number((await progress.getAttribute('aria-valuenow')) ?? '0');
    const pixels = (): Promise<string> => page.evaluate("document.querySelector('.grid-cells').toDataURL()");
    await expect.poll(percent, PATIENCE).toBeGreaterThan(0);
    const [before, drawn] = [await percent(), await pixels()];
    await expect.poll(percent, PATIENCE).toBeGreaterThan(before);
    await expect.poll(pixels, PATIENCE).not.toBe(drawn);
    await expect.poll(percent, PATIENCE).toBe(100);
    expect(troubles).toEqual([]);
  });

  it('names a stall: which pieces are missing, and who has them', async () => {
    const [home, anna] = [await named('build-1'), await named('web-7')];
    const { url } = await home.startTracker();
    await writeSampleFile(home.path('film.bin'), 24 * MiB);
    const seeder = await home.startAgent('--upload-limit', '2M');
    const offered = await shareByAgent(home, 'film.bin', url);
    const leecher = await anna.startAgent();
    await beginDownload(anna, leecher, offered);
    await leecher.reaches(offered.metainfo.infoHash, ({ verifiedBytes }) => verifiedBytes > 0);
    await seeder.program.stop('SIGKILL');
    const { page, troubles } = await watchedPage(browser);
    await page.goto(`${url}/#/share/${offered.metainfo.infoHash}`);
    await page.getByText(/^web-7 waits for pieces .*: nobody has them/).waitFor();
    expect(troubles).toEqual([]);
  });

  it('downloads a file of a share in the page, the same to the byte', async () => {
    const home = await named('build-1');
    const { url } = await home.startTracker();
    await home.startAgent();
    await mkdir(home.path('photos'));
    await writeSampleFile(home.path('photos/one.bin'), 3 * MiB + 17);
    await writeSampleFile(home.path('two.bin'), 2 * MiB + 5);
    await rename(home.path('two.bin'), home.path('photos/two.bin'));
    const offered = await shareByAgent(home, 'photos', url);
    const { page, troubles } = await watchedPage(browser, NO_FILE_PICKER);
    await page.goto(`${url}/#/share/${offered.metainfo.infoHash}`);
    const row = page.getByRole('listitem').filter({ hasText: 'two.bin' });
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      row.getByRole('button', { name: /^Download/ }).click(),
    ]);
    expect(await sha256OfFile(await download.path())).toBe(await sha256OfFile(home.path('photos/two.bin')));
    expect(download.suggestedFilename()).toBe('two.bin');
    expect(troubles).toEqual([]);
  });

  it('recovers by itself after the tracker was away', async () => {
    const home = await named('build-1');
    const before = await home.startTracker();
    await home.startAgent();
    await writeFile(home.path('notes.txt'), 'Notes');
    await shareByAgent(home, 'notes.txt', before.url);
    const { page } = await watchedPage(browser);
    await page.goto(before.url);
    await page.getByRole('link', { name: 'notes.txt' }).waitFor();
    await before.program.stop('SIGKILL');
    const lost = page.getByText('The connection to the tracker is lost.');
    await lost.waitFor();
    await home.startTracker(before.port);
    await lost.waitFor({ state: 'detached' });
    await writeFile(home.path('news.txt'), 'News');
    await shareByAgent(home, 'news.txt', before.url);
    await page.getByRole('link', { name: 'news.txt' }).waitFor();
  });
});
