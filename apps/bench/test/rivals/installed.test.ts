import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { npmRival, systemProgram, versionSaid } from '../../src/rivals/installed.ts';

let root: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'shoal-installed-'));
});
afterEach(() => rm(root, { recursive: true }));

describe('what is installed', () => {
  it('is a package of npm with its version', async () => {
    await mkdir(join(root, 'node_modules/tracker'), { recursive: true });
    await writeFile(join(root, 'node_modules/tracker/package.json'), '{"name":"tracker","version":"1.2.3"}');
    const found = { name: 'tracker', folder: join(root, 'node_modules/tracker'), version: '1.2.3' };
    expect(npmRival('tracker', root)).toEqual(found);
    expect(npmRival('another', root)).toBeUndefined();
  });

  it('is a program in one of the folders of PATH that may be run', async () => {
    await mkdir(join(root, 'bin'));
    await writeFile(join(root, 'bin/peer'), '#!/bin/sh\n');
    expect(systemProgram('peer', `/nowhere:${root}/bin`)).toBeUndefined();
    await chmod(join(root, 'bin/peer'), 0o755);
    expect(systemProgram('peer', `/nowhere:${root}/bin`)).toBe(join(root, 'bin/peer'));
  });

  it('says its version on either stream, and none when it cannot be started', async () => {
    const say = ['-e', 'console.error("peer 4.5.6 (abc)"); process.exit(1)'];
    expect(await versionSaid(process.execPath, say, /peer (\S+)/)).toBe('4.5.6');
    expect(await versionSaid(join(root, 'missing'), [], /peer (\S+)/)).toBeUndefined();
  });
});
