// Bundles the tracker and what it needs of libs/ into one file. Packages stay outside: Prisma's client loads WebAssembly
// beside itself, better-sqlite3 is native, and the others are CommonJS that asks for Node's modules at run time.
import { cp, rm } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const here = fileURLToPath(new URL('.', import.meta.url));

await rm(`${here}dist`, { recursive: true, force: true });
await build({
  absWorkingDir: here,
  entryPoints: ['src/main.ts'],
  outfile: 'dist/main.js',
  bundle: true,
  platform: 'node',
  format: 'esm',
  target: 'node20.19',
  sourcemap: true,
  external: [
    '@prisma/client',
    '@prisma/client/*',
    '@prisma/adapter-better-sqlite3',
    'better-sqlite3',
    'commander',
    'express',
    'pino',
    'prom-client',
    'ws',
  ],
});
// The page, which is built before: Nx sees to it, because this project names that one.
await cp(`${here}../dashboard/dist`, `${here}dist/dashboard`, {
  recursive: true,
  filter: (source) => !source.endsWith('.map'),
});
await cp(`${here}prisma/migrations`, `${here}dist/migrations`, { recursive: true });
