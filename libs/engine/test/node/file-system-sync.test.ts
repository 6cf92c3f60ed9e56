import { tmpdir } from 'node:os';
import { expect, it } from 'vitest';
import { fileSystemSyncOf } from '../../src/node/file-system-sync.ts';

const sync = await fileSystemSyncOf(tmpdir());
const title = `makes a whole file system durable${sync === undefined ? ' (skipped: the temporary folder is on one that cannot be relied on)' : ''}`;

it.skipIf(sync === undefined)(title, async () => {
  await expect(sync?.()).resolves.toBe(true);
});

it.runIf(process.platform === 'linux')('does not rely on file systems that it does not know', async () => {
  expect(await fileSystemSyncOf('/proc')).toBeUndefined();
});
