// Bundles the program into one file that runs wherever Node runs; what a command does not need is not evaluated.
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const here = fileURLToPath(new URL('.', import.meta.url));

await build({
  absWorkingDir: here,
  entryPoints: ['src/main.ts'],
  outfile: 'dist/shoal.js',
  bundle: true,
  minifySyntax: true,
  minifyWhitespace: true,
  keepNames: true,
  platform: 'node',
  format: 'esm',
  target: 'node20.19',
  sourcemap: true,
  // Native accelerators that ws uses when they are there.
  external: ['bufferutil', 'utf-8-validate'],
  // Packages in CommonJS ask for Node's modules at run time.
  banner: { js: "import{createRequire as shoalRequire}from'node:module';const require=shoalRequire(import.meta.url);" },
});
