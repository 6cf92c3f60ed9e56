import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

export default defineConfig({
  plugins: [react()],
  // The tracker may stand behind a path of another server.
  base: './',
  build: {
    // The first browsers that know `light-dark()`.
    target: ['chrome123', 'firefox120', 'safari17.5'],
    // The policy of the page lets nothing run that is written into it.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    // Says whose licences the packages have to carry; the page does not name it.
    sourcemap: 'hidden',
  },
});
