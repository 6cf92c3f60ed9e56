import { defineConfig } from 'vitest/config';

/** These tests start whole programs: one file at a time, after the tests of the other projects. */
export default defineConfig({
  test: {
    name: 'battery',
    include: ['test/**/*.test.ts'],
    fileParallelism: false,
    sequence: { groupOrder: 2 },
    testTimeout: 180_000,
    hookTimeout: 120_000,
  },
});
