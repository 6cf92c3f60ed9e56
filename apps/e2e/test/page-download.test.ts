import { mkdir } from 'node:fs/promises';
import { sha256OfFile, writeSampleFile, type Agent, type Machine } from '@shoal/testbed';
import { hasChromium, launchChromium, type Browser, type Page } from '@shoal/testbed/chromium';
import type { Metainfo, PeerId, SwarmMember } from '@shoal/protocol';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { startPoisoningAgent } from '../src/page-download/poisoning-agent.ts';
import { bundlePage, servePage, type SmallPage } from '../src/page-download/small-page.ts';
import { useScene } from '../src/scene.ts';
import { shareByAgent } from '../src/sharing.ts';

/** A name for this machine that makes no secure context, as that of a tracker elsewhere. */
const ELSEWHERE = 'tracker.test';
const FILM_BYTES = 5_000_017;
const PATIENCE = { timeout: 60_000 };

const title = `a download in a page${hasChromium ? '' : ' (skipped: there is no Chromium)'}`;

describe.skipIf(!hasChromium)(title, () => {
  const scene = useScene();
  let browser: Browser;
  let files: ReadonlyMap<string, Uint8Array>;
  let home: Machine;
  let agent: Agent;
  let metainfo: Metainfo;
  let smallPage: SmallPage;
  let tracker: string;
  let pages: SmallPage[];

  beforeAll(async () => {
    browser = await launchChromium(`--host-resolver-rules=MAP ${ELSEWHERE} 127.0.0.1`);
    files = await bundlePage();
  });
  afterAll(() => browser.close());

  /** A folder of three files, the second of which begins and ends within pieces; shared by an agent that names our page. */
  beforeEach(async () => {
    pages = [];
    home = await scene.machine('home');
    ({ url: tracker } = await home.startTracker());
    smallPage = await startPage();
    await mkdir(home.path('films'));
    await writeSampleFile(home.path('films/a.bin'), 3_000_001);
    await writeSampleFile(home.path('films/film.bin'), FILM_BYTES);
    await writeSampleFile(home.path('films/z.bin'), 12_000_000);
    const origins = [smallPage.origin, `http://${ELSEWHERE}:${smallPage.port}`];
    const pageOrigins = origins.flatMap((origin) => ['--page-origin', origin]);
    agent = await home.startAgent('--tracker', tracker, '--host', '127.0.0.1', ...pageOrigins);
    ({ metainfo } = await shareByAgent(home, 'films', tracker));
  });
  afterEach(async () => {
    await Promise.all(browser.contexts().map((context) => context.close()));
    await Promise.all(pages.map((page) => page.stop()));
  });

  async function startPage(): Promise<SmallPage> {
    const page = await servePage(files, tracker);
    pages.push(page);
    return page;
  }

  /** Our agent as the tracker tells a page of it. */
  async function honest(): Promise<SwarmMember> {
    const { peerId, port } = await agent.control.status();
    return aMember({ peerId, name: 'home', port });
  }

  function aMember(machine: { peerId: PeerId; name: string; port: number }): SwarmMember {
    const rates = { receivedBytesPerSecond: 0, sentBytesPerSecond: 0 };
    return { ...machine, host: '127.0.0.1', agent: 'shoal', state: 'seeding', left: 0, ...rates };
  }

  /** Opens the page in a browser of its own; without a picker, since nobody is there to pick. */
  async function look(url: string, prepare = 'delete globalThis.showSaveFilePicker'): Promise<Page> {
    const context = await browser.newContext({ acceptDownloads: true });
    const page = await context.newPage();
    await page.addInitScript(prepare);
    await page.goto(url);
    return page;
  }

  /** Downloads a file by its button; resolves to the path of what the browser saved. */
  async function fetchFile(page: Page, name: string): Promise<string> {
    const saved = page.waitForEvent('download');
    await page.getByRole('button', { name: `Download ${name}`, exact: true }).click();
    const download = await saved;
    expect(download.suggestedFilename()).toBe(name);
    return download.path();
  }

  const film = (): string => home.path('films/film.bin');

  it('fetches one file of a share by way of the browser’s own folder, equal in every byte, and nothing of the others', async () => {
    smallPage.tell({ infoHash: metainfo.infoHash, members: [await honest()] });
    const page = await look(smallPage.origin);
    await expect.poll(() => page.getByRole('listitem').count(), PATIENCE).toBe(3);
    expect(await sha256OfFile(await fetchFile(page, 'film.bin'))).toBe(await sha256OfFile(film()));
    await page.getByText('Done and verified').waitFor();
    expect(await page.getByRole('progressbar', { name: 'Download of film.bin' }).getAttribute('aria-valuenow')).toBe(
      '100',
    );
    const { first, last } = metainfo.layout.piecesOf(1)!;
    const { sentBytes } = (await agent.transfer(metainfo.infoHash))!;
    expect(sentBytes).toBe((last - first + 1) * metainfo.info.pieceLength);
  });

  it('writes to the file that the person picks', async () => {
    smallPage.tell({ infoHash: metainfo.infoHash, members: [await honest()] });
    const pick = `globalThis.showSaveFilePicker = async ({ suggestedName }) =>
    (await navigator.storage.getDirectory()).getFileHandle(suggestedName, { create: true })`;
    const page = await look(smallPage.origin, pick);
    await page.getByRole('button', { name: 'Download film.bin', exact: true }).click();
    await page.getByText('Done and verified').waitFor();
    const digest = await page.evaluate(`(async () => {
    const folder = await navigator.storage.getDirectory();
    const file = await (await folder.getFileHandle('film.bin')).getFile();
    const bytes = new Uint8Array(await crypto.subtle.digest('SHA-256', await file.arrayBuffer()));
    return [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('');
  })()`);
    expect(digest).toBe(await sha256OfFile(film()));
  });

  it('fetches a file without a secure context, by the name under which the page came', async () => {
    smallPage.tell({ infoHash: metainfo.infoHash, members: [await honest()] });
    const page = await look(`http://${ELSEWHERE}:${smallPage.port}`);
    expect(await page.evaluate('isSecureContext')).toBe(false);
    await page.getByText('files up to 1.0 GiB').waitFor();
    expect(await sha256OfFile(await fetchFile(page, 'film.bin'))).toBe(await sha256OfFile(film()));
  });

  it('is refused from an origin that nobody named, and says which and what to set', async () => {
    const foreign = await startPage();
    foreign.tell({ infoHash: metainfo.infoHash, members: [await honest()] });
    const page = await look(foreign.origin);
    await page.getByRole('button', { name: 'Download film.bin', exact: true }).click();
    await page.getByText(`--page-origin ${foreign.origin}`).waitFor();
    expect((await agent.transfer(metainfo.infoHash))?.sentBytes).toBe(0);
  });

  it('accepts no poisoned piece: says who sent it, and fetches the file from an honest agent', async () => {
    const poisoner = await startPoisoningAgent(metainfo);
    try {
      const bad = aMember({ peerId: poisoner.peerId, name: 'poisoner', port: poisoner.port });
      smallPage.tell({ infoHash: metainfo.infoHash, members: [bad] });
      const page = await look(smallPage.origin);
      await page.getByRole('button', { name: 'Download film.bin', exact: true }).click();
      await page.getByText(/poisoner: Piece \d+ fails its SHA-256/).waitFor();
      await page.getByText('Failed').waitFor();
      expect(poisoner.goodByes).toEqual(['bad-piece']);
      smallPage.tell({ infoHash: metainfo.infoHash, members: [bad, await honest()] });
      await expect.poll(() => page.title(), PATIENCE).toBe('agents: 2');
      expect(await sha256OfFile(await fetchFile(page, 'film.bin'))).toBe(await sha256OfFile(film()));
      expect(poisoner.sentBlocks).toBeGreaterThan(1);
    } finally {
      poisoner.stop();
    }
  });
});
