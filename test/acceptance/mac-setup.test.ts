/** Tests the setup of the relay agent with a real broker and fake programs of macOS. */
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createServer, type Server } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { dirname, join } from 'node:path';
import { parse } from 'plist';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { SetupMac } from '../support/fake-mac/setup-mac.ts';
import { type HomingProcess, startHoming } from '../support/homing-process.ts';
import { clientFor } from '../support/http-client.ts';
import { certificateFor } from '../support/tls.ts';
import { until } from '../support/until.ts';

const CHECKS = [
  ...['macos', 'messages', 'full_disk_access', 'automation', 'signed_in', 'number'],
  ...['clock', 'broker', 'token', 'agent'],
];

let homing: HomingProcess;
let mac: SetupMac;
let numbers = 0;
beforeAll(async () => {
  homing = await startHoming();
});
afterAll(() => homing.dispose());
beforeEach(() => {
  mac = new SetupMac();
});
afterEach(() => mac.dispose());

interface SetupLink {
  device: string;
  number: string;
  token: string;
  link: string;
  code: string;
}

/** Runs `homing pair` on the broker and returns its output. */
async function createSetupLink(number?: string): Promise<SetupLink> {
  numbers += 1;
  const { json } = await homing.cli('pair', number ?? `+1415555${4000 + numbers}`, '--json');
  const { setup_url: link, ...paired } = json[0];
  return { ...paired, link, code: new URL(link).searchParams.get('token')! };
}

async function pair(): Promise<SetupLink> {
  const setup = await createSetupLink();
  const { status, stderr } = await mac.relay(['pair', setup.link]);
  expect(status, stderr).toBe(0);
  return setup;
}

/** Writes a token to a file and returns its path. */
function tokenFile(token: string): string {
  const file = join(homing.dataDir, 'token.txt');
  writeFileSync(file, `${token}\n`);
  return file;
}

/** Returns a URL at which no server listens. */
async function unusedUrl(): Promise<string> {
  const server = createServer();
  const url = await listen(server);
  await new Promise((resolve) => server.close(resolve));
  return `http://${url}`;
}

async function listen(server: Server): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const platformOf = async (device: string) => {
  const { json } = await homing.cli('devices', 'list', '--json');
  return json.find(({ id }) => id === device).platform;
};
const connected = (device: string) =>
  until('the agent to be connected', async () => (await platformOf(device)) === process.platform);

