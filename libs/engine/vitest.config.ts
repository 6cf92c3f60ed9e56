import { defineConfig } from 'vitest/config';

/** A simulated minute of sixteen peers takes seconds, and many of them where the machine has other work. */
export default defineConfig({
  test: {
    name: 'engine',
    include: ['test/**/*.test.ts'],
    testTimeout: 120_000,
    hookTimeout: 120_000,
    expect: { poll: { timeout: 60_000 } },
  },
});
