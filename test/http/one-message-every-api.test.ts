/** Tests that one message is visible in all APIs, each in its own format. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createHoming, type Homing } from '../../client/src/index.ts';
import { type AllApis, startAllApis } from '../support/all-apis.ts';
import { until } from '../support/until.ts';

let all: AllApis;
let key: string;
let client: Homing;
/** Inkbox id of the only number. */
let id: string;
beforeAll(async () => {
  all = await startAllApis();
  await all.newAccount('acme');
  key = await all.newKey('acme', 'test');
  client = createHoming({ url: all.url, key });
  const [number] = await client.unwrap(client.GET('/api/v1/phone/numbers'));
  id = number!.id;
});
afterAll(() => all?.stop());

const TO = '+15005550014';
const account = 'acme';
/** Uses the paths without a prefix, which the OpenAPI document and the typed client do not contain. */
const inkbox = (method: string, path: string, body?: unknown) =>
  all.call(key, method, `/numbers/${id}/texts${path}`, body);

it('a message sent with TextUs is returned by Inkbox, Textree and Texting Blue', async () => {
  const { data: sent, response } = await client.POST('/{account}/messages', {
    params: { path: { account } },
    body: { to: TO, body: 'Hello from TextUs' },
  });
  expect(response.status).toBe(201);
  const message = `msg_${sent!.id.split('/').at(-1)}`;
  await client.messages.waitUntil(message, 'delivered');

  const params = { path: { id: message } };
  const textree = await client.unwrap(client.GET('/api/v1/messages/{id}', { params }));
  expect(textree.message).toMatchObject({
    status: 'delivered',
    phone_number: TO,
    segments: 1,
    cost_cents: 0,
  });

  const path = { id, remote_number: TO };
  const texts = await until('the echo', async () => {
    const conversation = client.GET('/api/v1/phone/numbers/{id}/texts/conversations/{remote_number}', {
      params: { path },
    });
    const both = await client.unwrap(conversation);
    return both.length === 2 && both;
  });
  expect(texts.map(({ text, direction }) => [direction, text])).toEqual([
    ['inbound', 'echo: Hello from TextUs'],
    ['outbound', 'Hello from TextUs'],
  ]);
  expect(texts[1]!.delivery_status).toBe('delivered');

  const { messages } = await client.messages.list();
  expect(messages.map((listed) => listed.id)).toContain(message);
  const { body: conversation } = await all.call(key, 'GET', sent!.conversation);
  expect(conversation.id).toBe(sent!.conversation);
  const { body: found } = await inkbox('GET', '/search?q=textus');
  expect(found).toHaveLength(2);
});

it('a message deleted with Inkbox is hidden in TextUs, and its status stays readable', async () => {
  const sent = await client.messages.send({ to: '+15005550010', content: 'short-lived' });
  const { body: texts } = await inkbox('GET', '');
  const shown = texts.find(({ text }: { text: string }) => text === 'short-lived');
  expect((await inkbox('PATCH', `/${shown.id}`, { status: 'deleted' })).status).toBe(200);
  expect((await inkbox('GET', `/${shown.id}`)).status).toBe(404);
  const textus = await client.GET('/messages/{id}', { params: { path: { id: sent.id.slice(4) } } });
  expect(textus.response.status).toBe(404);
  const params = { path: { id: sent.id } };
  expect((await client.GET('/api/v1/messages/{id}', { params })).response.status).toBe(200);
  expect((await client.GET('/v1/messages/{id}', { params })).response.status).toBe(200);
});

it('every API rejects a message to a suppressed recipient', async () => {
  const to = '+15005550015';
  const created = client.POST('/api/v1/contacts', { body: { phone_number: to } });
  const { contact } = await client.unwrap(created);
  const params = { path: { id: contact.id } };
  await client.unwrap(client.PATCH('/api/v1/contacts/{id}', { params, body: { opted_out: true } }));
  const responses = await Promise.all([
    client.POST('/v1/messages/send', { body: { to, content: 'x' } }),
    client.POST('/api/v1/messages', { body: { phone_number: to, body: 'x' } }),
    client.POST('/api/v1/phone/numbers/{id}/texts', { params: { path: { id } }, body: { to, text: 'x' } }),
    client.POST('/{account}/messages', { params: { path: { account } }, body: { to, body: 'x' } }),
  ]);
  expect(responses.map(({ response }) => response.status)).toEqual([403, 403, 403, 422]);
});
