import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    projects: ['libs/*/vitest.config.ts', 'apps/*/vitest.config.ts'],
    reporters: ['default', ['json', { outputFile: 'reports/tests.json' }]],
    coverage: {
      provider: 'v8',
      reportOnFailure: true,
      reportsDirectory: 'reports/coverage',
      reporter: ['text-summary', 'html', 'json-summary'],
      include: ['libs/*/src/**/*.ts', 'apps/{tracker,peer-agent}/src/**/*.ts'],
      exclude: ['apps/tracker/src/store/generated/**'],
      thresholds: {
        'libs/protocol/src/**': { statements: 90 },
        'libs/engine/src/core/**': { statements: 90 },
        'apps/tracker/src/core/**': { statements: 90 },
      },
    },
  },
});
