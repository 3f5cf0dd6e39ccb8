/** Tests `homing device` against a real broker. */

import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { CAPABILITIES } from '../../shared/capabilities.ts';

import { type DeviceProcess, startDeviceProcess } from '../support/device-process.ts';
import { type HomingProcess, runCli, startHoming } from '../support/homing-process.ts';
import { type Client, clientFor } from '../support/http-client.ts';
import { until } from '../support/until.ts';

const ANNA = '+14155550100';
const LEASE_SECONDS = 1;

let homing: HomingProcess;
let client: Client;
let folder: string;
let nextNumber = 1;
const running: DeviceProcess[] = [];

beforeAll(async () => {
  homing = await startHoming({ HOMING_LEASE_SECONDS: String(LEASE_SECONDS) });
  client = clientFor(homing.url, homing.liveKey);
  folder = mkdtempSync(join(tmpdir(), 'homing-device-'));
});
afterEach(async () => {
  for (const device of running) device.signal('SIGKILL');
  await Promise.all(running.splice(0).map(({ ended }) => ended));
});
afterAll(async () => {
  await homing.dispose();
  rmSync(folder, { recursive: true });
});

async function pair() {
  const number = `+141555502${String(nextNumber++).padStart(2, '0')}`;
  const { json } = await homing.cli('pair', number, '--json');
  const { token, device, setup_url } = json[0];
  const code = new URL(setup_url).searchParams.get('token')!;
  return { number, token, device, code };
}

function start(...args: string[]): DeviceProcess {
  const device = startDeviceProcess(homing, ...args);
  running.push(device);
  return device;
}

async function send(from: string, content: string): Promise<string> {
  const { status, body } = await client.post('/v1/messages/send', { to: ANNA, from, content });
  expect(status).toBe(202);
  return body.id;
}

async function untilStatus(id: string, wanted: string) {
  return until(`${id} to be ${wanted}`, async () => {
    const { body } = await client.get(`/v1/messages/${id}`);
    return body.status === wanted && body;
  });
}

