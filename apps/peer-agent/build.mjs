// Bundles the program into one file that runs wherever Node runs; what a command does not need is not evaluated. Beside it
// lies what V8 compiled of it in a first run.
import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const here = fileURLToPath(new URL('.', import.meta.url));

/** `ws` wants TLS only for addresses that begin with wss; to load it takes as long as to start Node. */
const tlsWhenNeeded = {
  name: 'tls-when-needed',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^(https|tls)$/ }, ({ path }) => ({ path, namespace: 'when-needed' }));
    onLoad({ filter: /./, namespace: 'when-needed' }, ({ path }) => ({
      contents: `module.exports = new Proxy({}, { get: (_, name) => require('node:${path}')[name] });`,
    }));
  },
};

await build({
  absWorkingDir: here,
  entryPoints: ['src/main.ts'],
  outfile: 'dist/shoal.cjs',
  bundle: true,
  minifySyntax: true,
  minifyWhitespace: true,
  platform: 'node',
  // An import in a module has Node load whatever the imported one could ever need, `require` does not.
  format: 'cjs',
  target: 'node20.19',
  sourcemap: true,
  // Native accelerators that ws uses when they are there.
  external: ['bufferutil', 'utf-8-validate'],
  plugins: [tlsWhenNeeded],
  define: { 'import.meta.url': 'shoalUrl' },
  banner: { js: "const shoalUrl=require('node:url').pathToFileURL(__filename).href;" },
});
execFileSync(process.execPath, ['code-cache/make.mjs', 'dist/shoal.cjs'], { cwd: here, stdio: 'inherit' });
