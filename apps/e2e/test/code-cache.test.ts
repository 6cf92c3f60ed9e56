import { execFile } from 'node:child_process';
import { resolve } from 'node:path';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';

const PROGRAM = resolve(import.meta.dirname, '../../peer-agent/dist/shoal.cjs');
/** Compiles the program with the cache in a process that has the flags of a usual start. */
const TRY = `
  const { readFileSync } = require('node:fs');
  const { wrap } = require('node:module');
  const [program] = process.argv.slice(1);
  const cachedData = readFileSync(program + '.cache');
  const script = new (require('node:vm').Script)(wrap(readFileSync(program, 'utf8')), { filename: program, cachedData });
  console.log(script.cachedDataRejected);
`;

it('what V8 compiled of the program in the build is taken by the Node that built it', async () => {
  const { stdout } = await promisify(execFile)(process.execPath, ['-e', TRY, PROGRAM]);
  expect(stdout.trim()).toBe('false');
});
