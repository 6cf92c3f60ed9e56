import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { loadIdentity, newIdentity } from '../../src/agent/identity.ts';

let home: string;

beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'shoal-'));
});
afterEach(() => rm(home, { recursive: true, force: true }));

test('keeps its identity from one start to the next', async () => {
  const first = await loadIdentity(home);
  expect(first).toMatch(/^[0-9a-f]{64}$/);
  expect(await loadIdentity(home)).toBe(first);
});

test('gives every peer without a memory an identity of its own', () => {
  expect(newIdentity()).not.toBe(newIdentity());
});

test.skipIf(process.platform === 'win32')('lets only the owner read the key', async () => {
  await loadIdentity(home);
  expect((await stat(join(home, 'agent.key'))).mode & 0o777).toBe(0o600);
});

test('does not replace a key that it cannot read', async () => {
  const path = join(home, 'agent.key');
  await writeFile(path, 'nonsense');
  await expect(loadIdentity(home)).rejects.toMatchObject({
    code: 'state-damaged',
    message: expect.stringContaining(path) as unknown,
  });
});
