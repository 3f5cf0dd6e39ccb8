/** Checks deploy/homing.service: its directives, its paths, and the sandbox that systemd sets up from it. */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { STOP_MAX_MS } from '../../cli/commands/serve.ts';
import { runCli } from '../support/homing-process.ts';

const FILE = 'deploy/homing.service';
const text = readFileSync(FILE, 'utf8');
const guide = readFileSync('docs/guides/deploy.md', 'utf8');

/** Directives of systemd 252, from systemd.unit, systemd.service, systemd.exec, systemd.kill and systemd.resource-control. */
const DIRECTIVES: Record<string, string> = {
  Unit: 'Description Documentation Wants After',
  Service:
    'Type User Group WorkingDirectory EnvironmentFile ExecStart Restart RestartSec RestartPreventExitStatus KillMode ' +
    'TimeoutStopSec LimitNOFILE StateDirectory StateDirectoryMode UMask ProtectSystem ProtectHome PrivateTmp ' +
    'NoNewPrivileges CapabilityBoundingSet AmbientCapabilities PrivateDevices PrivateUsers ProtectClock ' +
    'ProtectControlGroups ProtectHostname ProtectKernelLogs ProtectKernelModules ProtectKernelTunables ProtectProc ' +
    'RemoveIPC RestrictAddressFamilies RestrictNamespaces RestrictRealtime RestrictSUIDSGID LockPersonality ' +
    'KeyringMode SystemCallArchitectures SystemCallFilter SystemCallErrorNumber MemoryDenyWriteExecute',
  Install: 'WantedBy',
};
const EXPOSURE_MAX = 1.5;

interface Line {
  section: string;
  name: string;
  value: string;
}

function linesOf(unit: string): Line[] {
  let section = '';
  return unit.split('\n').flatMap((line) => {
    if (line === '' || line.startsWith('#')) return [];
    const [, started] = /^\[(\w+)\]$/.exec(line) ?? [];
    if (started !== undefined) {
      section = started;
      return [];
    }
    const [, name = '', value = ''] = /^(\w+)=(.*)$/.exec(line) ?? [];
    return { section, name, value };
  });
}

const lines = linesOf(text);
const value = (name: string) => lines.find((line) => line.name === name)?.value;
const has = (program: string) => spawnSync(program, ['--version']).error === undefined;

describe('deploy/homing.service', () => {
  it('has known directives in their sections, and repeats only the filter of system calls', () => {
    const unknown = lines.filter(({ section, name }) => !DIRECTIVES[section]?.split(' ').includes(name));
    expect(unknown).toEqual([]);
    const names = lines.map(({ name }) => name);
    expect(names.filter((name, index) => names.indexOf(name) !== index)).toEqual(
      Array(2).fill('SystemCallFilter'),
    );
  });

  it('has the paths and the user of the guide deploy', () => {
    expect(guide).toContain(`git clone https://your-git-host/homing.git ${value('WorkingDirectory')}\n`);
    expect(guide).toContain(` /dev/stdin ${value('EnvironmentFile')} `);
    expect(guide).toContain(`HOMING_DATA_DIR=/var/lib/${value('StateDirectory')}\n`);
    expect(guide).toContain(`useradd --system --create-home ${value('User')}\n`);
    expect(value('Group')).toBe(value('User'));
    const [program, node, file = '', command] = value('ExecStart')?.split(' ') ?? [];
    expect([program, node, command]).toEqual(['/usr/bin/env', 'node', 'serve']);
    expect(existsSync(file)).toBe(true);
    expect(existsSync(value('Documentation')?.replace('file:///opt/homing/', '') ?? '')).toBe(true);
  });

  it('gives a broker more time to stop than it needs', () => {
    expect(Number(value('TimeoutStopSec')) * 1000).toBeGreaterThan(2 * STOP_MAX_MS);
  });

  it('does not restart a broker with an invalid setting', async () => {
    const { status } = await runCli(['serve'], { HOMING_PORT: 'eighty' });
    expect(value('RestartPreventExitStatus')).toBe(String(status));
    expect(value('Restart')).toBe('on-failure');
  });

  it('forbids everything that systemd can forbid, except the machine code of V8', ({ skip }) => {
    expect(value('MemoryDenyWriteExecute')).toBeUndefined();
    skip(!has('systemd-analyze'), 'systemd-analyze is not installed');
    const { stdout } = spawnSync('systemd-analyze', ['security', '--offline=true', '--no-pager', FILE], {
      encoding: 'utf8',
    });
    const [, exposure] = /exposure level for homing\.service: ([\d.]+)/.exec(stdout) ?? [];
    expect(Number(exposure), stdout).toBeLessThanOrEqual(EXPOSURE_MAX);
  });

  it('is a unit that systemd accepts', ({ skip }) => {
    skip(!has('systemd-analyze'), 'systemd-analyze is not installed');
    const { status, stdout, stderr } = spawnSync('systemd-analyze', ['verify', FILE], { encoding: 'utf8' });
    const found = `${stdout}${stderr}`.split('\n').filter((line) => line.includes('homing.service'));
    expect([status, found]).toEqual([0, []]);
  });
});
