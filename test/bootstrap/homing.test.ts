import { existsSync, rmSync, utimesSync } from 'node:fs';
import { describe, expect, it, vi } from 'vitest';
import { makeCheckout } from './checkout.ts';

const HOMING = 'bin/homing.mjs';
const INSTALL = 'install --omit=dev';

describe('bin/homing.mjs', () => {
  it('bin/homing.mjs prepares a clean checkout and leaves stdout to the program', async () => {
    const checkout = makeCheckout();
    const { status, stdout, stderr } = await checkout.run([HOMING, 'keys', '--json']);
    expect(stdout).toBe('["keys","--json"]\n');
    expect(stderr).toMatch(
      /^Installing packages \(once, about 340 MB\)…\nPackages installed after .* s\.\nBuilding…\nBuilt after .* s\.\n$/,
    );
    expect(status).toBe(0);
  });

  it('bin/homing.mjs starts a prepared checkout without npm, a build or output', async () => {
    const checkout = makeCheckout();
    await checkout.run([HOMING]);
    checkout.write('package.json.orig', 'not an input of the build');
    expect(await checkout.run([HOMING, 'a'])).toEqual({ status: 0, stdout: '["a"]\n', stderr: '' });
    expect(checkout.npmCalls()).toEqual([INSTALL]);
  });

  it('bin/homing.mjs uses the packages and the build of a checkout that is prepared for development', async () => {
    const checkout = makeCheckout();
    await checkout.runScript('test', []);
    expect(await checkout.run([HOMING, 'a'])).toEqual({ status: 0, stdout: '["a"]\n', stderr: '' });
    expect(checkout.npmCalls()).toEqual(['install --include=dev']);
  });

  it('npm test installs the development packages after the first start', async () => {
    const checkout = makeCheckout();
    await checkout.run([HOMING, 'a']);
    const { status, stderr } = await checkout.runScript('test', []);
    expect(status).toBe(7);
    expect(stderr).toContain('with the development packages');
    expect(checkout.npmCalls()).toEqual([INSTALL, 'install --include=dev']);
  });

  it('bin/homing.mjs empties dist/ and builds again when a source has changed', async () => {
    const checkout = makeCheckout();
    checkout.write('cli/old.js', '');
    await checkout.run([HOMING]);
    rmSync(checkout.path('cli/old.js'));
    checkout.write('cli/main.js', 'console.log("changed")');
    const { stdout, stderr } = await checkout.run([HOMING]);
    expect(stdout).toBe('changed\n');
    expect(stderr).toMatch(/^Building…\n/);
    expect(existsSync(checkout.path('dist/cli/old.js'))).toBe(false);
    expect(checkout.npmCalls()).toEqual([INSTALL]);
  });

  it('bin/homing.mjs builds again after a failed build, and shows the output of the build', async () => {
    const checkout = makeCheckout();
    const build = (script: string) =>
      checkout.write(
        'package.json',
        JSON.stringify({ type: 'module', scripts: { 'build:program': script } }),
      );
    build('echo "main.ts(1,7): wrong"; exit 2');
    for (const _ of [1, 2]) {
      const { status, stdout, stderr } = await checkout.run([HOMING]);
      expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
      expect(stderr).toContain('main.ts(1,7): wrong');
    }
  });

  it('bin/homing.mjs installs the packages again when the lock file has changed', async () => {
    const checkout = makeCheckout();
    await checkout.run([HOMING]);
    checkout.write('package-lock.json', JSON.stringify({ packages: { '': {}, 'node_modules/new': {} } }));
    await checkout.run([HOMING]);
    expect(checkout.npmCalls()).toEqual([INSTALL, INSTALL]);
  });

  it('bin/homing.mjs rejects a lock file with other dependencies than package.json', async () => {
    const checkout = makeCheckout();
    checkout.write('package-lock.json', JSON.stringify({ packages: { '': { dependencies: { ws: '^8' } } } }));
    const { status, stderr } = await checkout.run([HOMING]);
    expect(status).toBe(1);
    expect(stderr).toContain('package-lock.json does not match package.json (dependencies)');
    expect(checkout.npmCalls()).toEqual([]);
  });

  it('bin/homing.mjs rejects a lock file with other dependencies than a workspace', async () => {
    const checkout = makeCheckout();
    const manifest = JSON.parse(checkout.read('package.json'));
    checkout.write('package.json', JSON.stringify({ ...manifest, workspaces: ['dashboard'] }));
    checkout.write('dashboard/package.json', JSON.stringify({ dependencies: { react: '^19' } }));
    checkout.write('package-lock.json', JSON.stringify({ packages: { '': {}, dashboard: {} } }));
    const { status, stderr } = await checkout.run([HOMING]);
    expect(status).toBe(1);
    expect(stderr).toContain('package-lock.json does not match dashboard/package.json (dependencies)');
    expect(checkout.npmCalls()).toEqual([]);
  });

  it("bin/homing.mjs shows npm's error without a stack when npm fails", async () => {
    const checkout = makeCheckout();
    const { status, stdout, stderr } = await checkout.run([HOMING], { FAKE_NPM: 'fail' });
    expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
    expect(stderr).toContain('npm error no network');
    expect(stderr).not.toContain('    at ');
    expect(existsSync(checkout.path('.cache/prepare.lock'))).toBe(false);
  });

  it('bin/homing.mjs runs a published package without preparing it', async () => {
    const checkout = makeCheckout();
    checkout.write('dist/cli/main.js', 'console.log("published")');
    rmSync(checkout.path('cli'), { recursive: true });
    expect(await checkout.run([HOMING])).toEqual({ status: 0, stdout: 'published\n', stderr: '' });
    expect(checkout.npmCalls()).toEqual([]);
  });

  it("bin/homing.mjs exits with the program's status and forwards SIGTERM to it", async () => {
    const checkout = makeCheckout();
    expect(await checkout.run([HOMING, 'exit', '3'])).toMatchObject({ status: 3 });
    const { child, outcome } = checkout.startNode([HOMING, 'serve']);
    await vi.waitFor(() => expect(checkout.read('state')).toBe('serving'), { timeout: 15_000 });
    child.kill('SIGTERM');
    expect(await outcome).toMatchObject({ status: 5 });
  });
});

