/** The built page in Chromium, with a fleet that was made up. */
import type { Browser } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { startFeed, type Feed } from './feed/feed-server.ts';
import { LARGE_NAME, MARKUP_NAME, STALLED_NAME } from './feed/synthetic-fleet.ts';
import {
  filledCells,
  findBarriers,
  hasChromium,
  launchChromium,
  openPage,
  overhang,
  PHONE,
  type Look,
  type WatchedPage,
} from './page-in-chromium.ts';

const FLEET = { machines: 40, pieces: 900, changesPerSecond: 50, fillSeconds: 60 };
const title = `the page in Chromium${hasChromium ? '' : ' (skipped: there is no /usr/bin/chromium)'}`;

describe.skipIf(!hasChromium)(title, () => {
  let browser: Browser;
  let feed: Feed;
  let troubles: string[];

  beforeAll(async () => {
    browser = await launchChromium();
  });
  afterAll(() => browser.close());
  beforeEach(async () => {
    feed = await startFeed(FLEET);
    troubles = [];
  });
  afterEach(async () => {
    await Promise.all(browser.contexts().map((context) => context.close()));
    await feed.stop();
    expect(troubles).toEqual([]);
  });

  async function open(hash: string, look?: Look): Promise<WatchedPage['page']> {
    const opened = await openPage(browser, `${feed.url}/${hash}`, look);
    troubles = opened.troubles;
    return opened.page;
  }
  const shareHash = (): string => `#/share/${feed.fleet.share.infoHash}`;
  const machineHash = (): string => `#/machine/${feed.fleet.members()[5]!.peerId}`;

  it('lists the shares, and leads to one of them', async () => {
    const page = await open('#/');
    const row = page.getByRole('row', { name: LARGE_NAME });
    await row.getByRole('link').click();
    await page.getByRole('heading', { level: 1, name: LARGE_NAME }).waitFor();
    expect(page.url()).toContain(shareHash());
  });

  it('searches as one types', async () => {
    const page = await open('#/');
    await page.getByRole('row', { name: LARGE_NAME }).waitFor();
    await page.getByRole('searchbox', { name: 'Search shares' }).fill('llama');
    await expect
      .poll(() => page.getByRole('table').getByRole('link').allTextContents())
      .toEqual(['llama-weights-70b.safetensors']);
    await page.getByRole('searchbox').fill('nothing is called so');
    await page.getByText('No share matches.').waitFor();
  });

  it('shows progress and fills the grid while it spreads', async () => {
    const page = await open(shareHash());
    const complete = async (): Promise<number> =>
      parseFloat((await page.locator('.figures dd').first().textContent()) ?? '');
    await expect.poll(complete).toBeGreaterThan(0);
    const [before, cellsBefore] = [await complete(), await filledCells(page)];
    await expect.poll(complete).toBeGreaterThan(before);
    await expect.poll(() => filledCells(page)).toBeGreaterThan(cellsBefore);
    expect(await page.getByRole('table', { name: 'Machines' }).getByRole('progressbar').count()).toBeGreaterThan(3);
  });

  it('names a stall, who feeds whom, and what binds', async () => {
    const page = await open(shareHash());
    const stall = `${STALLED_NAME} waits for pieces 811 and 812: only build-1 has them and it is unreachable`;
    await page.getByText(stall).waitFor();
    await page.getByText('binds').waitFor();
    await page.getByText('The strongest 24 flows').waitFor();
  });

  it('offers the .torrent, the link and the line to type', async () => {
    const page = await open(shareHash());
    const torrent = page.getByRole('link', { name: 'Download the .torrent' });
    expect(await torrent.getAttribute('download')).toBe(`${LARGE_NAME}.torrent`);
    const [download] = await Promise.all([page.waitForEvent('download'), torrent.click()]);
    expect(new URL(download.url()).pathname).toBe(`/v1/shares/${feed.fleet.share.infoHash}`);
    const line = await page.getByRole('textbox', { name: 'Command' }).inputValue();
    expect(line).toBe(
      `shoal download "shoal:${feed.fleet.share.infoHash}?name=${LARGE_NAME}&tracker=${encodeURIComponent(feed.url)}"`,
    );
  });

  it('shows a machine, and says when there is none', async () => {
    const page = await open(machineHash());
    await page.getByText('Others reach it at this address.').waitFor();
    await page.getByRole('table', { name: 'Shares and downloads' }).getByRole('link', { name: LARGE_NAME }).waitFor();
    await page.goto(`${feed.url}/#/machine/${'0'.repeat(64)}`);
    await page.getByText('There is no such machine here').waitFor();
  });

  it('takes every name for text', async () => {
    const page = await open('#/');
    await page.getByRole('link', { name: MARKUP_NAME }).waitFor();
    expect(await page.locator('bdi', { hasText: 'holiday' }).first().textContent()).toBe('holiday\ufffdgpj.exe');
    await page.goto(`${feed.url}/${shareHash()}`);
    await page.getByRole('table', { name: 'Machines' }).getByRole('link', { name: MARKUP_NAME }).waitFor();
    expect(await page.locator('img').count()).toBe(0);
  });

  it('says when the connection is lost, and recovers by itself', async () => {
    const page = await open('#/');
    await page.getByRole('row', { name: LARGE_NAME }).waitFor();
    await feed.stop();
    await page.getByText('The connection to the tracker is lost.').waitFor();
    expect(await page.getByRole('row', { name: LARGE_NAME }).count()).toBe(1);
    feed = await startFeed({ ...FLEET, machines: 33 }, feed.port);
    await page.getByText('33', { exact: true }).waitFor();
    expect(await page.getByText('The connection to the tracker is lost.').count()).toBe(0);
  });

  it('keeps the theme that was chosen', async () => {
    const page = await open('#/', { colorScheme: 'light' });
    const scheme = (): Promise<string> => page.evaluate(() => getComputedStyle(document.documentElement).colorScheme);
    await page.getByRole('button', { name: 'Switch to dark' }).click();
    expect(await scheme()).toBe('dark');
    await page.reload();
    await page.getByRole('button', { name: 'Switch to light' }).waitFor();
    expect(await scheme()).toBe('dark');
  });

  it('is reached by keyboard: the first stop skips to the content, then come the links', async () => {
    const page = await open('#/');
    await page.getByRole('row', { name: LARGE_NAME }).waitFor();
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    expect(await page.evaluate(() => document.activeElement?.id)).toBe('main');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { level: 1, name: LARGE_NAME }).waitFor();
  });

  const views: readonly [string, () => string, string][] = [
    ['the overview', () => '#/', '.shares'],
    ['a share', shareHash, '.machines .virtual-row'],
    ['a machine', machineHash, '.holdings .virtual-row'],
  ];
  describe.each(views)('%s', (_name, hash, sign) => {
    it.each(['light', 'dark'] as const)('has no serious barrier, %s', async (colorScheme) => {
      const page = await open(hash(), { colorScheme });
      await page.locator(sign).first().waitFor();
      expect(await findBarriers(page)).toEqual([]);
    });

    it('fits a phone', async () => {
      const page = await open(hash(), { viewport: PHONE });
      await page.locator(sign).first().waitFor();
      expect(await overhang(page)).toBe(0);
      expect(await findBarriers(page)).toEqual([]);
    });
  });
});
