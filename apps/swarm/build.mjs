// Bundles each program of the test swarm into one file; only SQLite stays outside, which is native.
import { rm } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const here = fileURLToPath(new URL('.', import.meta.url));

await rm(`${here}dist`, { recursive: true, force: true });
await build({
  absWorkingDir: here,
  entryPoints: ['seeder', 'leecher', 'referee', 'saboteur', 'keeper'].map((program) => `src/${program}.ts`),
  outdir: 'dist',
  bundle: true,
  platform: 'node',
  format: 'esm',
  target: 'node20.19',
  external: ['better-sqlite3', 'bufferutil', 'utf-8-validate'],
  // Packages in CommonJS ask for Node's modules at run time.
  banner: { js: "import{createRequire as shoalRequire}from'node:module';const require=shoalRequire(import.meta.url);" },
});