describe('the prepare lock', () => {
  it('the prepare lock lets one of two processes prepare while the other waits', async () => {
    const checkout = makeCheckout();
    const outcomes = await Promise.all([checkout.run([HOMING, 'a']), checkout.run([HOMING, 'b'])]);
    expect(outcomes.map(({ stdout }) => stdout)).toEqual(['["a"]\n', '["b"]\n']);
    expect(checkout.npmCalls()).toEqual([INSTALL]);
  });

  it('the prepare lock of a killed process is removed immediately', async () => {
    const checkout = makeCheckout();
    const { child, outcome } = checkout.startNode([HOMING], { FAKE_NPM: 'hang' });
    await vi.waitFor(() => expect(checkout.npmCalls()).toEqual([INSTALL]), { timeout: 15_000 });
    child.kill('SIGKILL');
    await outcome;
    expect(existsSync(checkout.path('.cache/prepare.lock'))).toBe(true);
    expect(await checkout.run([HOMING, 'a'])).toMatchObject({ status: 0, stdout: '["a"]\n' });
    expect(checkout.npmCalls()).toEqual([INSTALL, INSTALL]);
  });

  it('a process that receives SIGTERM releases the prepare lock after npm has ended', async () => {
    const checkout = makeCheckout();
    const { child, outcome } = checkout.startNode([HOMING], { FAKE_NPM: 'hang' });
    await vi.waitFor(() => expect(checkout.npmCalls()).toEqual([INSTALL]), { timeout: 15_000 });
    child.kill('SIGTERM');
    expect(await outcome).toMatchObject({ status: 'SIGTERM', stdout: '' });
    expect(existsSync(checkout.path('.cache/prepare.lock'))).toBe(false);
  });

  it('the prepare lock of another machine is removed when it was not renewed for a minute', async () => {
    const checkout = makeCheckout();
    const lock = '.cache/prepare.lock';
    checkout.write(lock, JSON.stringify({ pid: process.pid, host: 'elsewhere', id: '1' }));
    const aMinuteAgo = new Date(Date.now() - 60_000);
    utimesSync(checkout.path(lock), aMinuteAgo, aMinuteAgo);
    expect(await checkout.run([HOMING, 'a'])).toMatchObject({ status: 0, stdout: '["a"]\n' });
  });
});
