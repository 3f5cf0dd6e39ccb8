import { existsSync, readdirSync } from 'node:fs';
import { describe, expect, it, vi } from 'vitest';
import { type Checkout, makeCheckout } from './checkout.ts';

const HOMING = 'bin/homing.mjs';
const FETCH = 'fetch node';
const INSTALL = 'install --omit=dev';

describe('bin/homing.mjs on an older Node', () => {
  it('bin/homing.mjs on an older Node fetches Node once, prints the reason, and continues on the new Node', async () => {
    const checkout = makeCheckout();
    const first = await checkout.runOnNode20([HOMING, 'a']);
    expect(first).toMatchObject({ status: 0, stdout: '["a"]\n' });
    expect(first.stderr).toMatch(
      /^Homing needs Node 24 or newer; this machine has Node 20\.20\.2\. Fetching Node .* from npm into \.cache\/runtime/,
    );
    expect(await checkout.runOnNode20([HOMING, 'b'])).toEqual({ status: 0, stdout: '["b"]\n', stderr: '' });
    expect(checkout.npmCalls()).toEqual([FETCH, INSTALL]);
  });

  it('two concurrent starts on an older Node fetch Node once', async () => {
    const checkout = makeCheckout();
    const both = [checkout.runOnNode20([HOMING, 'a']), checkout.runOnNode20([HOMING, 'b'])];
    expect((await Promise.all(both)).map(({ stdout }) => stdout)).toEqual(['["a"]\n', '["b"]\n']);
    expect(checkout.npmCalls()).toEqual([FETCH, INSTALL]);
  });

  it('a start that is killed during the fetch leaves no complete Node folder', async () => {
    const checkout = makeCheckout();
    const { child, outcome } = checkout.startOnNode20([HOMING], { FAKE_NPM: 'hang' });
    await vi.waitFor(() => expect(checkout.npmCalls()).toEqual([FETCH]), { timeout: 15_000 });
    child.kill('SIGKILL');
    await outcome;
    expect(fetched(checkout)).toEqual([]);
    expect(await checkout.runOnNode20([HOMING, 'a'])).toMatchObject({ status: 0, stdout: '["a"]\n' });
    expect(fetched(checkout)).toHaveLength(1);
  });

  it.each([
    ['npm fails', { FAKE_NPM: 'fail' }, /npm error no network[\s\S]*Install Node 24 or newer/],
    [
      'npm delivers different content',
      { FAKE_NPM: 'other-bytes' },
      /it was not run\. Install Node 24 or newer/,
    ],
    [
      'npm has no Node package for the architecture',
      { PRETEND_ARCH: 'riscv64' },
      /-riscv64\. Install Node 24 or newer/,
    ],
  ])(
    'bin/homing.mjs on an older Node prints the error and the next step when %s',
    async (_, extra, reason) => {
      const checkout = makeCheckout();
      const { status, stdout, stderr } = await checkout.runOnNode20([HOMING], extra);
      expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
      expect(stderr).toMatch(reason);
      expect(stderr).not.toContain('    at ');
      expect(fetched(checkout)).toEqual([]);
    },
  );

  it("bin/homing.mjs on an older Node exits with the program's status", async () => {
    const checkout = makeCheckout();
    expect(await checkout.runOnNode20([HOMING, 'exit', '3'])).toMatchObject({ status: 3 });
  });

  it.each(['SIGTERM', 'SIGKILL'] as const)(
    'bin/homing.mjs on an older Node ends the program when it receives %s',
    async (signal) => {
      const checkout = makeCheckout();
      const { child, outcome } = checkout.startOnNode20([HOMING, 'serve']);
      await vi.waitFor(() => expect(checkout.read('state')).toBe('serving'), { timeout: 15_000 });
      child.kill(signal);
      await vi.waitFor(() => expect(checkout.read('state')).toBe('SIGTERM'), { timeout: 15_000 });
      expect(await outcome).toMatchObject({ status: signal === 'SIGTERM' ? 5 : signal });
    },
  );
});

it('bin/homing.mjs ends when the shell that npm started has ended', async () => {
  const checkout = makeCheckout();
  await checkout.run([HOMING]);
  const script = `"${process.execPath}" ${HOMING} serve; true`;
  const { child } = checkout.start('sh', ['-c', script], { npm_command: 'exec' });
  await vi.waitFor(() => expect(checkout.read('state')).toBe('serving'), { timeout: 15_000 });
  child.kill('SIGTERM');
  await vi.waitFor(() => expect(checkout.read('state')).toBe('SIGTERM'), { timeout: 15_000 });
});

function fetched(checkout: Checkout): string[] {
  const folder = checkout.path('.cache/runtime');
  if (!existsSync(folder)) return [];
  return readdirSync(folder).filter((name) => name.startsWith('node-'));
}
