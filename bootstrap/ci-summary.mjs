// `node bootstrap/ci-summary.mjs <vitest.json> <vitest status> <check.json> <check status>`: adds up both runs and
// prints `N passed, N failed`. Exits with 1 if anything failed.
// A run without a usable result counts as one failure: no result file, no test, a test file that could not be loaded, or an
// exit status other than 0 although no failure was counted. Runs on Node 18 or newer.
import { readFileSync } from 'node:fs';

const [testFile, testStatus, checkFile, checkStatus] = process.argv.slice(2);
const counts = [countTests(), countChecks()];
const passed = counts.reduce((sum, count) => sum + count.passed, 0);
const failed = counts.reduce((sum, count) => sum + count.failed, 0);
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed > 0 ? 1 : 0;

function countTests() {
  const result = read(testFile);
  if (!result) return { passed: 0, failed: 1 };
  const filesNotLoaded = result.testResults.filter(
    ({ status, assertionResults }) =>
      status === 'failed' && !assertionResults.some((test) => test.status === 'failed'),
  ).length;
  const count = { passed: result.numPassedTests, failed: result.numFailedTests + filesNotLoaded };
  if (count.passed + count.failed === 0) return { passed: 0, failed: 1 };
  return withStatus(count, testStatus);
}

function countChecks() {
  const result = read(checkFile);
  return result ? withStatus(result, checkStatus) : { passed: 0, failed: 1 };
}

function withStatus({ passed, failed }, status) {
  return { passed, failed: failed === 0 && status !== '0' ? 1 : failed };
}

function read(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return undefined;
  }
}
