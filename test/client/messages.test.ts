/** What programs do with messages every day, by the client, against the real program. */
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

/** A client with an account of its own. */
async function stranger(account: string): Promise<Homing> {
  await createAccount(homing, account);
  const { key } = await createClient(homing, { account });
  return createHoming({ url: homing.url, key });
}

const TO = '+15005550010';

describe('a message', () => {
  it('is sent, and got by its id', async () => {
    const sent = await sandbox.messages.send({ to: TO, content: 'Hällo 👋' });
    expect(sent).toMatchObject({ status: 'queued', to: TO, content: 'Hällo 👋' });
    expect(await sandbox.messages.get(sent.id)).toMatchObject({
      id: sent.id,
      direction: 'outbound',
      content: 'Hällo 👋',
      error_code: null,
    });
  });

  it('is sent once by two calls with the same idempotency key, and twice without', async () => {
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

  it('is looked at before it is sent, without being sent', async () => {
    const { messages } = await stranger('previewer');
    const preview = await messages.preview({ to: TO, content: 'Hi', send_at: '2027-01-01T09:00:00Z' });
    expect(preview).toMatchObject({ dry_run: true, segments: 1, waiting: { reason: 'scheduled' } });
    expect((await messages.list()).messages).toEqual([]);
    const refused = messages.preview({ to: 'nobody', content: 'Hi' });
    await expect(refused).rejects.toMatchObject({ code: 'invalid_request', param: 'to' });
  });

  it('is cancelled while it waits', async () => {
    const { id } = await sandbox.messages.send({ to: '+15005550023', content: 'never mind' });
    expect(await sandbox.messages.cancel(id)).toMatchObject({ id, status: 'failed' });
  });
});

describe('a list', () => {
  it('is given page by page, and whole, with a filter or without', async () => {
    const { messages } = await stranger('lister');
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

  it('asks for no page that nobody wants', async () => {
    const { messages } = await stranger('idler');
    for (const content of ['a', 'b', 'c']) await messages.send({ to: TO, content });
    const asked: string[] = [];
    const { key } = await createClient(homing, { account: 'idler' });
    const watched = createHoming({
      url: homing.url,
      key,
      fetch: (request, init) => {
        asked.push(request.url);
        return fetch(request, init);
      },
    });
    for await (const { content } of watched.messages.all({ limit: 1 })) if (content === 'b') break;
    expect(asked).toHaveLength(2);
  });
});

describe('waiting', () => {
  it('ends when the message is delivered', async () => {
    const { id } = await sandbox.messages.send({ to: TO, content: 'wait' });
    expect(await sandbox.messages.waitUntil(id, 'delivered')).toMatchObject({
      id,
      status: 'delivered',
      delivered_at: expect.stringMatching(/Z$/),
    });
  });

  it('ends at once for a status that is past', async () => {
    const { id } = await sandbox.messages.send({ to: TO, content: 'past' });
    await sandbox.messages.waitUntil(id, 'delivered');
    expect(await sandbox.messages.waitUntil(id, ['sent', 'failed'])).toMatchObject({ status: 'delivered' });
  });

  it('fails with the message, unless that is what was waited for', async () => {
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

  it('ends when its time is over, and says how far the message came', async () => {
    const { id } = await sandbox.messages.send({ to: '+15005550011', content: 'never delivered' });
    await sandbox.messages.waitUntil(id, 'sent');
    await expect(sandbox.messages.waitUntil(id, 'delivered', { timeoutMs: 300 })).rejects.toMatchObject({
      code: 'timed_out',
      message: `Message ${id} is not delivered after 0.3 s, but sent.`,
    });
  });

  it('ends when it is told to', async () => {
    const { id } = await sandbox.messages.send({ to: '+15005550011', content: 'never delivered' });
    const controller = new AbortController();
    const waiting = sandbox.messages.waitUntil(id, 'delivered', { signal: controller.signal });
    const enough = new Error('seen enough');
    controller.abort(enough);
    await expect(waiting).rejects.toBe(enough);
    await expect(sandbox.messages.waitUntil(id, 'delivered', { signal: controller.signal })).rejects.toBe(
      enough,
    );
  });
});

describe('the other APIs', () => {
  it('are called by path, with the same key', async () => {
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

  it('give nothing where the answer has no body', async () => {
    const made = await sandbox.unwrap(
      sandbox.POST('/api/v1/contacts', { body: { phone_number: '+14155550123', name: 'Ada' } }),
    );
    const { id } = made.contact;
    const gone = sandbox.DELETE('/api/v1/contacts/{id}', { params: { path: { id } } });
    expect(await sandbox.unwrap(gone)).toBeUndefined();
  });
});
