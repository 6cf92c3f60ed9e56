// Closes a CI run: `summary.mjs <vitest report> [failed step …]` prints what failed and one line of counts, and exits
// non-zero when anything did. A failed step that no failed test explains counts as one failure of its own.
import { readFileSync } from 'node:fs';

const [reportFile, ...failedSteps] = process.argv.slice(2);

function readReport() {
  try {
    return JSON.parse(readFileSync(reportFile, 'utf8'));
  } catch {
    return { numPassedTests: 0, numFailedTests: 0, numPendingTests: 0, testResults: [] };
  }
}

const report = readReport();
const brokenFiles = report.testResults.filter((file) => file.status === 'failed' && file.assertionResults.length === 0);
const failedTests = report.numFailedTests + brokenFiles.length;
const unexplained = failedSteps.filter((step) => step !== 'npm test' || failedTests === 0);
for (const step of failedSteps) console.log(`failed: ${step}`);
const failed = failedTests + unexplained.length;
console.log(`${report.numPassedTests} passed, ${failed} failed, ${report.numPendingTests} skipped`);
process.exitCode = failed > 0 || report.numPassedTests === 0 ? 1 : 0;
