import { describe, expect, it } from 'vitest';
import { makeCheckout } from './checkout.ts';

describe('npm test', () => {
  it('npm test runs vitest with the passed arguments and exits with its status', async () => {
    const { status, stdout } = await makeCheckout().runScript('test', ['--reporter=dot', 'a']);
    expect({ status, stdout }).toEqual({ status: 7, stdout: '["run","--reporter=dot","a"]\n' });
  });
});

describe('bootstrap/run.mjs', () => {
  it('bootstrap/run.mjs runs a file of the repository and exits with its status', async () => {
    const checkout = makeCheckout();
    checkout.write('bench/main.ts', 'const n: number = Number(process.argv[2]); process.exitCode = n;');
    expect(await checkout.run(['bootstrap/run.mjs', 'bench/main.ts', '4'])).toMatchObject({ status: 4 });
  });

  it('bootstrap/run.mjs runs a program of an installed package', async () => {
    const { stdout } = await makeCheckout().run(['bootstrap/run.mjs', 'knip']);
    expect(stdout).toBe('output of knip\n');
  });

  it('bootstrap/run.mjs exits with 127 and an error when the program does not exist', async () => {
    const { status, stderr } = await makeCheckout().run(['bootstrap/run.mjs', 'nothing-of-this-name']);
    expect(status).toBe(127);
    expect(stderr).toContain('nothing-of-this-name could not be started');
  });
});

describe('npm run check', () => {
  it('npm run check runs every check and counts the results', async () => {
    const { status, stdout } = await makeCheckout().runScript('check', []);
    expect(stdout).not.toContain('FAILED');
    expect(stdout).toMatch(/\ncheck: 7 passed, 0 failed\n$/);
    expect(status).toBe(0);
  });

  it('npm run check continues after a failed check, and prints only the output of that check', async () => {
    const checkout = makeCheckout();
    const { status, stdout } = await checkout.runScript('check', ['--outputFile=result.json'], {
      FAILING_TOOL: 'biome',
    });
    expect(stdout).toContain('output of biome');
    expect(stdout).not.toContain('output of knip');
    expect(stdout).toMatch(/ok +unused/);
    expect(stdout).toMatch(/\ncheck: 6 passed, 1 failed\n$/);
    expect(JSON.parse(checkout.read('result.json'))).toMatchObject({ failed: 1 });
    expect(status).toBe(1);
  });

  it('bootstrap/check.mjs fetches Node if the Node of the machine is too old', async () => {
    const checkout = makeCheckout();
    const { status, stdout } = await checkout.runOnNode20(['bootstrap/check.mjs', 'unused']);
    expect({ status, lastLine: stdout.trimEnd().split('\n').at(-1) }).toEqual({
      status: 0,
      lastLine: 'check: 1 passed, 0 failed',
    });
    expect(checkout.npmCalls()).toEqual(['fetch node', 'install --include=dev']);
  });

  it('bootstrap/check.mjs exits with 2 and an error when package.json has no such script', async () => {
    const { status, stderr } = await makeCheckout().run(['bootstrap/check.mjs', 'unused', 'absent']);
    expect(status).toBe(2);
    expect(stderr).toContain('package.json has no script "absent".');
  });
});

describe('the check of dependencies', () => {
  const check = async (env: Record<string, string>) => {
    const checkout = makeCheckout();
    checkout.write('client/package.json', '{"dependencies":{"left-pad":"^1.0.0"}}');
    return checkout.run(['bootstrap/check.mjs', 'dependencies'], env);
  };

  it('fails for a direct dependency without a release in two years', async () => {
    const { status, stdout } = await check({ FAKE_RELEASED_AT: '2019-03-01T00:00:00.000Z' });
    expect(stdout).toContain('left-pad: the last release is from 2019-03-01.');
    expect(status).toBe(1);
  });

  it('fails for a known vulnerability', async () => {
    const advisory = {
      name: 'left-pad',
      severity: 'high',
      range: '<1.3.1',
      via: [{ title: 'Endless loop' }],
    };
    const report = { auditReportVersion: 2, vulnerabilities: { 'left-pad': advisory } };
    const { status, stdout } = await check({ FAKE_AUDIT: JSON.stringify(report) });
    expect(stdout).toContain('left-pad <1.3.1: high vulnerability (Endless loop). Run npm audit.');
    expect(status).toBe(1);
  });

  it('prints the skipped part and passes if the registry does not answer', async () => {
    const { status, stdout } = await check({ FAKE_AUDIT: '{"message":"405 Method Not Allowed"}' });
    expect(stdout).toContain(
      'skipped: the registry did not answer the audit of vulnerabilities (405 Method Not Allowed)',
    );
    expect(stdout).toMatch(/ok +dependencies/);
    expect(status).toBe(0);
  });
});