describe.each(['ws', 'poll'])('homing device --carrier %s', (carrier) => {
  const connected = async (token: string, ...args: string[]) => {
    const device = start('--token', token, '--carrier', carrier, ...args);
    await device.frame('in', 'welcome');
    return device;
  };

  it('homing device --once 1 reports one message as sent and delivered, and ends', async () => {
    const { number, token } = await pair();
    const device = await connected(token, '--once', '1');
    const id = await send(number, 'Hello');
    expect(await device.ended).toBe(0);
    await untilStatus(id, 'delivered');

    const [item] = device.items('in', 'deliver');
    expect(item).toMatchObject({ message: id, attempt: 1, to: ANNA, from: number, text: 'Hello' });
    expect(device.items('out', 'report').map(({ state }) => state)).toEqual(['sending', 'sent', 'delivered']);
    expect(device.frames.at(-1)).toMatchObject({ direction: 'in', type: 'ack', of: 'report' });
  });

  it('homing device sends a redelivered unsent message once', async () => {
    const { number, token } = await pair();
    const device = await connected(token, '--delay', String(LEASE_SECONDS * 2_500));
    const id = await send(number, 'Slow');
    await untilStatus(id, 'delivered');
    const deliveries = device.items('in', 'deliver').map(({ message, attempt }) => [message, attempt]);
    expect(deliveries.slice(0, 2)).toEqual([
      [id, 1],
      [id, 2],
    ]);
    expect(device.items('out', 'report').filter(({ state }) => state === 'sent')).toHaveLength(1);
  });

  it('homing device with a journal sends unsent messages after a kill, and no message twice', async () => {
    const { number, token } = await pair();
    const journal = join(folder, `${carrier}.jsonl`);
    const first = await connected(token, '--journal', journal, '--delay', '3600000', '--credit', '1');
    const slow = await send(number, 'Killed before sending');
    await first.frame('out', 'report');
    first.signal('SIGKILL');
    await first.ended;

    const second = await connected(token, '--journal', journal);
    await untilStatus(slow, 'delivered');
    expect(second.items('in', 'deliver')).toMatchObject([{ message: slow, attempt: 2 }]);
    second.signal('SIGTERM');
    expect(await second.ended).toBe(0);

    const third = await connected(token, '--journal', journal, '--once', '1');
    const fresh = await send(number, 'Another');
    expect(await third.ended).toBe(0);
    expect(third.items('in', 'deliver').map(({ message }) => message)).toEqual([fresh]);
    const sent = readFileSync(journal, 'utf8')
      .split('\n')
      .filter((line) => line.includes('"state":"sent"') && line.includes('"reported"'));
    expect(sent).toHaveLength(2);
  });

  it('homing device reports typed texts, and the broker lists a text with a repeated guid once', async () => {
    const { number, token } = await pair();
    const device = await connected(token);
    const text = { guid: `twice-${carrier}`, from: '+14155550101', to: number, text: 'Only once' };
    device.type(JSON.stringify(text));
    await device.frame('in', 'ack');
    device.type(JSON.stringify(text));
    device.type('+14155550101 Typed by hand');
    const reported = await until('three texts to be reported', () => {
      const items = device.items('out', 'inbound');
      return items.length === 3 && items;
    });
    expect(reported[2]).toMatchObject({ from: '+14155550101', text: 'Typed by hand' });
    const seqs = device.frames.filter(({ type }) => type === 'inbound').map(({ seq }) => seq);
    for (const seq of seqs) await device.frame('in', 'ack', (ack) => ack.of === 'inbound' && ack.seq === seq);

    const { body } = await client.get(`/v1/messages?direction=inbound&to=${encodeURIComponent(number)}`);
    expect(body.messages.map(({ content }: { content: string }) => content).toSorted()).toEqual([
      'Only once',
      'Typed by hand',
    ]);
  });

  it('homing device exits with 1 and explains why if its token is revoked', async () => {
    const { token, device: id } = await pair();
    const device = await connected(token);
    await homing.cli('devices', 'revoke', id);
    expect(await device.ended).toBe(1);
    expect(device.stderr()).toMatch(
      /^homing: The broker rejects this token: it is unknown, revoked or replaced/m,
    );

    const again = start('--token', token, '--carrier', carrier);
    expect(await again.ended).toBe(1);
    expect(again.stderr()).toMatch(/rejects this token/);
  });

  it('homing device exits with 1 if another session of the device replaces it', async () => {
    const { number, token } = await pair();
    const older = await connected(token);
    const newer = await connected(token);
    expect(await older.ended).toBe(1);
    expect(older.stderr()).toMatch(/^homing: Another session of this device replaced this one/m);
    await untilStatus(await send(number, 'For the newer'), 'delivered');
    expect(newer.items('in', 'deliver')).toHaveLength(1);
  });

  it('homing device reconnects after a restart and a kill of the broker', async () => {
    const { number, token } = await pair();
    const device = await connected(token);
    await untilStatus(await send(number, 'Before'), 'delivered');
    expect(await homing.stop()).toBe(0);
    await until('the device to disconnect', () => device.stderr() !== '');
    device.type('+14155550101 While the broker was stopped');
    await homing.restart();
    await untilStatus(await send(number, 'After the restart'), 'delivered');
    await homing.kill();
    await homing.restart();
    await untilStatus(await send(number, 'After the kill'), 'delivered');
    await device.frame('in', 'ack', ({ of }) => of === 'inbound');

    expect(device.frames.filter(({ type }) => type === 'welcome')).toHaveLength(3);
    expect(device.items('in', 'deliver').map(({ text }) => text)).toEqual([
      'Before',
      'After the restart',
      'After the kill',
    ]);
    const { body } = await client.get(`/v1/messages?direction=inbound&to=${encodeURIComponent(number)}`);
    expect(body.messages).toMatchObject([{ content: 'While the broker was stopped' }]);
    device.signal('SIGINT');
    expect(await device.ended).toBe(0);
  });

  it('homing device never has more in-flight messages than its credit', async () => {
    const { number, token } = await pair();
    const ids = [];
    for (const content of ['1', '2', '3', '4', '5']) ids.push(await send(number, content));
    const device = await connected(token, '--credit', '2', '--delay', '50');
    for (const id of ids) await untilStatus(id, 'delivered');
    let inFlight = 0;
    let maximum = 0;
    for (const { direction, type, items } of device.frames) {
      if (direction === 'in' && type === 'deliver') inFlight += items.length;
      maximum = Math.max(maximum, inFlight);
      if (type === 'report')
        inFlight -= items.filter(({ state }: { state: string }) => state === 'sent').length;
    }
    expect(maximum).toBe(2);
    expect(device.items('in', 'deliver').map(({ message }) => message)).toEqual(ids);
  });
});

