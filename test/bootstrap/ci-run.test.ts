import { describe, expect, it } from 'vitest';
import { makeCheckout } from './checkout.ts';

const TEST = {
  passed: '0 {"numPassedTests":8,"numFailedTests":0,"testResults":[]}',
  none: '0 {"numPassedTests":0,"numFailedTests":0,"testResults":[]}',
};
const CHECK = '0 {"passed":3,"failed":0}';
const FILE_NOT_LOADED = '{"status":"failed","assertionResults":[]}';

describe('.ci/run', () => {
  it.each([
    ['everything passed', TEST.passed, CHECK, '11 passed, 0 failed', 0],
    [
      'a test failed',
      '1 {"numPassedTests":7,"numFailedTests":1,"testResults":[]}',
      CHECK,
      '10 passed, 1 failed',
      1,
    ],
    ['a check failed', TEST.passed, '1 {"passed":2,"failed":1}', '10 passed, 1 failed', 1],
    ['no test ran', TEST.none, CHECK, '3 passed, 1 failed', 1],
    ['the test run wrote no result', '1', CHECK, '3 passed, 1 failed', 1],
    ['the checks wrote no result', TEST.passed, '1', '8 passed, 1 failed', 1],
    [
      'a test file could not be loaded',
      `1 {"numPassedTests":8,"numFailedTests":0,"testResults":[${FILE_NOT_LOADED}]}`,
      CHECK,
      '11 passed, 1 failed',
      1,
    ],
    [
      'the test run failed although its tests passed',
      TEST.passed.replace('0', '1'),
      CHECK,
      '11 passed, 1 failed',
      1,
    ],
  ])(
    '.ci/run prints the numbers of passed and failed as its last line when %s',
    async (_, test, check, lastLine, expected) => {
      const checkout = makeCheckout();
      const results = { FAKE_TEST_RESULT: test, FAKE_CHECK_RESULT: check };
      const { status, stdout } = await checkout.start('bash', ['.ci/run'], results).outcome;
      expect(stdout.trimEnd().split('\n').at(-1)).toBe(lastLine);
      expect(status).toBe(expected);
      expect(checkout.npmCalls().map((call) => call.split(' -')[0])).toEqual(['test', 'run check']);
    },
  );
});