describe('homing relay pair', () => {
  it('relay pair accepts a setup link and stores the token in the keychain', async () => {
    const { link, number, device, token } = await createSetupLink();
    const { status, stdout } = await mac.relay(['pair', link]);
    expect(status).toBe(0);
    expect(stdout).toContain(`This Mac is paired with ${homing.url} for ${number}.`);
    expect(stdout).toContain('in the keychain');
    const [[entry, storedToken]] = Object.entries(mac.keychain()) as [[string, string]];
    expect(entry).toBe(`homing-relay/${device}`);
    expect(storedToken).toMatch(/^dev_[\w-]{43}$/);
    expect(storedToken).not.toBe(token);
    expect(JSON.stringify(mac.calls('security'))).not.toContain(storedToken);
    const file = join(mac.dataDir, 'pairing.json');
    expect(readFileSync(file, 'utf8')).not.toContain(storedToken);
    expect(JSON.parse(readFileSync(file, 'utf8'))).toMatchObject({
      url: homing.url,
      device,
      numbers: [number],
      token_in: 'keychain',
    });
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(statSync(mac.dataDir).mode & 0o777).toBe(0o700);
    expect(readdirSync(mac.dataDir)).toEqual(['pairing.json']);
  });

  it('relay pair accepts a code with --url, and its JSON has no token', async () => {
    const { code, number, device } = await createSetupLink();
    const { status, json, stdout } = await mac.relay(['pair', code, '--url', homing.url, '--json']);
    expect(status).toBe(0);
    expect(json).toEqual([
      {
        broker: homing.url,
        device,
        numbers: [number],
        token_in: 'keychain',
        data_dir: mac.dataDir,
        agent_restarted: false,
      },
    ]);
    expect(stdout).not.toContain(Object.values(mac.keychain())[0]);
  });

  it.each([
    ['is missing', { HOMING_RELAY_SECURITY: '/nowhere/security' }],
    ['is locked', {}],
  ])('relay pair stores the token in a file and reports it if the keychain %s', async (_, env) => {
    mac.lockKeychain();
    const { link } = await createSetupLink();
    const { status, stdout, stderr } = await mac.relay(['pair', link], env);
    expect(status).toBe(0);
    expect(stderr).toContain('Cannot store the token in the keychain');
    const file = join(mac.dataDir, 'token');
    expect(stdout).toContain(file);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(readFileSync(file, 'utf8')).toMatch(/^dev_[\w-]{43}\n$/);
  });

  it('relay pair --no-keychain stores the token in a file', async () => {
    const { link } = await createSetupLink();
    const { stdout, stderr } = await mac.relay(['pair', link, '--no-keychain']);
    expect(stdout).toContain(join(mac.dataDir, 'token'));
    expect(stderr).toBe('');
    expect(mac.keychain()).toEqual({});
  });

  it('relay pair accepts a device token that the broker accepts', async () => {
    const { token, number } = await createSetupLink();
    const args = ['pair', '--url', homing.url, '--number', number, '--token-file'];
    const wrong = await mac.relay([...args, tokenFile(`dev_${'x'.repeat(43)}`)]);
    expect(wrong.status).toBe(1);
    expect(wrong.stderr).toContain('rejects this token');
    expect(existsSync(join(mac.dataDir, 'pairing.json'))).toBe(false);
    expect((await mac.relay([...args, tokenFile(token)])).status).toBe(0);
    expect(Object.values(mac.keychain())).toEqual([token]);
    const { json } = await mac.relay(['status', '--json']);
    expect(json[0]).toMatchObject({ paired: true, device: null, numbers: [number] });
  });

  it('relay pair explains used, unknown and invalid codes', async () => {
    const { link } = await createSetupLink();
    expect((await mac.relay(['pair', link])).status).toBe(0);
    const used = await mac.relay(['pair', link]);
    expect(used.status).toBe(1);
    expect(used.stderr).toContain('has already been used. Check that');
    const unknown = await mac.relay(['pair', 'dev_unknown', '--url', homing.url]);
    expect(unknown.status).toBe(1);
    expect(unknown.stderr).toContain('Unknown pairing code. Check that');
    expect(unknown.stderr).toContain('use --token-file');
    const none = await mac.relay(['pair', 'https://example.com/?token=dev_x']);
    expect(none.stderr).toContain('neither a setup link');
    const nowhere = await mac.relay(['pair', 'dev_x']);
    expect(nowhere.status).toBe(2);
    expect(nowhere.stderr).toContain('The URL of the broker is missing');
    const nothing = await mac.relay(['pair']);
    expect(nothing.status).toBe(2);
    expect(nothing.stderr).toContain('The setup link is missing');
    // The existing pairing is unchanged.
    expect((await mac.relay(['status', '--json'])).json[0]).toMatchObject({ paired: true });
  });

  it('relay pair reports an unreachable broker and an unused code', async () => {
    const { code } = await createSetupLink();
    const { status, stderr } = await mac.relay(['pair', code, '--url', await unusedUrl()]);
    expect(status).toBe(1);
    expect(stderr).toContain('the connection was refused. Start the broker');
    expect(stderr).toContain('The code is still valid');
    expect((await mac.relay(['pair', code, '--url', homing.url])).status).toBe(0);
  });

  it('relay pair replaces a pairing with the same broker, and one with another broker only with --force', async () => {
    const first = await pair();
    const second = await createSetupLink();
    const again = await mac.relay(['pair', second.link]);
    expect(again.status).toBe(0);
    expect(again.stdout).toContain(`another device of this broker before (${first.device}, ${first.number})`);
    expect(Object.keys(mac.keychain())).toEqual([`homing-relay/${second.device}`]);
    const third = await createSetupLink();
    const other = homing.url.replace('127.0.0.1', 'localhost');
    const rejected = await mac.relay(['pair', third.code, '--url', other]);
    expect(rejected.status).toBe(1);
    expect(rejected.stderr).toContain(`already paired with ${homing.url} for ${second.number}`);
    expect(rejected.stderr).toContain('--force');
    const forced = await mac.relay(['pair', third.code, '--url', other, '--force']);
    expect(forced.status, forced.stderr).toBe(0);
    expect(Object.keys(mac.keychain())).toEqual([`homing-relay/${third.device}`]);
  });
});

