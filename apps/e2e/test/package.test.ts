import { execFile } from 'node:child_process';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { Sandbox, sha256OfFile, type Program } from '@shoal/testbed';
import { afterEach, beforeEach, expect, it } from 'vitest';

const PACKAGE = resolve(import.meta.dirname, '../../../packaging/package.mjs');
const run = promisify(execFile);

let sandbox: Sandbox;
beforeEach(async () => {
  sandbox = await Sandbox.create();
});
afterEach(() => sandbox.clear());

/** Makes the packages in a folder, and says what is in it. */
async function makePackages(name: string): Promise<{ folder: string; sums: string; tarballs: string[] }> {
  const folder = await sandbox.folder(name);
  await run(process.execPath, [PACKAGE, folder]);
  const tarballs = (await readdir(folder)).filter((file) => file.endsWith('.tar.gz')).map((file) => join(folder, file));
  return { folder, sums: await readFile(join(folder, 'SHA256SUMS'), 'utf8'), tarballs };
}

/** Starts an installed program, with nothing but the installed programs and Node in reach. */
async function start(bin: string, place: string, args: readonly string[]): Promise<Program> {
  const [cwd, home] = [await sandbox.folder(place), await sandbox.folder(`${place}-home`)];
  const env = { PATH: `${bin}:${join(process.execPath, '..')}`, HOME: home, SHOAL_HOME: home };
  return sandbox.start({ name: `${place}: ${args.join(' ')}`, file: join(bin, 'shoal'), args, cwd, env });
}

it('what the packages hold runs outside of the checkout: tracker, share and download', async () => {
  const { folder, sums, tarballs } = await makePackages('packages');
  for (const line of sums.trim().split('\n')) {
    const [sum, name = ''] = line.split(/\s+/);
    expect(await sha256OfFile(join(folder, name))).toBe(sum);
  }
  const installed = await sandbox.folder('installed');
  for (const file of tarballs) await run('tar', ['-xzf', file, '-C', installed, '--strip-components', '1']);
  expect(await sha256OfFile(join(installed, 'bin/shoal'))).toBe(await sha256OfFile(join(folder, 'shoal')));

  const bin = join(installed, 'bin');
  const tracker = await start(bin, 'server', ['tracker', '0']);
  const [, url = ''] = await tracker.printed(/running at (http:\S+)/);
  const home = await sandbox.folder('home');
  await writeFile(join(home, 'letter.txt'), 'From one package to another\n');
  const seeder = await start(bin, 'home', ['share', 'letter.txt', url]);
  await seeder.printed(/Seeding/);
  const leecher = await start(bin, 'away', ['download', join(home, 'letter.txt.torrent')]);
  await leecher.succeeded();
  expect(await readFile(join(await sandbox.folder('away'), 'letter.txt'), 'utf8')).toBe(
    'From one package to another\n',
  );
});

it('the package of the tracker carries the licences of what it and its page are made of', async () => {
  const { tarballs } = await makePackages('packages');
  const ofTracker = tarballs.filter((file) => file.includes('shoal-tracker'));
  const { stdout } = await run('tar', ['-xzOf', ...ofTracker, '--wildcards', '*/THIRD-PARTY-LICENSES']);
  for (const name of ['express', 'react', 'react-dom', 'uplot', 'zod']) {
    expect(stdout).toMatch(new RegExp(`^${name} \\d+\\.\\d+\\.\\d+ \\(`, 'm'));
  }
});

it('equal programs make equal packages', async () => {
  const [first, second] = [await makePackages('one'), await makePackages('two')];
  expect(first.tarballs).toHaveLength(2);
  expect(second.sums).toBe(first.sums);
});
