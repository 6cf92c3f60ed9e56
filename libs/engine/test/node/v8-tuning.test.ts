import { spawnSync } from 'node:child_process';
import { expect, it } from 'vitest';

it('is tuned by flags that this V8 knows', () => {
  // V8 itself complains of an unknown flag, and there is no other way to ask.
  const program = `import('@shoal/engine/node').then(({ tuneV8 }) => tuneV8())`;
  const { status, stdout, stderr } = spawnSync(process.execPath, ['--import', 'tsx', '--eval', program], {
    cwd: import.meta.dirname,
    encoding: 'utf8',
  });
  expect({ status, stdout, stderr }).toEqual({ status: 0, stdout: '', stderr: '' });
}, 20_000);