describe('homing device', () => {
  it('homing device applies --fail, --no-deliver, --read and --silent', async () => {
    const cases = [
      { flags: ['--fail', 'not_on_imessage'], states: ['sending', 'failed'], status: 'failed' },
      { flags: ['--no-deliver'], states: ['sending', 'sent'], status: 'sent' },
      { flags: ['--read'], states: ['sending', 'sent', 'delivered', 'read'], status: 'delivered' },
    ];
    for (const { flags, states, status } of cases) {
      const { number, token } = await pair();
      const id = await send(number, flags.join(' '));
      const device = start('--token', token, '--once', '1', ...flags);
      expect(await device.ended).toBe(0);
      expect(device.items('out', 'report').map(({ state }) => state)).toEqual(states);
      await untilStatus(id, status);
    }
    const { number, token } = await pair();
    const id = await send(number, 'Silence');
    const device = start('--token', token, '--silent', '--no-journal');
    await device.frame('in', 'deliver');
    await untilStatus(id, 'polling');
    device.signal('SIGTERM');
    expect(await device.ended).toBe(0);
    expect(device.items('out', 'report')).toEqual([]);
    expect(device.frames[0].capabilities).not.toContain('journal');
  });

  it('homing device --echo replies, and ends after the reply is acknowledged', async () => {
    const { number, token } = await pair();
    const id = await send(number, 'Are you there?');
    const device = start('--token', token, '--echo', '--once', '1');
    expect(await device.ended).toBe(0);
    await untilStatus(id, 'delivered');
    const { body } = await client.get(`/v1/messages?direction=inbound&to=${encodeURIComponent(number)}`);
    expect(body.messages).toMatchObject([{ from: ANNA, content: 'echo: Are you there?' }]);
  });

  it('homing device --code exchanges the code for a token once and prints the token', async () => {
    const { number, device: id, code } = await pair();
    const device = start('--code', code);
    await device.frame('in', 'welcome');
    expect(device.frames[0]).toEqual({
      device: id,
      token: expect.stringMatching(/^dev_/),
      numbers: [number],
    });
    await untilStatus(await send(number, 'Paired'), 'delivered');

    const again = start('--code', code);
    expect(await again.ended).toBe(1);
    expect(again.stderr()).toBe('homing: This pairing code has already been used.\n');
  });

  it('homing device without --json prints one readable line per frame', async () => {
    const { number, token } = await pair();
    const id = await send(number, 'Read me');
    const { status, stdout } = await runCli(['device', '--url', homing.url, '--token', token, '--once', '1']);
    expect(status).toBe(0);
    expect(stdout.trimEnd().split('\n')).toEqual([
      `→ hello: imessage, sms, media, ${CAPABILITIES.join(', ')}, journal, delivery; credit 1`,
      expect.stringMatching(/^← welcome: dev_\w+, session ses_\w+, lease 1 s$/),
      `← deliver: ${id} to ${ANNA} “Read me”`,
      `→ report 1: ${id} sending, ${id} sent, ${id} delivered`,
      '← ack of report 1',
    ]);
  });

  it('homing device connects to the broker of the settings, and retries while the broker is stopped', async () => {
    const { token } = await pair();
    const { port } = new URL(homing.url);
    expect(await homing.stop()).toBe(0);
    const device = start('--token', token);
    await until('a failed attempt', () => device.stderr().includes('ECONNREFUSED'));
    await homing.restart();
    await device.frame('in', 'welcome');
    const { number, token: other } = await pair();
    await send(number, 'By the settings');
    const { status } = await runCli(['device', '--token', other, '--once', '1'], { HOMING_PORT: port });
    expect(status).toBe(0);
  });

  it.each([
    [[], 'Use either --token or --code.'],
    [['--token', 'dev_x', '--code', 'dev_y'], 'Use either --token or --code.'],
    [['--token', 'tb_live_x'], '--token is not a device token; allowed: dev_'],
    [['--token', 'dev_x', '--carrier', 'pigeon'], "--carrier was given 'pigeon'; allowed: ws or poll."],
    [['--token', 'dev_x', '--credit', '101'], "--credit was given '101'; allowed: 0 to 100."],
    [
      ['--token', 'dev_x', '--capabilities', 'reactions,magic'],
      "--capabilities was given 'magic'; allowed: none, or some of groups,",
    ],
    [['--token', 'dev_x', '--read', '--no-deliver'], '--read and --no-deliver exclude each other'],
    [
      ['--token', 'dev_x', '--url', 'ftp://x'],
      "--url was given 'ftp://x'; allowed: http:// or https:// URL.",
    ],
  ])('homing device %j exits with 2 and an error message', async (args, sentence) => {
    const { status, stdout, stderr } = await runCli(['device', ...args]);
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(stderr).toContain(`homing: ${sentence}`);
  });
});
