/** The machine's own browser. Apart from the rest of the testbed: programs that are bundled have no use for what drives it. */
import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { chromium, type Browser, type Page } from 'playwright-core';
import type { NetworkNamespace } from './network-lab.ts';

export type { Browser, Page } from 'playwright-core';

const CHROMIUM = '/usr/bin/chromium';
const FLAGS = ['--no-sandbox', '--disable-background-networking'];

/** Whether there is a browser on this machine. */
export const hasChromium = existsSync(CHROMIUM);

/** Starts the machine's own browser, without a window. Whoever starts it closes it. @param flags of the browser, besides */
export function launchChromium(...flags: readonly string[]): Promise<Browser> {
  return chromium.launch({ executablePath: CHROMIUM, args: [...FLAGS, ...flags] });
}

/**
 * Starts it on a machine of a network lab. Whoever starts it closes it.
 * @param starter a file that may be written, and starts it there
 */
export async function launchChromiumIn(network: NetworkNamespace, starter: string): Promise<Browser> {
  const [file, args] = network.launch(CHROMIUM, []);
  await writeFile(starter, `#!/bin/sh\nexec ${[file, ...args].join(' ')} "$@"\n`, { mode: 0o755 });
  return chromium.launch({ executablePath: starter, args: FLAGS });
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
