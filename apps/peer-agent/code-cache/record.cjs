// record.cjs <program> [word …]: runs the program as `bin/shoal.cjs` does, and when it ends writes beside it what V8 has
// compiled of it by then.
const { readFileSync, writeFileSync } = require('node:fs');
const { createRequire, wrap } = require('node:module');
const { dirname } = require('node:path');
const { Script } = require('node:vm');

const [program] = process.argv.splice(2, 1);
const script = new Script(wrap(readFileSync(program, 'utf8')), { filename: program });
const requireFromThere = createRequire(program);

/** V8 takes a cache only under the flags under which it was made, and a start is under none. */
const requireWithoutFlags = (name) =>
  name === 'node:v8' ? { ...require(name), setFlagsFromString: () => undefined } : requireFromThere(name);

process.once('exit', () => {
  writeFileSync(`${program}.cache`, script.createCachedData());
});
script.runInThisContext()({}, requireWithoutFlags, {}, program, dirname(program));
