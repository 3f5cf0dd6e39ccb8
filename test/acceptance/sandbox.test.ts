/** Tests the documented behavior of each sandbox number. The tests run concurrently. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DEFAULT_ACCOUNT, findTenant } from '../../broker/core/accounts/accounts.ts';
import type { Store } from '../../broker/core/ports/store.ts';
import { createHoming, type Homing, type MessageDetail, type SendMessage } from '../../client/src/index.ts';
import { openStoreOf } from '../support/broker-database.ts';
import { type HomingProcess, startHoming } from '../support/homing-process.ts';
import { type Client, clientFor, createAccount, createClient, expectError } from '../support/http-client.ts';
import { until } from '../support/until.ts';

const FROM = '+15005550006';
const REPORT_TIMEOUT_SECONDS = 2;

let homing: HomingProcess;
let client: Client;
let messages: Homing['messages'];
/** A second connection to the broker's database. */
let inside: Store;

beforeAll(async () => {
  homing = await startHoming({
    HOMING_SANDBOX_REPORT_TIMEOUT_SECONDS: String(REPORT_TIMEOUT_SECONDS),
  });
  client = clientFor(homing.url, homing.testKey);
  ({ messages } = createHoming({ url: homing.url, key: homing.testKey }));
  inside = await openStoreOf(homing);
});
afterAll(async () => {
  await inside?.close();
  await homing?.dispose();
});

async function send(
  to: string,
  change: Partial<Extract<SendMessage, { content: string }>> = {},
): Promise<string> {
  return (await messages.send({ to, from: FROM, content: `to ${to}`, ...change })).id;
}

/** Returns data that the API does not include: the service, the read time and the timeline. */
async function historyOf(publicId: string) {
  const id = publicId.replace('msg_', '');
  const { read } = inside;
  const tenant = await findTenant(read, DEFAULT_ACCOUNT, 'test');
  const { service, readAt } = (await read.messages.find(tenant.id, id))!;
  return { service, readAt, steps: await read.messages.timeline(id) };
}

const kindsOf = async (id: string) => (await historyOf(id)).steps.map(({ kind }) => kind);
const deliveredAfter = ({ created_at, delivered_at }: MessageDetail) =>
  Date.parse(delivered_at!) - Date.parse(created_at);

describe.concurrent('a message over the API', () => {
  it('has the service and the time of reading once they are known', async () => {
    const read = await messages.waitUntil(await send('+15005550015'), 'delivered');
    const shown = await until('read', async () => {
      const [one] = (await messages.list({ to: '+15005550015', limit: 1 })).messages;
      return one?.read_at != null && one;
    });
    expect(shown).toMatchObject({ id: read.id, service: 'imessage', read_at: expect.stringMatching(/Z$/) });
    const sms = await messages.waitUntil(await send('+15005550016'), 'delivered');
    expect(sms).toMatchObject({ service: 'sms', read_at: null });
    const queued = await messages.get(await send('+15005550023'));
    expect(queued).toMatchObject({ service: null, read_at: null });
  });

  it('cannot be cancelled after it was sent: POST /v1/messages/:id/cancel returns 409', async () => {
    const cancel = (id: string) => client.post(`/v1/messages/${id}/cancel`, {});
    const delivered = await messages.waitUntil(await send('+15005550010'), 'delivered');
    const response = await cancel(delivered.id);
    expectError(response, 409, 'conflict');
    expect(response.body.error.message).toBe('The message is already delivered.');
    const sent = await messages.waitUntil(await send('+15005550011'), 'sent');
    expectError(await cancel(sent.id), 409, 'conflict');
    expect(await messages.get(sent.id)).toMatchObject({ status: 'sent' });
    // A cancelled message may be cancelled again, and a failed one stays failed.
    const waiting = await send('+15005550023');
    for (const _ of [1, 2]) {
      const again = await cancel(waiting);
      expect([again.status, again.body.error_code]).toEqual([200, 'cancelled']);
    }
  });
});

