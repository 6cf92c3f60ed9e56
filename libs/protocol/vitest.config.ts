import { defineConfig } from 'vitest/config';

// Documents at their limits take a second each, and several where the machine has other work.
export default defineConfig({ test: { name: 'protocol', include: ['test/**/*.test.ts'], testTimeout: 30_000 } });
