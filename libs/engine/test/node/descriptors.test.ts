import { execFile } from 'node:child_process';
import { mkdtemp, open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { descriptorOwners, withDescriptor } from '../../src/node/descriptors.ts';

const lack = (code: string): Error => Object.assign(new Error('no descriptor'), { code });

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'shoal-descriptors-'));
});
afterEach(async () => {
  vi.useRealTimers();
  await rm(folder, { recursive: true });
});

it.each(['EMFILE', 'ENFILE'])('takes descriptors from whoever does not use them, after %s', async (code) => {
  let isFree = false;
  const owner = { letGoOfIdle: () => Promise.resolve(void (isFree = true)) };
  descriptorOwners.add(owner);
  const opened = await withDescriptor(() => (isFree ? Promise.resolve('open') : Promise.reject(lack(code))));
  descriptorOwners.delete(owner);
  expect(opened).toBe('open');
});

it('waits until others are done', async () => {
  let tries = 0;
  expect(await withDescriptor(() => (++tries < 4 ? Promise.reject(lack('EMFILE')) : Promise.resolve(tries)))).toBe(4);
});

it('says that there is none after five seconds', async () => {
  vi.useFakeTimers();
  const opening = withDescriptor(() => Promise.reject(lack('EMFILE')));
  const failed = expect(opening).rejects.toMatchObject({ code: 'EMFILE' });
  await vi.advanceTimersByTimeAsync(5_000);
  await failed;
});

it('does nothing again after another failure', async () => {
  const opening = vi.fn(() => open('/nowhere/at/all'));
  await expect(withDescriptor(opening)).rejects.toMatchObject({ code: 'ENOENT' });
  expect(opening).toHaveBeenCalledOnce();
});

it.skipIf(process.platform === 'win32')(
  'a seeder that has none left does not say that its files changed',
  async () => {
    const script = join(import.meta.dirname, 'starved-process.ts');
    // Enough to start with: modules are loaded many at a time.
    const limited = ['-c', 'ulimit -n 1024 && exec "$0" "$@"', process.execPath, '--import', 'tsx', script, folder];
    const { stdout } = await promisify(execFile)('/bin/sh', limited);
    expect(JSON.parse(stdout)).toEqual({ withNone: 'too-many-files', withOne: 'right', withIdle: 'right' });
  },
  30_000,
);
