/** Tests `homing relay run` with a real broker and a fake Messages. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { findTenant } from '../../broker/core/accounts/accounts.ts';
import { rowsOf, withStoreOf } from '../support/broker-database.ts';
import { startBlueBubbles } from '../support/fake-mac/bluebubbles.ts';
import { FakeMac } from '../support/fake-mac/fake-mac.ts';
import { installImsg } from '../support/fake-mac/imsg.ts';
import { MACOS_VERSIONS, type MacosVersion } from '../support/fake-mac/message-columns.ts';
import { pairMac, RECIPIENT } from '../support/fake-mac/paired-mac.ts';
import { type HomingProcess, startHoming } from '../support/homing-process.ts';
import { startNoUpgradeProxy } from '../support/no-upgrade-proxy.ts';
import { certificateFor, startTlsProxy } from '../support/tls.ts';
import { until } from '../support/until.ts';

describe('the Mac relay agent', () => {
  let homing: HomingProcess;
  let mac: FakeMac;
  beforeAll(async () => {
    homing = await startHoming({ HOMING_LEASE_SECONDS: '2' });
  });
  afterAll(() => homing.dispose());
  afterEach(() => mac.dispose());

  async function paired(macosVersion?: MacosVersion) {
    const found = await pairMac(homing, macosVersion);
    mac = found.mac;
    return found;
  }

  it.each(MACOS_VERSIONS)(
    'the agent sends a message and reports it as delivered (%s)',
    async (macosVersion) => {
      const { send, reaches } = await paired(macosVersion);
      mac.start();
      const text = 'Grüße 👋🏽 "quoted" \\ $(not run)\nsecond line';
      const id = await send(text);
      await reaches(id, 'delivered');
      expect(mac.calls()).toEqual([{ to: RECIPIENT, text, service: 'iMessage' }]);
      expect(mac.stderr()).toContain(`Connected to ${homing.url}`);
      expect(await mac.end()).toBe(0);
    },
  );

  it('a text of 5,000 characters and repeated equal texts are sent', async () => {
    const { send, reaches } = await paired();
    mac.start();
    const ids = [await send('ß'.repeat(5_000)), await send('same'), await send('same')];
    for (const id of ids) await reaches(id, 'delivered');
    expect(mac.calls().map(({ text }) => text)).toEqual(['ß'.repeat(5_000), 'same', 'same']);
  });

  it('messages to one recipient are sent in order, and other recipients do not wait', async () => {
    const { send, reaches } = await paired();
    mac.behave(RECIPIENT, 'stall');
    mac.start();
    const stalled = await send('slow');
    const other = await send('quick', '+14155550101');
    await reaches(other, 'delivered');
    await reaches(stalled, 'sent');
    expect(
      mac
        .calls()
        .map(({ text }) => text)
        .sort(),
    ).toEqual(['quick', 'slow']);
  });

  it.each([
    ['late error 22', 'recipient_unreachable'],
    ['denied', 'permission_denied'],
    ['not running', 'device_error'],
    ['no row', 'unconfirmed'],
    ['ghost row', 'unconfirmed'],
  ])('the behaviour "%s" of Messages fails a message with %s', async (behaviour, code) => {
    const { send, reaches } = await paired();
    mac.behave(RECIPIENT, behaviour);
    // Only a missing row has to wait for this timeout; on a busy machine osascript itself may take longer.
    mac.start(code === 'unconfirmed' ? { confirmSeconds: 2 } : {});
    const id = await send('fails');
    expect(await reaches(id, 'failed')).toMatchObject({ error_code: code });
    // An unreachable recipient is retried by SMS, and Messages needs time to start.
    const byIMessage = mac.calls().filter(({ service }) => service === 'iMessage');
    expect(byIMessage).toHaveLength(behaviour === 'not running' ? 2 : 1);
    // The next message does not wait.
    const next = await send('goes on', '+14155550101');
    await reaches(next, 'delivered');
  });

  it('an error of osascript is ignored if the row shows the message as sent', async () => {
    const { send, reaches } = await paired();
    mac.behave(RECIPIENT, 'error, but sent');
    mac.start();
    await reaches(await send('first ever'), 'sent');
    // The row may be read before osascript exits.
    await until('the error of osascript', () => mac.stderr().includes('-1728'));
  });

  it('a sent message fails if its row shows an error later', async () => {
    const { send, reaches } = await paired();
    mac.behave(RECIPIENT, 'sent only');
    mac.start();
    const id = await send('taken back');
    await reaches(id, 'sent');
    mac.change(await guidOf(id), 'error = 22, is_sent = 0');
    expect(await reaches(id, 'failed')).toMatchObject({ error_code: 'recipient_unreachable' });
  });

  const STEPS = [
    'take',
    'beginPart',
    'markHanded',
    'markMatched',
    'addReport sent',
    'addReport delivered',
    'acknowledgeReports',
  ];
  it.each(STEPS.flatMap((step) => [`${step}:before`, `${step}:after`]))(
    'a message is sent and reported once although the agent is killed at %s',
    async (crashAt) => {
      const { send, reaches } = await paired();
      if (crashAt.startsWith('markHanded')) mac.behave(RECIPIENT, 'late row');
      mac.start({ crashAt });
      const id = await send('survives');
      await until('the agent to die', () => !mac.isRunning());
      mac.start({ confirmSeconds: 3 });
      if (crashAt === 'beginPart:after') {
        // The agent cannot know that osascript was not started, so it does not send again.
        expect(await reaches(id, 'failed')).toMatchObject({ error_code: 'unconfirmed' });
        expect(mac.calls()).toEqual([]);
        return;
      }
      await reaches(id, 'delivered');
      expect(mac.calls()).toHaveLength(1);
      const { json: steps } = await homing.cli('messages', id, '--json');
      const kinds = steps.map(({ step }) => step);
      for (const kind of ['sent', 'delivered']) {
        expect(kinds.filter((found) => found === kind).length, kind).toBeLessThanOrEqual(1);
      }
    },
  );

  it('received texts are reported once, including those received while the agent was stopped', async () => {
    const { inbound, connected } = await paired();
    mac.receive(RECIPIENT, 'from before the pairing');
    mac.start();
    await connected();
    mac.receive(RECIPIENT, 'hello 👋🏽');
    await until('the first text', async () => (await inbound()).length === 1);
    await mac.end('SIGKILL');
    mac.receive('friend@example.com', 'while away');
    mac.start();
    const texts = await until('the second text', async () => {
      const found = await inbound();
      return found.length === 2 && found;
    });
    expect(texts.map(({ from, content }: { from: string; content: string }) => [from, content])).toEqual([
      ['friend@example.com', 'while away'],
      [RECIPIENT, 'hello 👋🏽'],
    ]);
  });

  it('a message to a recipient without iMessage is sent by SMS', async () => {
    const { send, reaches, steps } = await paired();
    mac.behave(RECIPIENT, 'no iMessage');
    mac.start();
    const id = await send('over to SMS');
    await reaches(id, 'sent');
    expect(mac.calls().map(({ service }) => service)).toEqual(['iMessage', 'SMS']);
    expect((await steps(id)).at(-1).detail.service).toBe('SMS');
  });

  it('a recipient without iMessage is unreachable if SMS is missing or not allowed', async () => {
    const { send, reaches } = await paired();
    mac.behave(RECIPIENT, 'no iMessage, no SMS');
    mac.start();
    const first = await send('nowhere to go');
    expect(await reaches(first, 'failed')).toMatchObject({ error_code: 'recipient_unreachable' });
    expect(mac.calls().map(({ service }) => service)).toEqual(['iMessage', 'SMS']);
    await mac.end();
    mac.start({ env: { HOMING_RELAY_SMS_FALLBACK: 'off' } });
    const second = await send('iMessage only');
    expect(await reaches(second, 'failed')).toMatchObject({ error_code: 'recipient_unreachable' });
    expect(mac.calls()).toHaveLength(3);
  });

  it('a message is sent by the requested service', async () => {
    const { send, reaches } = await paired();
    const sendByService = async (service: string, text: string, to: string) => {
      const id = await send(text, to);
      // No API has a parameter for the service yet.
      await rowsOf(homing, 'UPDATE messages SET requested_service = ? WHERE id = ?', service, id.slice(4));
      return id;
    };
    mac.behave('+14155550101', 'no iMessage');
    const sms = await sendByService('sms', 'by SMS', RECIPIENT);
    const iMessage = await sendByService('imessage', 'by iMessage only', '+14155550101');
    mac.start();
    await reaches(sms, 'delivered');
    expect(await reaches(iMessage, 'failed')).toMatchObject({ error_code: 'recipient_unreachable' });
    const services = mac.calls().map(({ text, service }) => [text, service]);
    expect(services.sort()).toEqual([
      ['by SMS', 'SMS'],
      ['by iMessage only', 'iMessage'],
    ]);
  });

  it('scripts for an older Messages use its class names', async () => {
    const { send, reaches } = await paired();
    mac.behave('*', 'older macOS');
    mac.start();
    for (const text of ['one', 'two']) await reaches(await send(text), 'delivered');
    expect(mac.calls()).toHaveLength(2);
  });

  it('an unconfirmed message is reported as sent if its row appears later', async () => {
    const { send, reaches, outbound } = await paired();
    mac.behave(RECIPIENT, 'very late row');
    mac.start({ confirmSeconds: 1 });
    const id = await send('patience');
    expect(await reaches(id, 'failed')).toMatchObject({ error_code: 'unconfirmed' });
    expect(await reaches(id, 'delivered')).toMatchObject({ error_code: null });
    expect(await outbound()).toHaveLength(1);
    expect(mac.calls()).toHaveLength(1);
  });

  it('echoes, reactions and group events are not reported as texts', async () => {
    const { inbound, number, connected } = await paired();
    mac.start();
    await connected();
    mac.receive(number, 'to myself', { change: { destination_caller_id: number } });
    mac.receive(RECIPIENT, 'Loved “hi”', { change: { associated_message_type: 2000 } });
    mac.receive(RECIPIENT, '', { change: { item_type: 1 } });
    mac.receive(RECIPIENT, 'a text');
    await until('the text', async () => (await inbound()).length === 1);
    expect((await inbound())[0].content).toBe('a text');
  });

  it('long-poll is used if a proxy blocks WebSocket', async () => {
    const { send, reaches, token } = await paired();
    const proxy = await startNoUpgradeProxy(Number(new URL(homing.url).port));
    try {
      await mac.dispose();
      mac = new FakeMac({ url: proxy.url, token });
      mac.start();
      await reaches(await send('around the proxy'), 'delivered');
      expect(proxy.rejected()).toBe(2);
    } finally {
      proxy.close();
    }
  });

  it('the agent sends through imsg if its sender is imsg', async () => {
    const { send, reaches } = await paired();
    const imsg = installImsg();
    try {
      mac.start({ env: { HOMING_RELAY_SENDER: 'imsg', HOMING_RELAY_IMSG: imsg.program } });
      const id = await send('by imsg');
      await until('imsg to receive the message', () => imsg.calls().length === 1);
      expect(imsg.calls()[0]!.parameters).toMatchObject({ to: RECIPIENT, text: 'by imsg' });
      // Only the row confirms the message.
      mac.type(RECIPIENT, 'by imsg');
      await reaches(id, 'sent');
      expect(mac.calls()).toEqual([]);
    } finally {
      imsg.remove();
    }
  });

  it('the agent sends through BlueBubbles if its sender is bluebubbles, and requires the password', async () => {
    const { send, reaches } = await paired();
    const server = await startBlueBubbles('secret');
    try {
      const env = { HOMING_RELAY_SENDER: 'bluebubbles', HOMING_RELAY_BLUEBUBBLES_URL: server.url };
      mac.start({ env });
      await until('the agent to exit', () => !mac.isRunning());
      expect(mac.stderr()).toContain('HOMING_RELAY_BLUEBUBBLES_PASSWORD');
      mac.start({ env: { ...env, HOMING_RELAY_BLUEBUBBLES_PASSWORD: 'secret' } });
      const id = await send('by BlueBubbles');
      const hasRequest = () =>
        server.requests.some((request) => JSON.stringify(request).includes('by BlueBubbles'));
      await until('BlueBubbles to receive the message', hasRequest);
      mac.type(RECIPIENT, 'by BlueBubbles');
      await reaches(id, 'sent');
    } finally {
      await server.close();
    }
  });

  it('a private certificate authority is trusted only if it is configured', async () => {
    const { send, reaches, token } = await paired();
    const certificate = await certificateFor('localhost');
    const proxy = await startTlsProxy(Number(new URL(homing.url).port), certificate);
    try {
      await mac.dispose();
      mac = new FakeMac({ url: proxy.url, token });
      mac.start();
      await until('the TLS error', () => /self.signed certificate/.test(mac.stderr()));
      await mac.end();
      const file = join(mac.folder, 'own-ca.pem');
      writeFileSync(file, certificate.cert);
      mac.start({ env: { HOMING_RELAY_CA_FILE: file } });
      await reaches(await send('over TLS'), 'delivered');
    } finally {
      proxy.close();
    }
  });

  it('http to another machine requires --allow-http', async () => {
    const { token } = await paired();
    await mac.dispose();
    mac = new FakeMac({ url: 'http://homing.invalid', token });
    mac.start({ env: { HOMING_RELAY_ALLOW_HTTP: '1' } });
    await until('an attempt', () => mac.stderr().includes('Not connected'));
  });

  it('the agent exits with an error if its token is invalid', async () => {
    mac = new FakeMac({ url: homing.url, token: 'dev_wrong' });
    mac.start();
    await until('the agent to exit', () => !mac.isRunning());
    expect(mac.stderr()).toContain('rejects this token');
    expect(await mac.end()).toBe(1);
  });

  it.each([
    ['http://broker.example.com', 'Use https://'],
    ['ftp://broker.example.com', 'allowed: https:// URL'],
  ])('the agent rejects the broker URL %s', async (url, reason) => {
    mac = new FakeMac({ url, token: 'dev_x' });
    mac.start();
    await until('the agent to exit', () => !mac.isRunning());
    expect(mac.stderr()).toContain(reason);
    expect(await mac.end()).toBe(2);
  });

  async function guidOf(id: string): Promise<string> {
    return withStoreOf(homing, async ({ read }) => {
      const tenant = await findTenant(read, 'default', 'live');
      return (await read.messages.find(tenant.id, id.replace('msg_', '')))!.guid!;
    });
  }
});
