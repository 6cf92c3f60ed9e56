// Loaded into a program by NODE_OPTIONS, which knows nothing of it: on SIGUSR2 it collects garbage and writes to the file
// SOAK_REPORT, next to the id of the process, what memory is live and what keeps the event loop alive.
import { renameSync, writeFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { isMainThread } from 'node:worker_threads';

const report = process.env.SOAK_REPORT;

if (isMainThread && report !== undefined) {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc');
  process.on('SIGUSR2', async () => {
    for (let round = 0; round < 3; round++) {
      collect();
      await pause(20);
    }
    const { heapUsed, external } = process.memoryUsage();
    const resources = process.getActiveResourcesInfo();
    const path = `${report}.${process.pid}`;
    writeFileSync(`${path}.new`, JSON.stringify({ liveBytes: heapUsed + external, resources }));
    renameSync(`${path}.new`, path);
  });
}