describe('homing relay run after the pairing', () => {
  it.each([['in the keychain'], ['in a file', '--no-keychain']])(
    'relay run connects with the stored pairing (%s)',
    async (_, ...flags) => {
      const { link, device } = await createSetupLink();
      await mac.relay(['pair', link, ...flags]);
      const agent = mac.start(['run']);
      await connected(device);
      expect(agent.stderr()).toContain(`Connected to ${homing.url}`);
      expect(await agent.end()).toBe(0);
    },
  );

  it('an empty variable counts as unset, and 0 as false', async () => {
    const empty = await mac.relay(['run'], { HOMING_RELAY_URL: '', HOMING_RELAY_TOKEN: '' });
    expect(empty.stderr).toContain('npx homing relay pair');
    const env = { HOMING_RELAY_URL: 'http://broker.example.com', HOMING_RELAY_ALLOW_HTTP: '0' };
    expect((await mac.relay(['run'], env)).stderr).toContain('Use https://');
  });

  it('relay run explains how to pair an unpaired Mac', async () => {
    const { status, stderr } = await mac.relay(['run']);
    expect(status).toBe(2);
    expect(stderr).toContain('npx homing relay pair');
  });

  it('flags and environment variables override the pairing', async () => {
    const paired = await pair();
    const other = await createSetupLink();
    const agent = mac.start(['run', '--token-file', tokenFile(other.token)]);
    await connected(other.device);
    expect(await platformOf(paired.device)).toBeNull();
    await agent.end();
    const { stderr } = await mac.relay(['run'], { HOMING_RELAY_URL: 'ftp://elsewhere' });
    expect(stderr).toContain("--url was given 'ftp://elsewhere'");
  });

  it('relay run explains a locked keychain', async () => {
    await pair();
    mac.lockKeychain();
    const { status, stderr } = await mac.relay(['run']);
    expect(status).toBe(1);
    expect(stderr).toContain('User interaction is not allowed');
    expect(stderr).toContain('--no-keychain');
  });

  it('relay run writes a log with timestamps and rotates it at 10 MB', async () => {
    const { device, number } = await pair();
    mkdirSync(dirname(mac.logFile), { recursive: true });
    writeFileSync(mac.logFile, `${'old line\n'.repeat(1_200_000)}`);
    mac.behave('+14155550100', 'error, but sent');
    const agent = mac.start(['run', '--log-file', mac.logFile]);
    await connected(device);
    const client = clientFor(homing.url, homing.liveKey);
    const sent = { from: number, to: '+14155550100', content: 'a confidential text' };
    await client.post('/v1/messages/send', sent);
    await until('the error of osascript', () => mac.log().includes('-1728'));
    expect(await agent.end()).toBe(0);
    expect(agent.stderr()).toBe('');
    const log = mac.log();
    expect(log).toMatch(/^\d{4}-\d\d-\d\dT[\d:.]+Z homing: The agent starts/);
    expect(log).toContain(`Connected to ${homing.url}`);
    expect(log).not.toContain('confidential');
    expect(log).not.toContain('dev_');
    expect(log.length).toBeLessThan(10_000);
    expect(statSync(`${mac.logFile}.1`).size).toBe(10_800_000);
  });

  it('the log contains the reason of a failed start', async () => {
    await pair();
    rmSync(mac.chatDb);
    const { status, stderr } = await mac.relay(['run', '--log-file', mac.logFile]);
    expect(status).toBe(1);
    expect(stderr).toBe('');
    expect(mac.log()).toContain('Full Disk Access');
  });
});

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
    expect(stdout).toContain(`  ${process.execPath}\n`);
    expect(stdout).toContain('System Settings → Privacy & Security');
    expect(stdout).toContain('Full Disk Access');
    expect(stdout).toContain('Automation');
    await connected(device);
    expect(readFileSync(mac.plist, 'utf8')).not.toContain(secret);
    const { EnvironmentVariables: environment, ...described } = parse(
      readFileSync(mac.plist, 'utf8'),
    ) as Record<string, unknown>;
    expect(described).toEqual({
      Label: 'dev.homing.relay',
      ProgramArguments: [
        process.execPath,
        expect.stringMatching(/^\/.*\/dist\/cli\/main\.js$/),
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
      HOMING_RELAY_LAUNCHCTL: mac.env.HOMING_RELAY_LAUNCHCTL,
      HOMING_RELAY_OSASCRIPT: mac.env.HOMING_RELAY_OSASCRIPT,
      HOMING_RELAY_SECURITY: mac.env.HOMING_RELAY_SECURITY,
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
    const { link } = await createSetupLink();
    await mac.relay(['pair', link, '--data-dir', mac.dataDir]);
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
    await connected(device);
    const before = mac.agentPid();
    const { status, stdout, stderr } = await mac.relay(['install']);
    expect(status, stderr).toBe(0);
    expect(stdout).toContain('Updated and restarted the installed agent');
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
    const next = await createSetupLink();
    const { stdout } = await mac.relay(['pair', next.link]);
    expect(stdout).toContain('was restarted');
    await connected(next.device);
  });
});

