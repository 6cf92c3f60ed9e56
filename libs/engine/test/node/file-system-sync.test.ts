import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { fileSystemSyncOf } from '../../src/node/file-system-sync.ts';

it('makes a whole file system durable where that can be relied on', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'shoal-sync-'));
  await writeFile(join(folder, 'file'), 'bytes');
  await expect((await fileSystemSyncOf(folder))?.()).resolves.toBeUndefined();
  await rm(folder, { recursive: true });
});

it.runIf(process.platform === 'linux')('does not rely on file systems that it does not know', async () => {
  expect(await fileSystemSyncOf('/proc')).toBeUndefined();
});
