/** Tests upgrades of the installed agent with a real broker, real versions of the program and a fake launchd. */
import {
  appendFileSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { parse } from 'plist';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { type AgentStatus, agentStatusAt } from '../../relay-agent/setup/agent-socket.ts';
import { SetupMac } from '../support/fake-mac/setup-mac.ts';
import { type HomingProcess, startHoming } from '../support/homing-process.ts';
import { createSetupLink } from '../support/setup-link.ts';
import { until } from '../support/until.ts';

let homing: HomingProcess;
let mac: SetupMac;
let numbers = 0;
beforeAll(async () => {
  homing = await startHoming();
});
afterAll(() => homing.dispose());
beforeEach(async () => {
  mac = new SetupMac();
  numbers += 1;
  const { setup_url } = await createSetupLink(homing, `+1415555${7000 + numbers}`);
  await mac.relay(['pair', setup_url]);
});
afterEach(() => mac.dispose());

const connectedAgent = (): Promise<AgentStatus> =>
  until('the agent to be connected', async () => {
    const status = await agentStatusAt(join(mac.dataDir, 'agent.sock'));
    return status?.connected && status;
  });
const versions = () => readdirSync(join(mac.programDir, 'versions'));
const currentVersion = () => readlinkSync(join(mac.programDir, 'current')).replace('versions/', '');

async function install(): Promise<AgentStatus> {
  const { status, stderr } = await mac.relay(['install']);
  expect(status, stderr).toBe(0);
  return connectedAgent();
}

it('relay upgrade installs another version, keeps Node, and waits for the connection', async () => {
  const before = await install();
  const node = statSync(mac.binary);
  const root = mac.writeVersion('9.1.0', { file: 'cli/main.js', code: '\n// new\n' });
  const { status, stdout, stderr } = await mac.relayOf(root, ['upgrade']);
  expect(status, stderr).toBe(0);
  const after = await connectedAgent();
  expect(after.version).toMatch(/^9\.1\.0-[0-9a-f]{8}$/);
  expect(after.pid).not.toBe(before.pid);
  expect(after.program).toBe(mac.binary);
  expect(stdout).toContain(`from ${before.version} to ${after.version}.`);
  expect(stdout).toContain(`so it keeps its permissions: ${mac.binary}`);
  expect(stdout).not.toContain('Grant it these permissions');
  expect([statSync(mac.binary).ino, statSync(mac.binary).mtimeMs]).toEqual([node.ino, node.mtimeMs]);
  expect(versions()).toEqual([after.version]);
  const again = await mac.relayOf(root, ['upgrade']);
  expect(again.stdout).toBe(`The agent is already up to date. Its version is ${after.version}.\n`);
  expect((await connectedAgent()).pid).toBe(after.pid);
});

it('relay upgrade restores the former version if the new one exits', async () => {
  const before = await install();
  const plist = readFileSync(mac.plist, 'utf8');
  const root = mac.writeVersion('9.2.0', {
    file: 'relay-agent/agent.js',
    code: "\nif (process.argv.includes('--log-file')) throw new Error('broken version');\n",
  });
  const { status, stderr } = await mac.relayOf(root, ['upgrade']);
  expect(status).toBe(1);
  expect(stderr).toMatch(/The version 9\.2\.0-[0-9a-f]{8} was not installed: it exited/);
  expect(stderr).toContain(`The former version ${before.version} runs again.`);
  expect((await connectedAgent()).version).toBe(before.version);
  expect(versions()).toEqual([before.version]);
  expect(currentVersion()).toBe(before.version);
  expect(readFileSync(mac.plist, 'utf8')).toBe(plist);
});

it('relay upgrade changes nothing if the copied program does not start', async () => {
  const before = await install();
  const root = mac.writeVersion('9.3.0', {
    file: 'relay-agent/agent.js',
    code: "\nif (process.execPath.endsWith('homing-relay')) throw new Error('not a program');\n",
  });
  const { status, stderr } = await mac.relayOf(root, ['upgrade']);
  expect(status).toBe(1);
  expect(stderr).toContain('The copied program does not start');
  expect(await connectedAgent()).toEqual(before);
  expect(versions()).toEqual([before.version]);
});

it('relay upgrade accepts a new version without a connection while the broker is unreachable', async () => {
  await install();
  const text = readFileSync(mac.plist, 'utf8').replace(
    '<key>EnvironmentVariables</key>\n    <dict>',
    '<key>EnvironmentVariables</key>\n    <dict>\n<key>HOMING_RELAY_URL</key><string>http://127.0.0.1:9</string>',
  );
  expect(text).toContain('HOMING_RELAY_URL');
  writeFileSync(mac.plist, text);
  await mac.killAgent();
  expect((await mac.relay(['upgrade'])).status).toBe(0);
  const isolated = await until('the agent without a connection', () =>
    agentStatusAt(join(mac.dataDir, 'agent.sock')),
  );
  expect(isolated.connected).toBe(false);
  const root = mac.writeVersion('9.4.0', { file: 'cli/main.js', code: '\n// new\n' });
  const { status, stderr } = await mac.relayOf(root, ['upgrade']);
  expect(status, stderr).toBe(0);
  expect(currentVersion()).toContain('9.4.0-');
});

it('relay upgrade --new-node replaces Node and says that the permissions must be granted again', async () => {
  await install();
  await mac.killAgent();
  // A program with more bytes at its end still runs.
  appendFileSync(mac.binary, 'older');
  const { status, stdout, stderr } = await mac.relay(['upgrade', '--new-node']);
  expect(status, stderr).toBe(0);
  expect(stdout).toContain('remove its old entry in Full Disk Access');
  expect(readFileSync(mac.binary).equals(readFileSync(process.execPath))).toBe(true);
  expect(readdirSync(join(mac.programDir, 'bin'))).toEqual(['homing-relay']);
});

it('relay upgrade replaces an agent that an older Homing installed from its own folder', async () => {
  expect((await mac.relay(['upgrade'])).stderr).toContain('npx homing relay install');
  await install();
  await mac.killAgent();
  const text = readFileSync(mac.plist, 'utf8');
  writeFileSync(
    mac.plist,
    text
      .replace(mac.binary, process.execPath)
      .replace(join(mac.programDir, 'current'), '/old/clone')
      .replace(/<key>HOMING_RELAY_KEEP_AWAKE<\/key>\s*<string>on<\/string>/, ''),
  );
  rmSync(mac.programDir, { recursive: true });
  const { status, stdout, stderr } = await mac.relay(['upgrade']);
  expect(status, stderr).toBe(0);
  expect(stdout).toContain('Grant it these permissions');
  const written = parse(readFileSync(mac.plist, 'utf8')) as Record<string, unknown>;
  expect(written).toEqual(parse(text));
  await connectedAgent();
});
