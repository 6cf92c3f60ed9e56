#!/usr/bin/env node
// Starts the program. What V8 compiled of it when it was built lies beside it and saves a third of a start; where it was
// made by another version of Node, V8 refuses it and compiles anew.
const { existsSync, readFileSync } = require('node:fs');
const { createRequire, wrap } = require('node:module');
const { dirname, resolve } = require('node:path');
const { Script } = require('node:vm');

const program = resolve(__dirname, '../dist/shoal.cjs');
const cache = `${program}.cache`;

if (existsSync(program)) {
  const script = new Script(wrap(readFileSync(program, 'utf8')), {
    filename: program,
    ...(existsSync(cache) && { cachedData: readFileSync(cache) }),
  });
  script.runInThisContext()({}, createRequire(program), {}, program, dirname(program));
} else {
  process.stderr.write('error: shoal is not built yet\n  Run `npm run build` in the folder of the project first.\n');
  process.exitCode = 1;
}
