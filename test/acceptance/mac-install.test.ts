/** Tests the installation of the relay agent, its status and its log, with a real broker and fake programs of macOS. */
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { parse } from 'plist';
import { describe, expect, it } from 'vitest';
import type { SetupLinks } from '../support/fake-mac/setup-links.ts';
import type { SetupMac } from '../support/fake-mac/setup-mac.ts';
import { useSetupMac } from '../support/fake-mac/use-setup-mac.ts';
import type { HomingProcess } from '../support/homing-process.ts';
import { until } from '../support/until.ts';

let homing: HomingProcess;
let mac: SetupMac;
let links: SetupLinks;
useSetupMac((tools) => {
  ({ homing, mac, links } = tools);
});

const pair = () => links.pair(mac);

describe('homing relay install', () => {
  it('relay install fails on an unpaired Mac and explains how to pair', async () => {
    const { status, stderr } = await mac.relay(['install']);
    expect(status).toBe(1);
    expect(stderr).toContain('npx homing relay pair');
    expect(existsSync(mac.plist)).toBe(false);
  });

  it('relay install starts the agent by launchd with the stored pairing', async () => {
    const { device } = await pair();
    const secret = `dev_${'s'.repeat(43)}`;
    const { status, stdout, stderr } = await mac.relay(['install'], {
      HOMING_RELAY_CONFIRM_SECONDS: '90',
      HOMING_RELAY_TOKEN: secret,
    });
    expect(status, stderr).toBe(0);
    expect(stdout).toContain('Installed the agent');
    expect(stdout).toContain(`  ${mac.binary}\n`);
    expect(stdout).toContain('System Settings → Privacy & Security');
    expect(stdout).toContain(`Full Disk Access: Click +, press Shift-Command-G, enter ${mac.binary}`);
    expect(stdout).toContain('Automation: soon after the start, macOS asks whether homing-relay may control');
    expect(readFileSync(mac.binary).equals(readFileSync(process.execPath))).toBe(true);
    expect(statSync(mac.binary).mode & 0o111).toBe(0o111);
    await links.connected(mac, device);
    expect(readFileSync(mac.plist, 'utf8')).not.toContain(secret);
    const { EnvironmentVariables: environment, ...described } = parse(
      readFileSync(mac.plist, 'utf8'),
    ) as Record<string, unknown>;
    expect(described).toEqual({
      Label: 'dev.homing.relay',
      ProgramArguments: [
        mac.binary,
        join(mac.programDir, 'current/dist/cli/main.js'),
        ...['relay', 'run', '--log-file', mac.logFile],
      ],
      RunAtLoad: true,
      KeepAlive: { SuccessfulExit: false },
      ThrottleInterval: 30,
      ProcessType: 'Background',
      StandardErrorPath: join(dirname(mac.logFile), 'relay-errors.log'),
    });
    expect(environment).toEqual({
      HOMING_RELAY_ALLOW_OTHER_OS: '1',
      HOMING_RELAY_CONFIRM_SECONDS: '90',
      HOMING_RELAY_KEEP_AWAKE: 'on',
      HOMING_RELAY_LAUNCHCTL: mac.env.HOMING_RELAY_LAUNCHCTL,
      HOMING_RELAY_OSASCRIPT: mac.env.HOMING_RELAY_OSASCRIPT,
      HOMING_RELAY_SECURITY: mac.env.HOMING_RELAY_SECURITY,
      HOMING_RELAY_SYSTEM_PROGRAMS: mac.systemPrograms.folder,
    });
    const user = `gui/${process.getuid!()}`;
    expect(mac.calls('launchctl').filter(([name]) => name !== 'print')).toEqual([
      ['enable', `${user}/dev.homing.relay`],
      ['bootstrap', user, mac.plist],
      ['kickstart', `${user}/dev.homing.relay`],
    ]);
    expect(await until('the log', () => mac.log().includes('Connected to') && mac.log())).not.toContain(
      'dev_',
    );
  });

  it('relay install stores flags with absolute paths', async () => {
    const { setup_url } = await links.create();
    await mac.relay(['pair', setup_url, '--data-dir', mac.dataDir]);
    const relative = join('..', '..', '..', '..', '..', '..', mac.dataDir);
    const { status, stderr } = await mac.relay(['install', '--data-dir', relative, '--json']);
    expect(status, stderr).toBe(0);
    const { EnvironmentVariables: environment } = parse(readFileSync(mac.plist, 'utf8')) as {
      EnvironmentVariables: Record<string, string>;
    };
    expect(environment.HOMING_RELAY_DATA_DIR).toMatch(/^\/.*\.homing-relay$/);
    expect(environment.HOMING_RELAY_DATA_DIR).not.toContain('..');
  });

  it('relay install updates an installed agent', async () => {
    const { device } = await pair();
    await mac.relay(['install']);
    await links.connected(mac, device);
    const before = mac.agentPid();
    const { status, stdout, stderr } = await mac.relay(['install']);
    expect(status, stderr).toBe(0);
    expect(stdout).toContain('Updated and restarted the installed agent');
    expect(stdout).toContain(`so it keeps its permissions: ${mac.binary}`);
    expect(mac.calls('launchctl').filter(([name]) => name === 'bootout')).toHaveLength(1);
    expect(mac.agentPid()).not.toBe(before);
    expect(mac.agentPid()).toBeDefined();
  });

  it('relay install explains a missing login session', async () => {
    await pair();
    mac.endSession();
    const { status, stderr } = await mac.relay(['install']);
    expect(status).toBe(1);
    expect(stderr).toContain('125');
    expect(stderr).toContain("the Mac's own screen");
  });

  it('relay pair restarts the installed agent', async () => {
    await pair();
    await mac.relay(['install']);
    const next = await links.create();
    const { stdout } = await mac.relay(['pair', next.setup_url]);
    expect(stdout).toContain('was restarted');
    await links.connected(mac, next.device);
  });
});

