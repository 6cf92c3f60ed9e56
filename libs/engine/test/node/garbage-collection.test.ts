import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, it } from 'vitest';

it('leaves a process that makes and drops many blocks with few full collections', () => {
  const collectionsOf = (...options: string[]): number => {
    const script = join(import.meta.dirname, 'garbage-process.ts');
    const { stdout } = spawnSync(
      process.execPath,
      ['--trace-gc', '--expose-gc', '--import', 'tsx', script, ...options],
      {
        encoding: 'utf8',
      },
    );
    const [, afterStart = ''] = stdout.split('STARTED');
    expect(stdout).toContain('ENDED');
    return afterStart.match(/Mark-Compact/g)?.length ?? 0;
  };
  expect(collectionsOf('tuned')).toBeLessThan(collectionsOf() / 2);
}, 30_000);