describe('homing relay uninstall', () => {
  it('relay uninstall stops the agent and keeps the journal', async () => {
    const { device } = await pair();
    await mac.relay(['install']);
    await connected(device);
    const { status, stdout } = await mac.relay(['uninstall']);
    expect(status).toBe(0);
    expect(stdout).toContain(`remain in ${mac.dataDir}`);
    expect(mac.agentPid()).toBeUndefined();
    expect(existsSync(mac.plist)).toBe(false);
    expect(readdirSync(mac.dataDir)).toContain('journal.db');
    expect(Object.keys(mac.keychain())).toHaveLength(1);
    const again = await mac.relay(['uninstall']);
    expect(again.status).toBe(0);
    expect(again.stdout).toContain('was not installed');
  });

  it('relay uninstall --purge deletes all files of the agent and no others', async () => {
    const { device } = await pair();
    await mac.relay(['install']);
    await connected(device);
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
    await connected(device);
    expect((await mac.relay(['status', '--json'])).json[0]).toMatchObject({
      installed: true,
      running: true,
      pid: mac.agentPid(),
      last_exit: null,
      paired: true,
      broker: homing.url,
      broker_reachable: true,
      broker_problem: null,
      device,
      numbers: [number],
      token_in: 'keychain',
    });
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
    await connected(device);
    await until('the output of the agent', () => logs.stdout().includes('Connected to'));
    await agent.end();
    expect(await logs.end()).toBe(0);
  });
});

