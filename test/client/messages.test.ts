/** Tests the message methods of the client with the built broker. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createHoming, type Homing, type Message } from '../../client/src/index.ts';
import { type HomingProcess, startHoming } from '../support/homing-process.ts';
import { createAccount, createClient } from '../support/http-client.ts';

let homing: HomingProcess;
let sandbox: Homing;

beforeAll(async () => {
  homing = await startHoming();
  sandbox = createHoming({ url: homing.url, key: homing.testKey });
});
afterAll(() => homing?.dispose());

/** Creates a client of a new account. */
async function clientOfAccount(account: string): Promise<Homing> {
  await createAccount(homing, account);
  const { key } = await createClient(homing, { account });
  return createHoming({ url: homing.url, key });
}

const TO = '+15005550010';

describe('homing.messages', () => {
  it('send and get return the message', async () => {
    const sent = await sandbox.messages.send({ to: TO, content: 'Hällo 👋' });
    expect(sent).toMatchObject({ status: 'queued', to: TO, content: 'Hällo 👋' });
    expect(await sandbox.messages.get(sent.id)).toMatchObject({
      id: sent.id,
      direction: 'outbound',
      content: 'Hällo 👋',
      error_code: null,
    });
  });

  it('send creates one message for two calls with the same idempotency key, and two without a key', async () => {
    const message = { to: TO, content: 'once' };
    const [first, second] = await Promise.all([
      sandbox.messages.send(message, { idempotencyKey: 'order-1001' }),
      sandbox.messages.send(message, { idempotencyKey: 'order-1001' }),
    ]);
    expect(second).toEqual(first);
    const third = await sandbox.messages.send(message);
    const fourth = await sandbox.messages.send(message);
    expect(new Set([first.id, third.id, fourth.id]).size).toBe(3);
  });

  it('preview returns the result of a send without sending', async () => {
    const { messages } = await clientOfAccount('previewer');
    const preview = await messages.preview({ to: TO, content: 'Hi', send_at: '2027-01-01T09:00:00Z' });
    expect(preview).toMatchObject({ dry_run: true, segments: 1, waiting: { reason: 'scheduled' } });
    expect((await messages.list()).messages).toEqual([]);
    const rejected = messages.preview({ to: 'invalid', content: 'Hi' });
    await expect(rejected).rejects.toMatchObject({ code: 'invalid_request', param: 'to' });
  });

  it('cancel fails a queued message', async () => {
    const { id } = await sandbox.messages.send({ to: '+15005550023', content: 'never mind' });
    expect(await sandbox.messages.cancel(id)).toMatchObject({ id, status: 'failed' });
  });
});

describe('homing.messages.list and all', () => {
  it('list returns one page, and all iterates over every page, with and without a filter', async () => {
    const { messages } = await clientOfAccount('lister');
    const sent: string[] = [];
    for (let count = 0; count < 7; count++) {
      sent.push((await messages.send({ to: TO, content: `${count}` })).id);
    }
    const newestFirst = sent.toReversed();
    const page = await messages.list({ limit: 3 });
    expect(page.messages.map(({ id }) => id)).toEqual(newestFirst.slice(0, 3));
    expect(page).toMatchObject({ has_more: true, cursor: newestFirst[2] });

    const all: Message[] = [];
    for await (const message of messages.all({ limit: 3 })) all.push(message);
    expect(all.map(({ id }) => id)).toEqual(newestFirst);

    const inbound: Message[] = [];
    for await (const message of messages.all({ direction: 'inbound', to: TO })) inbound.push(message);
    expect(inbound).toEqual([]);
  });

  it('all requests no page after the caller leaves the loop', async () => {
    const { messages } = await clientOfAccount('idler');
    for (const content of ['a', 'b', 'c']) await messages.send({ to: TO, content });
    const requested: string[] = [];
    const { key } = await createClient(homing, { account: 'idler' });
    const watched = createHoming({
      url: homing.url,
      key,
      fetch: (request, init) => {
        requested.push(request.url);
        return fetch(request, init);
      },
    });
    for await (const { content } of watched.messages.all({ limit: 1 })) if (content === 'b') break;
    expect(requested).toHaveLength(2);
  });
});

