// `node scripts/ci-summary.mjs <vitest.json> <its status> <check.json> <its status>`: prints `N passed, N failed` for
// both together. Whatever keeps a run from proving something is a failure of its own: no result, no test, a file
// that could not be loaded, a status other than 0 beside numbers without failures. Exit status 1 if anything failed.
// Runs on any Node from 18.
import { readFileSync } from 'node:fs';

const [testFile, testStatus, checkFile, checkStatus] = process.argv.slice(2);
const counts = [countTests(), countSteps()];
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

function countSteps() {
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
