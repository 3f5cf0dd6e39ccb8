import { describe, expect, it } from 'vitest';
import { makeCheckout } from './checkout.ts';

describe('scripts/test.mjs', () => {
  it('runs vitest with the arguments and ends with its status', async () => {
    const { status, stdout } = await makeCheckout().run(['scripts/test.mjs', '--reporter=dot', 'a']);
    expect({ status, stdout }).toEqual({ status: 7, stdout: '["run","--reporter=dot","a"]\n' });
  });
});

describe('scripts/run.mjs', () => {
  it('runs a file of the repository and passes its status on', async () => {
    const checkout = makeCheckout();
    checkout.write('bench/main.ts', 'const n: number = Number(process.argv[2]); process.exitCode = n;');
    expect(await checkout.run(['scripts/run.mjs', 'bench/main.ts', '4'])).toMatchObject({ status: 4 });
  });

  it('runs a program of an installed package', async () => {
    const { stdout } = await makeCheckout().run(['scripts/run.mjs', 'knip']);
    expect(stdout).toBe('knip says so\n');
  });

  it('says so when there is no such program', async () => {
    const { status, stderr } = await makeCheckout().run(['scripts/run.mjs', 'nothing-of-this-name']);
    expect(status).toBe(127);
    expect(stderr).toContain('nothing-of-this-name could not be started');
  });
});

describe('scripts/check.mjs', () => {
  it('runs every step and counts them', async () => {
    const { status, stdout } = await makeCheckout().run(['scripts/check.mjs']);
    expect(stdout).not.toContain('FAILED');
    expect(stdout).toMatch(/\ncheck: \d+ passed, 0 failed\n$/);
    expect(status).toBe(0);
  });

  it('goes on after a step that fails, and shows what that one printed', async () => {
    const checkout = makeCheckout();
    const { status, stdout } = await checkout.run(['scripts/check.mjs', '--outputFile=result.json'], {
      FAILING_TOOL: 'biome',
    });
    expect(stdout).toContain('biome says so');
    expect(stdout).not.toContain('knip says so');
    expect(stdout).toMatch(/ok +unused code/);
    expect(stdout).toMatch(/\ncheck: \d+ passed, 1 failed\n$/);
    expect(JSON.parse(checkout.read('result.json'))).toMatchObject({ failed: 1 });
    expect(status).toBe(1);
  });
});
