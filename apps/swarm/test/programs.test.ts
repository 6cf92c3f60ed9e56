/** The programs as they are built for the containers. */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';

const run = promisify(execFile);

it.each([
  ['keeper', 'SWARM_TRACKER'],
  ['leecher', 'SHOAL_HOME'],
  ['referee', 'SWARM_SLOTS'],
  ['saboteur', 'SHOAL_TRACKER'],
  ['seeder', 'SHOAL_SHARE'],
])('the built %s starts, and says that %s must be set', async (program, setting) => {
  const file = join(import.meta.dirname, `../dist/${program}.js`);
  const failure = run(process.execPath, [file], { env: {} });
  await expect(failure).rejects.toMatchObject({ stderr: expect.stringContaining(`${setting} must be set`) as string });
});