describe.concurrent('a message to', () => {
  it.each(['+15005550010', '+14155550100', '+15005550099', '+4915112345678'])(
    '%s is dispatched, sent and delivered within a second',
    async (to) => {
      const id = await send(to);
      expect(deliveredAfter(await messages.waitUntil(id, 'delivered'))).toBeLessThan(1_000);
      expect(await kindsOf(id)).toEqual(['accepted', 'handed_out', 'sent', 'delivered']);
      expect((await historyOf(id)).service).toBe('imessage');
    },
  );

  it('+15005550011 is sent and never delivered', async () => {
    const id = await send('+15005550011');
    await messages.waitUntil(id, 'sent');
    // +15005550012 has the longest delay of all numbers.
    const later = await send('+15005550012');
    await messages.waitUntil(later, 'delivered');
    expect(await messages.get(id)).toMatchObject({ status: 'sent', delivered_at: null, error_code: null });
    expect(await kindsOf(id)).toEqual(['accepted', 'handed_out', 'sent']);
  });

  it('+15005550012 is sent immediately and delivered after 5 s', async () => {
    const id = await send('+15005550012');
    await messages.waitUntil(id, 'sent', { timeoutMs: 2_000 });
    const message = await messages.waitUntil(id, 'delivered');
    const { steps } = await historyOf(id);
    const at = (kind: string) => steps.find((step) => step.kind === kind)!.at;
    expect(at('sent') - at('accepted')).toBeLessThan(1_000);
    expect(deliveredAfter(message)).toBeGreaterThanOrEqual(5_000);
    expect(deliveredAfter(message)).toBeLessThan(7_000);
  });

  it('+15005550013 is dispatched, never reported, and fails as unconfirmed', async () => {
    const id = await send('+15005550013');
    await messages.waitUntil(id, 'polling', { timeoutMs: 2_000 });
    const message = await messages.waitUntil(id, 'failed');
    expect(message.error_code).toBe('unconfirmed');
    expect(message.error_message).toMatch(/./);
    const { steps } = await historyOf(id);
    expect(steps.map(({ kind }) => kind)).toEqual(['accepted', 'handed_out', 'failed']);
    expect(steps[2]!.at - steps[1]!.at).toBeGreaterThanOrEqual(REPORT_TIMEOUT_SECONDS * 1_000);
  });

  it('+15005550014 is delivered and gets an echo after a second', async () => {
    const content = 'Hällo 👋\nsecond line';
    const from = '+15005550114';
    const id = await send('+15005550014', { from, content });
    const message = await messages.waitUntil(id, 'delivered');
    const inbound = { direction: 'inbound', to: from } as const;
    const echo = await until('the echo', async () => (await messages.list(inbound)).messages[0]);
    expect(echo).toMatchObject({
      from: '+15005550014',
      to: from,
      content: `echo: ${content}`,
      status: 'received',
      direction: 'inbound',
      media_url: null,
      delivered_at: null,
    });
    const delay = Date.parse(echo.created_at) - Date.parse(message.created_at);
    expect(delay).toBeGreaterThanOrEqual(1_000);
    expect(delay).toBeLessThan(3_000);
  });

  it('+15005550014 gets exactly one echo per message', async () => {
    const from = '+15005550115';
    const contents = Array.from({ length: 10 }, (_, n) => `message ${n}`);
    await Promise.all(contents.map((content) => send('+15005550014', { from, content })));
    const echoes = async () => (await messages.list({ direction: 'inbound', to: from })).messages;
    await until('ten echoes', async () => (await echoes()).length >= 10);
    const afterwards = await send('+15005550014', { from, content: 'the last one' });
    await messages.waitUntil(afterwards, 'delivered');
    await until('the last echo', async () => (await echoes())[0]?.content === 'echo: the last one');
    expect((await echoes()).map(({ content }) => content).sort()).toEqual(
      [...contents, 'the last one'].map((content) => `echo: ${content}`).sort(),
    );
  });

  it('+15005550015 is delivered and read', async () => {
    const id = await send('+15005550015');
    expect(deliveredAfter(await messages.waitUntil(id, 'delivered'))).toBeLessThan(1_000);
    await until('the read receipt', async () => (await historyOf(id)).readAt);
    expect(await kindsOf(id)).toEqual(['accepted', 'handed_out', 'sent', 'delivered', 'read']);
    expect((await messages.get(id)).status).toBe('delivered');
  });

  it('+15005550016 is sent as SMS and delivered', async () => {
    const id = await send('+15005550016');
    await messages.waitUntil(id, 'delivered');
    expect((await historyOf(id)).service).toBe('sms');
  });

  it.each([
    ['+15005550020', 'not_on_imessage'],
    ['+15005550021', 'recipient_unreachable'],
    ['+15005550022', 'device_error'],
  ])('%s fails with %s', async (to, code) => {
    const id = await send(to);
    const message = await messages.waitUntil(id, 'failed', { timeoutMs: 3_000 });
    expect(message.error_code).toBe(code);
    expect(message.error_message).toMatch(/^\S.{10,}/);
    expect(message.delivered_at).toBeNull();
    expect(await kindsOf(id)).toEqual(['accepted', 'handed_out', 'failed']);
  });

  it('+15005550023 stays queued for 30 s, then it is delivered', async () => {
    const from = '+15005550123';
    const id = await send('+15005550023', { from });
    // Other messages of the number are not delayed.
    await messages.waitUntil(await send('+15005550010', { from }), 'delivered');
    const seen = new Set<string>();
    const message = await until(
      `${id} to be delivered`,
      async () => {
        const current = await messages.get(id);
        if (Date.now() - Date.parse(current.created_at) < 29_000) seen.add(current.status);
        return current.status === 'delivered' && current;
      },
      45_000,
    );
    expect([...seen]).toEqual(['queued']);
    expect(deliveredAfter(message)).toBeGreaterThanOrEqual(30_000);
    expect(deliveredAfter(message)).toBeLessThan(35_000);
    expect(await kindsOf(id)).toEqual(['accepted', 'handed_out', 'sent', 'delivered']);
  });
});

