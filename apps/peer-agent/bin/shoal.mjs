#!/usr/bin/env node
import { existsSync } from 'node:fs';

const program = new URL('../dist/shoal.js', import.meta.url);

if (existsSync(program)) await import(program.href);
else {
  process.stderr.write('error: shoal is not built yet\n  Run `npm run build` in the folder of the project first.\n');
  process.exitCode = 1;
}
