/** The machine's own browser. Apart from the rest of the testbed: programs that are bundled have no use for what drives it. */
import { existsSync } from 'node:fs';
import { chromium, type Browser, type Page } from 'playwright-core';

export type { Browser, Page } from 'playwright-core';

const CHROMIUM = '/usr/bin/chromium';

/** Whether there is a browser on this machine. */
export const hasChromium = existsSync(CHROMIUM);

/** Starts the machine's own browser, without a window. Whoever starts it closes it. @param flags of the browser, besides */
export function launchChromium(...flags: readonly string[]): Promise<Browser> {
  const args = ['--no-sandbox', '--disable-background-networking', ...flags];
  return chromium.launch({ executablePath: CHROMIUM, args });
}

/** A page, and what went wrong in it. */
export interface WatchedPage {
  readonly page: Page;
  /** Errors that nobody caught, what the page's policy forbade, and dialogues that opened. */
  readonly troubles: readonly string[];
}

/**
 * Opens a page that notes its troubles; it takes downloads.
 * @param script runs in it before its own
 */
export async function watchedPage(browser: Browser, script?: string): Promise<WatchedPage> {
  const page = await browser.newPage();
  const troubles: string[] = [];
  page.on('pageerror', ({ message }) => troubles.push(message));
  page.on('console', (message) => {
    if (message.text().includes('Content Security Policy')) troubles.push(message.text());
  });
  page.on('dialog', (dialog) => {
    troubles.push(`a dialogue: ${dialog.message()}`);
    void dialog.dismiss();
  });
  if (script !== undefined) await page.addInitScript({ content: script });
  return { page, troubles };
}
