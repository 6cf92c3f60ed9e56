import { defineConfig } from 'vitest/config';

/** Says which suites did not run; their titles tell why. */
const skippedSuites = {
  onTestRunEnd(modules) {
    const suites = modules.flatMap((module) => [...module.children.allSuites()]);
    const skipped = suites.filter((suite) => suite.state() === 'skipped').map((suite) => suite.fullName);
    for (const title of new Set(skipped)) process.stdout.write(`did not run: ${title}\n`);
  },
};

export default defineConfig({
  test: {
    projects: ['libs/*/vitest.config.ts', 'apps/*/vitest.config.ts'],
    reporters: ['default', skippedSuites, ['json', { outputFile: 'reports/tests.json' }]],
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