describe.concurrent('the sender of a sandbox message', () => {
  it.each(['+15005550007', '+14155551234', '+4915112345678'])('can be %s', async (from) => {
    const id = await send('+15005550010', { from });
    expect(await messages.waitUntil(id, 'delivered')).toMatchObject({ from });
  });

  it('is +15005550006 by default', async () => {
    for (const body of [{ from: undefined }, { from: null }]) {
      const id = await send('+15005550010', body);
      expect(await messages.waitUntil(id, 'delivered')).toMatchObject({ from: '+15005550006' });
    }
  });

  it.each([
    ['+15005550031', 'is currently paused'],
    ['+15005550032', 'is not registered or verified for this team'],
  ])('%s returns an error: %s', async (from, sentence) => {
    const response = await client.post('/v1/messages/send', { to: '+15005550010', from, content: 'Hi' });
    expectError(response, 400, 'invalid_request', 'from');
    expect(response.body.error.message).toContain(sentence);
    expect((await messages.list({ from })).messages).toEqual([]);
  });

  it.each(['+1', '+999', '+1415555', '5005550006', '+00000000000'])(
    'cannot be the invalid number %s',
    async (from) => {
      const response = await client.post('/v1/messages/send', { to: '+15005550010', from, content: 'Hi' });
      expectError(response, 400, 'invalid_request', 'from');
    },
  );
});

describe.concurrent('the sandbox', () => {
  it('sends messages that were queued while the broker was stopped', async () => {
    const stopped = await startHoming();
    try {
      await stopped.stop();
      const sent = await stopped.cli('send', '+15005550014', 'Hi', '--environment', 'test', '--json');
      expect(sent.json).toMatchObject([{ status: 'queued' }]);
      await stopped.restart();
      const sandbox = createHoming({ url: stopped.url, key: stopped.testKey });
      const both = await until('the message and its echo', async () => {
        const listed = (await sandbox.messages.list()).messages;
        return listed.length === 2 && listed;
      });
      expect(both).toMatchObject([{ content: 'echo: Hi' }, { content: 'Hi', status: 'delivered' }]);
    } finally {
      await stopped.dispose();
    }
  });

  it('delivers dispatched messages after a crash of the broker', async () => {
    const crashing = await startHoming();
    try {
      const sandbox = createHoming({ url: crashing.url, key: crashing.testKey });
      const sending = { to: '+15005550010', content: 'Hi' };
      const sent = await Promise.all(Array.from({ length: 20 }, () => sandbox.messages.send(sending)));
      await crashing.kill();
      await crashing.restart();
      await Promise.all(sent.map(({ id }) => sandbox.messages.waitUntil(id, 'delivered')));
    } finally {
      await crashing.dispose();
    }
  });

  it('is separate for each account', async () => {
    await createAccount(homing, 'neighbour');
    const { key } = await createClient(homing, { account: 'neighbour' });
    const neighbour = createHoming({ url: homing.url, key }).messages;
    const from = '+15005550116';
    await send('+15005550014', { from, content: 'mine' });
    await neighbour.send({ to: '+15005550014', from, content: 'theirs' });
    const found = await until('the echo', async () => {
      const listed = (await neighbour.list()).messages;
      return listed.length === 2 && listed;
    });
    expect(found.map(({ content }) => content)).toEqual(['echo: theirs', 'theirs']);
  });
});
