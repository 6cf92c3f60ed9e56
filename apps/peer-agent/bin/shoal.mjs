#!/usr/bin/env node
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';

const program = fileURLToPath(new URL('../dist/shoal.cjs', import.meta.url));

if (existsSync(program)) createRequire(import.meta.url)(program);
else {
  process.stderr.write('error: shoal is not built yet\n  Run `npm run build` in the folder of the project first.\n');
  process.exitCode = 1;
}
