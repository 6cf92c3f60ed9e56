/**
 * Loaded into a program by `NODE_OPTIONS=--import`: measures how late its event loop is. At each SIGUSR2 it writes what it saw
 * since the one before into the file that `EVENT_LOOP_DELAY_FILE` names, and begins anew.
 */
import { renameSync, writeFileSync } from 'node:fs';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { isMainThread } from 'node:worker_threads';

const file = process.env.EVENT_LOOP_DELAY_FILE;
const RESOLUTION_MS = 2;
const NANOSECONDS = 1e6;

if (isMainThread && file !== undefined) {
  const histogram = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  histogram.enable();
  let round = 0;
  // What is recorded is the time between two looks, which are never closer than the resolution.
  const late = (nanoseconds) => Math.max(0, nanoseconds / NANOSECONDS - RESOLUTION_MS);
  process.on('SIGUSR2', () => {
    const [medianMs, p99Ms, maxMs] = [histogram.percentile(50), histogram.percentile(99), histogram.max].map(late);
    histogram.reset();
    writeFileSync(`${file}.new`, JSON.stringify({ round: ++round, medianMs, p99Ms, maxMs }));
    renameSync(`${file}.new`, file);
  });
}