describe('homing.messages.waitUntil', () => {
  it('waitUntil resolves when the message is delivered', async () => {
    const { id } = await sandbox.messages.send({ to: TO, content: 'wait' });
    expect(await sandbox.messages.waitUntil(id, 'delivered')).toMatchObject({
      id,
      status: 'delivered',
      delivered_at: expect.stringMatching(/Z$/),
    });
  });

  it('waitUntil resolves immediately for a status that the message has passed', async () => {
    const { id } = await sandbox.messages.send({ to: TO, content: 'past' });
    await sandbox.messages.waitUntil(id, 'delivered');
    expect(await sandbox.messages.waitUntil(id, ['sent', 'failed'])).toMatchObject({ status: 'delivered' });
  });

  it('waitUntil throws message_failed unless the status failed is awaited', async () => {
    const { id } = await sandbox.messages.send({ to: '+15005550020', content: 'no' });
    await expect(sandbox.messages.waitUntil(id, 'sent')).rejects.toMatchObject({
      name: 'HomingApiError',
      code: 'message_failed',
      status: 0,
      message: expect.stringMatching(/failed: .+ \(not_on_imessage\)/),
    });
    expect(await sandbox.messages.waitUntil(id, ['delivered', 'failed'])).toMatchObject({
      error_code: 'not_on_imessage',
    });
  });

  it('waitUntil throws timed_out with the last status after the timeout', async () => {
    const { id } = await sandbox.messages.send({ to: '+15005550011', content: 'never delivered' });
    await sandbox.messages.waitUntil(id, 'sent');
    await expect(sandbox.messages.waitUntil(id, 'delivered', { timeoutMs: 300 })).rejects.toMatchObject({
      code: 'timed_out',
      message: `Message ${id} is not delivered after 0.3 s; its status is sent.`,
    });
  });

  it('waitUntil rejects with the reason of an aborted signal', async () => {
    const { id } = await sandbox.messages.send({ to: '+15005550011', content: 'never delivered' });
    const controller = new AbortController();
    const waiting = sandbox.messages.waitUntil(id, 'delivered', { signal: controller.signal });
    const reason = new Error('no longer needed');
    controller.abort(reason);
    await expect(waiting).rejects.toBe(reason);
    await expect(sandbox.messages.waitUntil(id, 'delivered', { signal: controller.signal })).rejects.toBe(
      reason,
    );
  });
});

describe('a request by path', () => {
  it('requests by path reach every API with the same key', async () => {
    const { id } = await sandbox.messages.send({ to: TO, content: 'seen by all' });
    const { message } = await sandbox.unwrap(
      sandbox.GET('/api/v1/messages/{id}', { params: { path: { id } } }),
    );
    expect(message).toMatchObject({ id, phone_number: TO, segments: 1 });

    const [number] = await sandbox.unwrap(sandbox.GET('/api/v1/phone/numbers'));
    const texts = await sandbox.unwrap(
      sandbox.GET('/api/v1/phone/numbers/{id}/texts', {
        params: { path: { id: number!.id }, query: { limit: 1 } },
      }),
    );
    expect(texts).toHaveLength(1);

    const { data, response } = await sandbox.GET('/{account}/conversations', {
      params: { path: { account: 'default' } },
    });
    expect(response.status).toBe(200);
    expect(data).toMatchObject({ members: expect.any(Array) });
  });

  it('unwrap returns undefined for a response without a body', async () => {
    const made = await sandbox.unwrap(
      sandbox.POST('/api/v1/contacts', { body: { phone_number: '+14155550123', name: 'Ada' } }),
    );
    const { id } = made.contact;
    const deleted = sandbox.DELETE('/api/v1/contacts/{id}', { params: { path: { id } } });
    expect(await sandbox.unwrap(deleted)).toBeUndefined();
  });
});
