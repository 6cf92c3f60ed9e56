import { open } from 'node:fs/promises';
import { afterEach, expect, it, vi } from 'vitest';
import { addKeeper, removeKeeper, withDescriptor } from '../../src/node/descriptors.ts';

const lack = (code: string): Error => Object.assign(new Error('no descriptor'), { code });

afterEach(() => {
  vi.useRealTimers();
});

it.each(['EMFILE', 'ENFILE'])('takes descriptors from whoever does not use them, after %s', async (code) => {
  let isFree = false;
  const keeper = { letGoOfIdle: () => Promise.resolve(void (isFree = true)) };
  addKeeper(keeper);
  const opened = await withDescriptor(() => (isFree ? Promise.resolve('open') : Promise.reject(lack(code))));
  removeKeeper(keeper);
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
