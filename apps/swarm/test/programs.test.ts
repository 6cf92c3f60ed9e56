/** The programs as they are built for the containers. */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';

const run = promisify(execFile);
const HINT = 'Correct the named setting; the message says what is allowed.';
const REST = `must be set (bad-config). ${HINT}\n`;

it.each([
  ['keeper', 'SWARM_TRACKER'],
  ['leecher', 'SHOAL_HOME'],
  ['referee', 'SWARM_SLOTS'],
  ['saboteur', 'SHOAL_TRACKER'],
  ['seeder', 'SHOAL_SHARE'],
])('the built %s starts, and says that %s must be set', async (program, setting) => {
  const file = join(import.meta.dirname, `../dist/${program}.js`);
  const failure = run(process.execPath, [file], { env: {} });
  await expect(failure).rejects.toMatchObject({ code: 2, stderr: `reading the environment: ${setting} ${REST}` });
});

it('a program says what is wrong with a number that it was set', async () => {
  const settings = { SWARM_TRACKER: 'http://localhost:1', SWARM_KILL_AT: 'half' };
  const failure = run(process.execPath, [join(import.meta.dirname, '../dist/keeper.js')], { env: settings });
  const stderr = `reading SWARM_KILL_AT "half": it must be a number from 0 to 1 (bad-config). ${HINT}\n`;
  await expect(failure).rejects.toMatchObject({ code: 2, stderr });
});
