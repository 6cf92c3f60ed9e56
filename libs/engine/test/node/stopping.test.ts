import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { useDownloads } from './download-fixture.ts';

const { at } = useDownloads();

it('leaves nothing open that would keep the process alive', async () => {
  const script = join(import.meta.dirname, 'stopping-process.ts');
  const child = spawn(process.execPath, ['--import', 'tsx', script, at('in')], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const exit = once(child, 'exit');
  const [line] = (await once(child.stdout, 'data')) as [Buffer];
  expect(line.toString()).toBe('stopped');
  expect(await exit).toEqual([0, null]);
}, 20_000);
