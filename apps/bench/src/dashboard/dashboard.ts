import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as pause } from 'node:timers/promises';
import { InvalidArgumentError, type Command } from 'commander';
import { describeMachine } from '@shoal/testbed';
import { launchChromium } from '@shoal/testbed/chromium';
import type { CDPSession } from 'playwright-core';
import type { Measurement } from '../measurement.ts';
import type { Cell, Report } from '../report.ts';

const DASHBOARD = resolve(import.meta.dirname, '../../../dashboard');
const MACHINES = 300;
const PIECES = 4_000;
const CHANGES_PER_SECOND = 100;
/** What the feed calls the share that spreads. */
const SHARE = 'ubuntu-26.10-server.img';
/** The page has drawn everything once by then. */
const WARM_UP_MS = 5_000;
const PARTS = 6;
const MiB = 1024 ** 2;

/** Counts in the page the frames that were drawn. */
const COUNT_FRAMES = `
  globalThis.frames_ = 0;
  const count = () => { globalThis.frames_++; requestAnimationFrame(count); };
  requestAnimationFrame(count);
`;

/** Looks at a large share in Chromium: frames a second, and the memory of the page. */
export const DASHBOARD_PAGE: Measurement = {
  name: 'dashboard',
  summary: 'frames a second and memory of the page, with 300 machines, 4,000 pieces and 100 changes a second',
  options: (command: Command) => command.option('--minutes <number>', 'how long the page is looked at', minutes, 1),
  async run({ values, print }) {
    const seconds = Number(values.minutes) * 60;
    const feed = await startFeed(seconds);
    const browser = await launchChromium();
    try {
      const page = await browser.newPage({ viewport: { width: 1280, height: 900 } });
      const troubles: string[] = [];
      page.on('pageerror', (error) => troubles.push(error.message));
      await page.addInitScript({ content: COUNT_FRAMES });
      await page.goto(feed.url);
      await page.getByRole('link', { name: SHARE }).click();
      await page.locator('.grid-cells').waitFor();
      await pause(WARM_UP_MS);
      const rows = await watch(await page.context().newCDPSession(page), seconds, print);
      return [reportOf(rows, troubles)];
    } finally {
      await browser.close();
      feed.process.kill();
    }
  },
};

/** Fills so slowly that there is something to draw until the end. */
async function startFeed(seconds: number): Promise<{ process: ChildProcess; url: string }> {
  const flags = { machines: MACHINES, pieces: PIECES, changes: CHANGES_PER_SECOND, fill: 2 * seconds };
  const args = Object.entries(flags).flatMap(([name, value]) => [`--${name}`, String(value)]);
  const feed = spawn(process.execPath, ['--import', 'tsx', 'test/feed/main.ts', ...args], {
    cwd: DASHBOARD,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const line = (await Promise.race([once(createInterface(feed.stdout), 'line'), once(feed, 'exit')])) as unknown[];
  if (typeof line[0] !== 'string') throw new Error('the feed of the page did not start');
  return { process: feed, url: line[0] };
}

async function watch(session: CDPSession, seconds: number, print: (text: string) => void): Promise<Cell[][]> {
  await session.send('Performance.enable');
  const rows: Cell[][] = [];
  for (let part = 1; part <= PARTS; part++) {
    const rates: number[] = [];
    const endMs = performance.now() + (seconds * 1_000) / PARTS;
    while (performance.now() < endMs) rates.push(await framesPerSecond(session));
    rates.sort((a, b) => a - b);
    const mean = rates.reduce((sum, rate) => sum + rate, 0) / rates.length;
    const heap = await heapAfterCollection(session);
    rows.push([`${String(Math.round((part * seconds) / PARTS))} s`, mean, rates[0], heap / MiB]);
    print(`${String(Math.round((part * seconds) / PARTS))} s: ${mean.toFixed(1)} frames a second`);
  }
  return rows;
}

async function framesPerSecond(session: CDPSession): Promise<number> {
  const [before, beganMs] = [await framesSoFar(session), performance.now()];
  await pause(1_000);
  return ((await framesSoFar(session)) - before) / ((performance.now() - beganMs) / 1_000);
}

async function framesSoFar(session: CDPSession): Promise<number> {
  const { result } = await session.send('Runtime.evaluate', { expression: 'globalThis.frames_' });
  return Number(result.value);
}

/** Bytes that live in the page's JavaScript. */
async function heapAfterCollection(session: CDPSession): Promise<number> {
  await session.send('HeapProfiler.collectGarbage');
  const { metrics } = await session.send('Performance.getMetrics');
  return metrics.find(({ name }) => name === 'JSHeapUsedSize')?.value ?? NaN;
}

function reportOf(rows: readonly Cell[][], troubles: readonly string[]): Report {
  return {
    name: 'dashboard',
    title: 'The page that shows the fleet',
    setting: [
      `A share of ${String(PIECES)} pieces on ${String(MACHINES)} machines, ${String(CHANGES_PER_SECOND)} changes a second, looked at in Chromium without a screen.`,
      describeMachine(),
    ],
    columns: [
      { name: 'until' },
      { name: 'frames/s', digits: 1 },
      { name: 'slowest second', digits: 1 },
      { name: 'heap MiB', digits: 1 },
    ],
    rows,
    notes: troubles.length === 0 ? [] : [`Errors in the page: ${troubles.join('; ')}`],
  };
}

function minutes(text: string): number {
  const value = Number(text);
  if (!(value > 0)) throw new InvalidArgumentError('must be a number above 0');
  return value;
}