describe('homing relay doctor', () => {
  interface Finding {
    name: string;
    ok: boolean;
    detail: string;
    fix: string | null;
  }
  async function doctor(env: Record<string, string> = {}, ...args: string[]) {
    const { status, json, stderr } = await mac.relay(['doctor', '--json', ...args], env);
    expect(json, stderr).toHaveLength(1);
    const findings = json[0] as Finding[];
    for (const finding of findings) {
      expect(Object.keys(finding)).toEqual(['name', 'ok', 'detail', 'fix']);
      expect(finding.detail).not.toBe('');
      if (finding.ok) expect(finding.fix).toBeNull();
      else expect(finding.fix).toMatch(/^1\. /);
    }
    expect(status).toBe(findings.every(({ ok }) => ok) ? 0 : 1);
    return {
      names: findings.map(({ name }) => name),
      failed: findings.filter(({ ok }) => !ok).map(({ name }) => name),
      of: (name: string) => findings.find((finding) => finding.name === name)!,
    };
  }

  it('relay doctor passes every check of a complete setup', async () => {
    const { device, number } = await pair();
    mac.receive(number);
    await mac.relay(['install']);
    await connected(device);
    const pid = mac.agentPid();
    const { names, failed } = await doctor();
    expect(names).toEqual(CHECKS);
    expect(failed).toEqual([]);
    const { status, stdout } = await mac.relay(['doctor']);
    expect(status).toBe(0);
    expect(stdout.match(/^✓ /gm)).toHaveLength(CHECKS.length);
    expect(stdout).toContain('All checks passed.');
    // The check of the token did not end the session of the agent.
    expect(mac.agentPid()).toBe(pid);
    expect(mac.log()).not.toContain('replaced this one');
    expect(mac.log().match(/Connected to/g)).toHaveLength(1);
  });

  it('relay doctor runs every check without a setup, and numbers the steps of failures', async () => {
    rmSync(mac.chatDb);
    const nothing = {
      HOMING_RELAY_OSASCRIPT: '/nowhere/osascript',
      HOMING_RELAY_LAUNCHCTL: '/nowhere/launchctl',
      HOMING_RELAY_SECURITY: '/nowhere/security',
      HOMING_RELAY_ALLOW_OTHER_OS: '',
    };
    const { names, failed } = await doctor(nothing);
    expect(names).toEqual(CHECKS);
    expect(failed).toEqual(process.platform === 'darwin' ? CHECKS.slice(1) : CHECKS);
    const { status, stdout } = await mac.relay(['doctor'], nothing);
    expect(status).toBe(1);
    expect(stdout).toMatch(/^✗ messages: .*\n {4}1\. Open Messages/m);
  });

  it('relay doctor lists the programs that need Full Disk Access', async () => {
    // A file that no user can open.
    rmSync(mac.chatDb);
    symlinkSync(mac.chatDb, mac.chatDb);
    const { detail, fix } = (await doctor()).of('full_disk_access');
    expect(detail).toContain('unable to open database file');
    expect(fix).toContain('System Settings → Privacy & Security → Full Disk Access');
    expect(fix).toContain(process.execPath);
    expect(fix).toContain('Also switch on Terminal');
    expect(fix).toContain('An update of this program');
    const overSsh = (await doctor({ SSH_CONNECTION: '10.0.0.2 5000 10.0.0.3 22' })).of('full_disk_access');
    expect(overSsh.fix).toContain('sshd-keygen-wrapper');
  });

  it('relay doctor reports a chat.db that is not a database of Messages', async () => {
    writeFileSync(mac.chatDb, 'this is not a database, but long enough to be read as one'.repeat(50));
    const { ok, fix } = (await doctor()).of('full_disk_access');
    expect(ok).toBe(false);
    expect(fix).toContain('--chat-db');
  });

  it.each([
    [
      'execution error: Not authorized to send Apple events to Messages. (-1743)',
      'System Settings → Privacy & Security → Automation',
    ],
    ["execution error: Messages got an error: Application isn't running. (-600)", 'open -a Messages'],
    ['execution error: AppleEvent timed out. (-1712)', 'Quit Messages'],
  ])('relay doctor explains "%s"', async (message, step) => {
    mac.setError('count', message);
    mac.setError('account', message);
    const found = await doctor();
    for (const name of ['automation', 'signed_in']) {
      expect(found.of(name)).toMatchObject({ ok: false, detail: expect.stringContaining(message) });
      expect(found.of(name).fix).toContain(step);
    }
  });

  it.each([
    ['disabled', 'Enable this account'],
    ['none', 'sign in'],
  ])('relay doctor explains how to sign in if the iMessage account is %s', async (state, step) => {
    mac.setOutput('account', state);
    const { ok, fix } = (await doctor()).of('signed_in');
    expect(ok).toBe(false);
    expect(fix).toContain(step);
  });

  it('relay doctor reports a paired number that this Mac does not use', async () => {
    const { number } = await pair();
    mac.receive('+14155559876');
    mac.receive('owner@example.com');
    const { ok, detail, fix } = (await doctor()).of('number');
    expect(ok).toBe(false);
    expect(detail).toContain(
      `The pairing is for ${number}, but Messages on this Mac uses +14155559876, o•••@`,
    );
    expect(fix).toContain('You can be reached');
    mac.receive(number);
    expect((await doctor()).of('number').ok).toBe(true);
  });

  it('relay doctor reports a wrong clock and a server that is not a broker', async () => {
    let behindMs = 3 * 60_000;
    let status = 200;
    const server = createServer((_, response) =>
      response.writeHead(status, { date: new Date(Date.now() - behindMs).toUTCString() }).end(),
    );
    const address = await listen(server);
    try {
      const env = {
        HOMING_RELAY_URL: `http://${address}`,
        HOMING_RELAY_TOKEN: `dev_${'x'.repeat(43)}`,
      };
      const ahead = await doctor(env);
      expect(ahead.of('clock').detail).toMatch(/is 1(79|80|81) s ahead of the clock of the broker/);
      expect(ahead.of('clock').fix).toContain('Date & Time');
      expect(ahead.of('broker').ok).toBe(true);
      expect(ahead.of('token').detail).toContain('returned status 200, so it is not a broker');
      behindMs = 0;
      status = 404;
      const other = await doctor(env);
      expect(other.of('clock').ok).toBe(true);
      expect(other.of('broker')).toMatchObject({
        ok: false,
        detail: expect.stringContaining('returned status 404'),
      });
    } finally {
      server.close();
    }
  });

  it('relay doctor reports an unreachable broker', async () => {
    const found = await doctor({ HOMING_RELAY_URL: await unusedUrl(), HOMING_RELAY_TOKEN: 'dev_x' });
    expect(found.of('broker').detail).toContain('the connection was refused');
    expect(found.of('clock').fix).toContain('broker');
    expect(found.of('token').ok).toBe(false);
  });

  it('relay doctor reports an untrusted certificate and accepts it with HOMING_RELAY_CA_FILE', async () => {
    const certificate = await certificateFor('localhost');
    const key = join(mac.home, 'key.pem');
    const cert = join(mac.home, 'cert.pem');
    writeFileSync(key, certificate.key);
    writeFileSync(cert, certificate.cert);
    const server = createTlsServer(certificate, (_, response) => response.end('{}'));
    const address = await listen(server);
    try {
      const env = { HOMING_RELAY_URL: `https://${address.replace('127.0.0.1', 'localhost')}` };
      const { detail, fix } = (await doctor(env)).of('broker');
      expect(detail).toContain('this Mac does not trust the authority');
      expect(fix).toContain('HOMING_RELAY_CA_FILE');
      expect((await doctor({ ...env, HOMING_RELAY_CA_FILE: cert })).of('broker').ok).toBe(true);
      const wrong = await doctor({ ...env, HOMING_RELAY_CA_FILE: key });
      expect(wrong.of('broker').detail).toContain('contains no certificates');
    } finally {
      server.close();
      server.closeAllConnections();
    }
  });

  it('relay doctor reports a revoked token and a missing one', async () => {
    const { device } = await pair();
    expect((await doctor()).of('token').ok).toBe(true);
    await homing.cli('devices', 'revoke', device);
    const revoked = (await doctor()).of('token');
    expect(revoked.detail).toContain('The broker rejects the token');
    expect(revoked.fix).toContain('npx homing relay pair');
    mac.lockKeychain();
    expect((await doctor()).of('token').detail).toContain('Cannot read the token from the keychain');
  });

  it('relay doctor runs every check with a damaged pairing', async () => {
    await pair();
    writeFileSync(join(mac.dataDir, 'pairing.json'), '{');
    const { names, failed, of } = await doctor();
    expect(names).toEqual(CHECKS);
    expect(failed).toEqual(['number', 'clock', 'broker', 'token', 'agent']);
    expect(of('broker').detail).toContain('is damaged');
    const { link } = await createSetupLink();
    expect((await mac.relay(['pair', link, '--force'])).status).toBe(0);
  });

  it('relay doctor distinguishes a missing agent from an exited one and shows its last log line', async () => {
    await pair();
    expect((await doctor()).of('agent').fix).toContain('npx homing relay install');
    rmSync(mac.chatDb);
    await mac.relay(['install']);
    await until('the agent to end', () => mac.agentPid() === undefined && mac.log() !== '');
    const { detail, fix } = await until('its exit to be reported', async () => {
      const found = (await doctor()).of('agent');
      return found.detail.includes('exited with 1') && found;
    });
    expect(detail).toContain('Cannot read');
    expect(fix).toContain('Full Disk Access');
    expect(fix).toContain(process.execPath);
  });

  it('relay doctor --send-test sends a text to the paired number and waits for its row', async () => {
    const { number } = await pair();
    expect((await doctor()).names).not.toContain('send_test');
    const sent = await doctor({}, '--send-test');
    expect(sent.names).toEqual([...CHECKS, 'send_test']);
    expect(sent.of('send_test')).toMatchObject({ ok: true, detail: expect.stringContaining(number) });
    mac.behave(number, 'late error 22');
    expect((await doctor({}, '--send-test')).of('send_test').detail).toContain('error 22');
    mac.behave('+14155550111', 'denied');
    const denied = (await doctor({}, '--send-test', '+14155550111')).of('send_test');
    expect(denied.fix).toContain('Privacy & Security → Automation');
  });

  it('relay doctor --send-test sends nothing without a number', async () => {
    const { token } = await createSetupLink();
    await mac.relay(['pair', '--token-file', tokenFile(token), '--url', homing.url]);
    expect((await doctor({}, '--send-test')).of('send_test').fix).toContain('--send-test +1…');
    expect((await mac.relay(['doctor', '--send-test', '0123'])).status).toBe(2);
  });
});
