import { describe, expect, it } from 'vitest';
import { runChecks, well, wrong } from '../../../relay-agent/setup/check.ts';
import { messagesChecks } from '../../../relay-agent/setup/messages-checks.ts';
import { permissionHolder } from '../../../relay-agent/setup/permissions.ts';
import type { Ended, RunProgram } from '../../../relay-agent/setup/run-program.ts';

describe('the checks', () => {
  it('go on when one of them throws, and show steps by number', async () => {
    const order: string[] = [];
    const findings = await runChecks(
      [
        { name: 'one', look: async () => well('Fine.') },
        { name: 'two', look: () => Promise.reject(new Error('out of luck')) },
        { name: 'three', look: async () => wrong('Bad.', 'Do this.', 'Then that.') },
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

const ended = (change: Partial<Ended>): Ended => ({
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
    caller: permissionHolder('/opt/node', {}),
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
  ])('macOS %s: %s', async (version, ok) => {
    const found = await finding('macos', async () => ended({ stdout: `${version}\n` }));
    expect(found).toMatchObject({ ok, detail: expect.stringContaining(`macOS ${version}`) });
  });

  it('refuses what is not macOS, and a sw_vers that fails', async () => {
    expect((await finding('macos', async () => ended({}), 'linux')).detail).toContain('needs macOS');
    const failed = await finding('macos', async () => ended({ status: null, startProblem: 'ENOENT' }));
    expect(failed.detail).toContain('ENOENT');
  });

  it('ask an older Messages in its own words', async () => {
    const scripts: string[] = [];
    const found = await finding('automation', async (_, __, options) => {
      scripts.push(options?.input ?? '');
      return scripts.length === 1
        ? ended({ status: 1, stderr: 'syntax error (-2741)' })
        : ended({ stdout: '1' });
    });
    expect(found.ok).toBe(true);
    expect(scripts[0]).toContain('count of accounts');
    expect(scripts[1]).toContain('count of services');
  });

  it('say that macOS may be asking the owner, where Messages keeps silent', async () => {
    const found = await finding('automation', async () => ended({ status: null, isTimedOut: true }));
    expect(found.fix).toContain("the Mac's own screen");
  });
});
