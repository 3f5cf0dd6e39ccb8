import { describe, expect, it } from 'vitest';
import { failed, passed, runChecks } from '../../../relay-agent/setup/check.ts';
import { messagesChecks } from '../../../relay-agent/setup/messages-checks.ts';
import { permissionHolder } from '../../../relay-agent/setup/permissions.ts';
import type { ProgramResult, RunProgram } from '../../../relay-agent/setup/run-program.ts';

describe('the checks', () => {
  it('runChecks continues after an exception and numbers the steps', async () => {
    const order: string[] = [];
    const findings = await runChecks(
      [
        { name: 'one', run: async () => passed('Fine.') },
        { name: 'two', run: () => Promise.reject(new Error('out of luck')) },
        { name: 'three', run: async () => failed('Bad.', 'Do this.', 'Then that.') },
      ],
      ({ name }) => order.push(name),
    );
    expect(order).toEqual(['one', 'two', 'three']);
    expect(findings).toEqual([
      { name: 'one', ok: true, detail: 'Fine.', fix: null },
      {
        name: 'two',
        ok: false,
        detail: expect.stringContaining('out of luck'),
        fix: expect.stringMatching(/^1\. /),
      },
      { name: 'three', ok: false, detail: 'Bad.', fix: '1. Do this.\n2. Then that.' },
    ]);
  });
});

const result = (change: Partial<ProgramResult>): ProgramResult => ({
  status: 0,
  stdout: '',
  stderr: '',
  isTimedOut: false,
  ...change,
});

async function finding(name: string, run: RunProgram, platform = 'darwin') {
  const checks = messagesChecks({
    platform,
    allowsOtherOs: false,
    chatDb: '/nowhere/chat.db',
    osascript: '/usr/bin/osascript',
    swVers: '/usr/bin/sw_vers',
    run,
    holder: permissionHolder('/opt/node', {}),
    numbers: () => [],
  });
  const [found] = await runChecks(
    checks.filter((check) => check.name === name),
    () => {},
  );
  return found!;
}

describe('the checks of the Mac', () => {
  it.each([
    ['26.1', true],
    ['13.6.9', true],
    ['12.7', false],
  ])('the check of macOS %s passes: %s', async (version, ok) => {
    const found = await finding('macos', async () => result({ stdout: `${version}\n` }));
    expect(found).toMatchObject({ ok, detail: expect.stringContaining(`macOS ${version}`) });
  });

  it('the macOS check fails on other systems and if sw_vers fails', async () => {
    expect((await finding('macos', async () => result({}), 'linux')).detail).toContain('needs macOS');
    const withoutVersion = await finding('macos', async () =>
      result({ status: null, startProblem: 'ENOENT' }),
    );
    expect(withoutVersion.detail).toContain('ENOENT');
  });

  it('scripts for an older Messages use its class names', async () => {
    const scripts: string[] = [];
    const found = await finding('automation', async (_, __, options) => {
      scripts.push(options?.input ?? '');
      return scripts.length === 1
        ? result({ status: 1, stderr: 'syntax error (-2741)' })
        : result({ stdout: '1' });
    });
    expect(found.ok).toBe(true);
    expect(scripts[0]).toContain('count of accounts');
    expect(scripts[1]).toContain('count of services');
  });

  it('a timeout of Messages suggests a dialog on the screen', async () => {
    const found = await finding('automation', async () => result({ status: null, isTimedOut: true }));
    expect(found.fix).toContain("the Mac's own screen");
  });
});