describe('homing relay uninstall', () => {
  it('relay uninstall stops the agent and keeps the journal', async () => {
    const { device } = await pair();
    await mac.relay(['install']);
    await links.connected(mac, device);
    const { status, stdout } = await mac.relay(['uninstall']);
    expect(status).toBe(0);
    expect(stdout).toContain(`remain in ${mac.dataDir}`);
    expect(mac.agentPid()).toBeUndefined();
    expect(existsSync(mac.plist)).toBe(false);
    expect(existsSync(mac.programDir)).toBe(false);
    expect(readdirSync(mac.dataDir)).toContain('journal.db');
    expect(Object.keys(mac.keychain())).toHaveLength(1);
    const again = await mac.relay(['uninstall']);
    expect(again.status).toBe(0);
    expect(again.stdout).toContain('was not installed');
  });

  it('relay uninstall --purge deletes all files of the agent and no others', async () => {
    const { device } = await pair();
    await mac.relay(['install']);
    await links.connected(mac, device);
    writeFileSync(join(mac.dataDir, 'holiday.jpg'), '');
    const { status, stderr } = await mac.relay(['uninstall', '--purge']);
    expect(status).toBe(0);
    expect(stderr).toContain('holiday.jpg');
    expect(readdirSync(mac.dataDir)).toEqual(['holiday.jpg']);
    expect(mac.keychain()).toEqual({});
    expect(existsSync(mac.logFile)).toBe(false);
    rmSync(join(mac.dataDir, 'holiday.jpg'));
    expect((await mac.relay(['uninstall', '--purge', '--json'])).json).toEqual([
      { uninstalled: false, purged: true, kept: null, left: [] },
    ]);
  });
});

describe('homing relay status', () => {
  it('relay status shows installation, process, pairing and broker', async () => {
    const before = await mac.relay(['status', '--json']);
    expect(before.status).toBe(0);
    expect(before.json).toEqual([
      {
        installed: false,
        plist: mac.plist,
        running: false,
        pid: null,
        last_exit: null,
        version: null,
        program: null,
        connected: false,
        launchd_problem: null,
        paired: false,
        broker: null,
        broker_reachable: false,
        broker_problem: expect.stringContaining('not paired'),
        device: null,
        numbers: [],
        token_in: null,
        data_dir: mac.dataDir,
        log_file: mac.logFile,
      },
    ]);
    const { device, number } = await pair();
    await mac.relay(['install']);
    await links.connected(mac, device);
    expect((await mac.relay(['status', '--json'])).json[0]).toMatchObject({
      installed: true,
      running: true,
      pid: mac.agentPid(),
      last_exit: null,
      version: expect.stringMatching(/^\d+\.\d+\.\d+-[0-9a-f]{8}$/),
      program: mac.binary,
      connected: true,
      paired: true,
      broker: homing.url,
      broker_reachable: true,
      broker_problem: null,
      device,
      numbers: [number],
      token_in: 'keychain',
    });
    expect((await mac.relay(['status'])).stdout).toMatch(/^Version .+, connected; Node .+\/homing-relay$/m);
    await mac.killAgent();
    const after = await until('the exit to be reported', async () => {
      const { json } = await mac.relay(['status', '--json']);
      return json[0].last_exit !== null && json[0];
    });
    expect(after).toMatchObject({ installed: true, running: false, pid: null, last_exit: '137' });
    const { stdout } = await mac.relay(['status']);
    expect(stdout).toContain('installed, but not running (last exit: 137)');
    expect(stdout).toContain(`with ${homing.url} for ${number} as ${device}`);
    expect(stdout).toContain(`${homing.url} is reachable`);
  });
});

describe('homing relay logs', () => {
  it('relay logs prints the last lines across rotated files, and --follow prints new ones', async () => {
    expect((await mac.relay(['logs'])).stderr).toContain('There is no log at');
    mkdirSync(dirname(mac.logFile), { recursive: true });
    writeFileSync(join(dirname(mac.logFile), 'relay-errors.log'), 'SyntaxError\n');
    const early = await mac.relay(['logs']);
    expect(early.stdout).toBe('SyntaxError\n');
    expect(early.stderr).toContain('before it created its log');
    writeFileSync(`${mac.logFile}.1`, 'one\ntwo\n');
    writeFileSync(mac.logFile, 'three\n');
    expect((await mac.relay(['logs', '--lines', '2'])).stdout).toBe('two\nthree\n');
    expect((await mac.relay(['logs', '--lines', 'x'])).stderr).toContain('allowed: 0 to');
    const { device } = await pair();
    const logs = mac.start(['logs', '--follow', '--lines', '1']);
    await until('the last line', () => logs.stdout() === 'three\n');
    const agent = mac.start(['run', '--log-file', mac.logFile]);
    await links.connected(mac, device);
    await until('the output of the agent', () => logs.stdout().includes('Connected to'));
    await agent.end();
    expect(await logs.end()).toBe(0);
  });
});
