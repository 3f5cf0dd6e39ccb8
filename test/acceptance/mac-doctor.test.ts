/** Tests the checks of `homing relay doctor` with a real broker and fake programs of macOS. */
import { rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { SetupLinks } from '../support/fake-mac/setup-links.ts';
import type { SetupMac } from '../support/fake-mac/setup-mac.ts';
import { useSetupMac } from '../support/fake-mac/use-setup-mac.ts';
import type { HomingProcess } from '../support/homing-process.ts';
import { listen, unusedUrl } from '../support/local-server.ts';
import { certificateFor } from '../support/tls.ts';
import { until } from '../support/until.ts';

const CHECKS = [
  ...['macos', 'messages', 'full_disk_access', 'automation', 'signed_in', 'number', 'senders', 'sleep'],
  ...['clock', 'broker', 'token', 'agent'],
];

const CHECKS_WITH_SEND = CHECKS.toSpliced(CHECKS.indexOf('clock'), 0, 'send_test');

let homing: HomingProcess;
let mac: SetupMac;
let links: SetupLinks;
useSetupMac((tools) => {
  ({ homing, mac, links } = tools);
});

const pair = () => links.pair(mac);

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
      stderr,
      names: findings.map(({ name }) => name),
      failed: findings.filter(({ ok }) => !ok).map(({ name }) => name),
      of: (name: string) => findings.find((finding) => finding.name === name)!,
    };
  }

  it('relay doctor passes every check of a complete setup', async () => {
    const { device, number } = await pair();
    mac.receive(number);
    await mac.relay(['install']);
    await links.connected(mac, device);
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

  it('relay doctor runs the checks of Messages in the installed agent', async () => {
    const { device, number } = await pair();
    await mac.relay(['install']);
    await links.connected(mac, device);
    expect(statSync(join(mac.dataDir, 'agent.sock')).mode & 0o777).toBe(0o600);
    // Only the agent has a working osascript.
    const broken = { HOMING_RELAY_OSASCRIPT: '/nowhere/osascript' };
    const { names, failed, of, stderr } = await doctor(broken, '--send-test');
    expect(names).toEqual(CHECKS_WITH_SEND);
    expect(failed).toEqual([]);
    expect(stderr).toContain(
      `The agent runs the checks of Messages (process ${mac.agentPid()}, ${mac.binary})`,
    );
    expect(of('full_disk_access').detail).toBe(`${mac.binary} can read chat.db.`);
    expect(of('automation').detail).toBe(`Messages responds to ${mac.binary}.`);
    expect(of('send_test').detail).toContain(number);
    mac.setError('count', 'execution error: Not authorized to send Apple events to Messages. (-1743)');
    const denied = (await doctor(broken)).of('automation');
    expect(denied.fix).toContain(`Switch on Messages under homing-relay (${mac.binary}).`);
    await mac.killAgent();
    const alone = await doctor(broken);
    expect(alone.stderr).toContain('No agent responds, so this command runs the checks of Messages itself');
    expect(alone.of('automation').detail).toContain('Cannot start /nowhere/osascript');
  });

  it('an agent without Full Disk Access responds to the doctor, and connects when it has the permission', async () => {
    const { device } = await pair();
    mac.denyChatDatabase();
    await mac.relay(['install']);
    await until('the reason in the log', () => mac.log().includes('The agent waits for it.'));
    const { of, stderr } = await doctor();
    expect(stderr).toContain(`The agent runs the checks of Messages (process ${mac.agentPid()}`);
    const { ok, detail, fix } = of('full_disk_access');
    expect(ok).toBe(false);
    expect(detail).toContain(`macOS denies ${mac.binary} access`);
    expect(fix).toContain(mac.binary);
    expect(fix).not.toContain('Terminal');
    mac.permitChatDatabase();
    await links.connected(mac, device);
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
    // The sleep of the Mac matters only to a running agent.
    const required = CHECKS.filter((name) => name !== 'sleep');
    expect(failed).toEqual(process.platform === 'darwin' ? required.slice(1) : required);
    const { status, stdout, stderr } = await mac.relay(['doctor'], nothing);
    expect(status).toBe(1);
    expect(stderr.trim().split('\n')).toEqual([expect.stringContaining('No agent responds')]);
    expect(stdout).toMatch(/^✗ messages: .*\n {4}1\. Open Messages/m);
  });

  it('relay doctor lists the programs that need Full Disk Access', async () => {
    mac.denyChatDatabase();
    const { detail, fix } = (await doctor()).of('full_disk_access');
    expect(detail).toContain('unable to open database file');
    expect(fix).toContain('System Settings → Privacy & Security → Full Disk Access');
    expect(fix).toContain(process.execPath);
    expect(fix).toContain('Also switch on Terminal');
    expect(fix).toContain('a replaced program loses the permission');
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
    const { setup_url } = await links.create();
    expect((await mac.relay(['pair', setup_url, '--force'])).status).toBe(0);
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
    expect(fix).toContain(mac.binary);
  });

  it('relay doctor --send-test sends a text to the paired number and waits for its row', async () => {
    const { number } = await pair();
    expect((await doctor()).names).not.toContain('send_test');
    const sent = await doctor({}, '--send-test');
    expect(sent.names).toEqual(CHECKS_WITH_SEND);
    expect(sent.of('send_test')).toMatchObject({ ok: true, detail: expect.stringContaining(number) });
    mac.behave(number, 'late error 22');
    expect((await doctor({}, '--send-test')).of('send_test').detail).toContain('error 22');
    mac.behave('+14155550111', 'denied');
    const denied = (await doctor({}, '--send-test', '+14155550111')).of('send_test');
    expect(denied.fix).toContain('Privacy & Security → Automation');
  });

  it('relay doctor --send-test sends nothing without a number', async () => {
    const { token } = await links.create();
    await mac.relay(['pair', '--token-file', links.tokenFile(token), '--url', homing.url]);
    expect((await doctor({}, '--send-test')).of('send_test').fix).toContain('--send-test +1…');
    expect((await mac.relay(['doctor', '--send-test', '0123'])).status).toBe(2);
  });
});
