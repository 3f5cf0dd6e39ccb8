/** Tests the pairing of the relay agent, and its start with the pairing, with a real broker and fake programs of macOS. */
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { SetupLinks } from '../support/fake-mac/setup-links.ts';
import type { SetupMac } from '../support/fake-mac/setup-mac.ts';
import { useSetupMac } from '../support/fake-mac/use-setup-mac.ts';
import type { HomingProcess } from '../support/homing-process.ts';
import { clientFor } from '../support/http-client.ts';
import { unusedUrl } from '../support/local-server.ts';
import { until } from '../support/until.ts';

let homing: HomingProcess;
let mac: SetupMac;
let links: SetupLinks;
useSetupMac((tools) => {
  ({ homing, mac, links } = tools);
});

const pair = () => links.pair(mac);

describe('homing relay pair', () => {
  it('relay pair accepts a setup link and stores the token in the keychain', async () => {
    // The output of the real command, unlike in the other tests.
    const { json } = await homing.cli('pair', '+14155553999', '--json');
    const { setup_url, number, device, token } = json[0];
    const { status, stdout } = await mac.relay(['pair', setup_url]);
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
    const { code, number, device } = await links.create();
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
    const { setup_url } = await links.create();
    const { status, stdout, stderr } = await mac.relay(['pair', setup_url], env);
    expect(status).toBe(0);
    expect(stderr).toContain('Cannot store the token in the keychain');
    const file = join(mac.dataDir, 'token');
    expect(stdout).toContain(file);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(readFileSync(file, 'utf8')).toMatch(/^dev_[\w-]{43}\n$/);
  });

  it('relay pair --no-keychain stores the token in a file', async () => {
    const { setup_url } = await links.create();
    const { stdout, stderr } = await mac.relay(['pair', setup_url, '--no-keychain']);
    expect(stdout).toContain(join(mac.dataDir, 'token'));
    expect(stderr).toBe('');
    expect(mac.keychain()).toEqual({});
  });

  it('relay pair accepts a device token that the broker accepts', async () => {
    const { token, number } = await links.create();
    const args = ['pair', '--url', homing.url, '--number', number, '--token-file'];
    const wrong = await mac.relay([...args, links.tokenFile(`dev_${'x'.repeat(43)}`)]);
    expect(wrong.status).toBe(1);
    expect(wrong.stderr).toContain('rejects this token');
    expect(existsSync(join(mac.dataDir, 'pairing.json'))).toBe(false);
    expect((await mac.relay([...args, links.tokenFile(token)])).status).toBe(0);
    expect(Object.values(mac.keychain())).toEqual([token]);
    const { json } = await mac.relay(['status', '--json']);
    expect(json[0]).toMatchObject({ paired: true, device: null, numbers: [number] });
  });

  it('relay pair explains used, unknown and invalid codes', async () => {
    const { setup_url } = await links.create();
    expect((await mac.relay(['pair', setup_url])).status).toBe(0);
    const used = await mac.relay(['pair', setup_url]);
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
    const { code } = await links.create();
    const { status, stderr } = await mac.relay(['pair', code, '--url', await unusedUrl()]);
    expect(status).toBe(1);
    expect(stderr).toContain('the connection was refused. Start the broker');
    expect(stderr).toContain('The code is still valid');
    expect((await mac.relay(['pair', code, '--url', homing.url])).status).toBe(0);
  });

  it('relay pair replaces a pairing with the same broker, and one with another broker only with --force', async () => {
    const first = await pair();
    const second = await links.create();
    const again = await mac.relay(['pair', second.setup_url]);
    expect(again.status).toBe(0);
    expect(again.stdout).toContain(`another device of this broker before (${first.device}, ${first.number})`);
    expect(Object.keys(mac.keychain())).toEqual([`homing-relay/${second.device}`]);
    const third = await links.create();
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
      const { setup_url, device } = await links.create();
      await mac.relay(['pair', setup_url, ...flags]);
      const agent = mac.start(['run']);
      await links.connected(mac, device);
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
    const other = await links.create();
    const agent = mac.start(['run', '--token-file', links.tokenFile(other.token)]);
    await links.connected(mac, other.device);
    expect(await links.platformOf(paired.device)).toBeNull();
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
    await links.connected(mac, device);
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
