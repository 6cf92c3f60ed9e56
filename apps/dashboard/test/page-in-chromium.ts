/** The built page in a real browser, beside a feed. */
import { existsSync } from 'node:fs';
import axe from 'axe-core';
import { chromium, type Browser, type Page } from 'playwright-core';

const CHROMIUM = process.env.CHROMIUM ?? '/usr/bin/chromium';

/** Whether the browser is there that these tests need. */
export const hasChromium = existsSync(CHROMIUM);

const DESKTOP = { width: 1280, height: 900 };
export const PHONE = { width: 390, height: 844 };

export async function launchChromium(): Promise<Browser> {
  return chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox', '--disable-background-networking'] });
}

/** How a page is opened. */
export interface Look {
  readonly colorScheme?: 'light' | 'dark';
  readonly viewport?: { readonly width: number; readonly height: number };
}

/** A page that notes whatever goes wrong in it. */
export interface WatchedPage {
  readonly page: Page;
  /** Errors that were thrown or written to the console, what the policy forbade, and dialogues that opened. */
  readonly troubles: string[];
}

/** Opens an address in a browser profile of its own. */
export async function openPage(browser: Browser, url: string, look: Look = {}): Promise<WatchedPage> {
  const context = await browser.newContext({ viewport: DESKTOP, colorScheme: 'light', ...look });
  const page = await context.newPage();
  const troubles: string[] = [];
  page.on('pageerror', (error) => troubles.push(error.message));
  page.on('console', (message) => {
    if (message.type() === 'error' && !message.text().includes('WebSocket connection')) troubles.push(message.text());
  });
  page.on('dialog', (dialog) => {
    troubles.push(`a dialogue: ${dialog.message()}`);
    void dialog.dismiss();
  });
  await page.addInitScript({ content: axe.source });
  await page.goto(url);
  return { page, troubles };
}

/** What axe finds serious or worse on the page, one line each. */
export async function findBarriers(page: Page): Promise<string[]> {
  const violations = await page.evaluate(async () => {
    const found = await (globalThis as unknown as { axe: typeof axe }).axe.run();
    return found.violations.map(({ id, impact, nodes }) => ({ id, impact, where: nodes.map(({ html }) => html) }));
  });
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(({ id, where }) => `${id}: ${where.slice(0, 3).join(' ')}`);
}

/** How much wider the page is than its window, in pixels. */
export async function overhang(page: Page): Promise<number> {
  return page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
}

/** How many pixels of the grid have another colour than the commonest, which is the one of what is not there yet. */
export async function filledCells(page: Page): Promise<number> {
  return page.evaluate(() => {
    const canvas = document.querySelector<HTMLCanvasElement>('.grid-cells')!;
    const { data } = canvas.getContext('2d')!.getImageData(0, 0, canvas.width, canvas.height);
    const counts = new Map<number, number>();
    for (const pixel of new Uint32Array(data.buffer)) counts.set(pixel, (counts.get(pixel) ?? 0) + 1);
    return canvas.width * canvas.height - Math.max(...counts.values());
  });
}
