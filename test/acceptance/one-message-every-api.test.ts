/** One message, sent by one API, is the same message in the others, each in its own words. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type AllApis, startAllApis } from '../support/all-apis.ts';
import { until } from '../support/until.ts';

let all: AllApis;
let key: string;
beforeAll(async () => {
  all = await startAllApis();
  await all.newAccount('acme');
  key = await all.newKey('acme', 'test');
});
afterAll(() => all?.stop());

const TO = '+15005550014';
const call = (method: string, path: string, body?: unknown) => all.call(key, method, path, body);

it('is sent by TextUs, read by Inkbox, its status by Textree, listed by Texting Blue', async () => {
  const sent = await call('POST', '/acme/messages', { to: TO, body: 'Hello from TextUs' });
  expect(sent.status, sent.text).toBe(201);
  const id = sent.body.id.split('/').at(-1);

  const status = await until('it to be delivered', async () => {
    const { body } = await call('GET', `/api/v1/messages/msg_${id}`);
    return body.message.status === 'delivered' && body.message;
  });
  expect(status).toMatchObject({ phone_number: TO, segments: 1, cost_cents: 0 });

  const { body: numbers } = await call('GET', '/api/v1/phone/numbers');
  const [number] = numbers;
  await until('the echo', async () => {
    const { body } = await call('GET', `/numbers/${number.id}/texts/conversations/${encodeURIComponent(TO)}`);
    return body.length === 2;
  });
  const { body: texts } = await call(
    'GET',
    `/numbers/${number.id}/texts/conversations/${encodeURIComponent(TO)}`,
  );
  expect(texts.map(({ text, direction }: { text: string; direction: string }) => [direction, text])).toEqual([
    ['inbound', 'echo: Hello from TextUs'],
    ['outbound', 'Hello from TextUs'],
  ]);
  expect(texts[1].delivery_status).toBe('delivered');

  const { body: listed } = await call('GET', '/v1/messages');
  expect(listed.messages.map(({ id: shown }: { id: string }) => shown)).toContain(`msg_${id}`);
  const { body: conversation } = await call('GET', sent.body.conversation);
  expect(conversation.id).toBe(sent.body.conversation);
  const { body: found } = await call('GET', `/numbers/${number.id}/texts/search?q=textus`);
  expect(found).toHaveLength(2);
});

it('is marked and deleted by Inkbox for TextUs too, and its status can still be asked for', async () => {
  const { body: sent } = await call('POST', '/v1/messages/send', {
    to: '+15005550010',
    content: 'short-lived',
  });
  const id = sent.id.slice(4);
  const { body: numbers } = await call('GET', '/numbers');
  const { body: texts } = await call('GET', `/numbers/${numbers[0].id}/texts`);
  const shown = texts.find(({ text }: { text: string }) => text === 'short-lived');
  const path = `/numbers/${numbers[0].id}/texts/${shown.id}`;
  expect((await call('PATCH', path, { status: 'deleted' })).status).toBe(200);
  expect((await call('GET', path)).status).toBe(404);
  expect((await call('GET', `/messages/${id}`)).status).toBe(404);
  expect((await call('GET', `/api/v1/messages/msg_${id}`)).status).toBe(200);
  expect((await call('GET', `/v1/messages/msg_${id}`)).status).toBe(200);
});

it('is refused by every API once its recipient has opted out', async () => {
  const { body: contact } = await call('POST', '/api/v1/contacts', { phone_number: '+15005550015' });
  const out = await call('PATCH', `/api/v1/contacts/${contact.contact?.id ?? contact.id}`, {
    opted_out: true,
  });
  expect(out.status, out.text).toBe(200);
  const { body: numbers } = await call('GET', '/numbers');
  const to = '+15005550015';
  const refusals = [
    await call('POST', '/v1/messages/send', { to, content: 'x' }),
    await call('POST', '/api/v1/messages', { phone_number: to, body: 'x' }),
    await call('POST', `/numbers/${numbers[0].id}/texts`, { to, text: 'x' }),
    await call('POST', '/acme/messages', { to, body: 'x' }),
  ];
  expect(refusals.map(({ status }) => status)).toEqual([403, 403, 403, 422]);
});
