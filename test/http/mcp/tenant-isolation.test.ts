/** Tools with another account's ids and numbers, and with those of the other environment: as if there were nothing. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { RunningBroker } from '../../support/homing-process.ts';
import { createAccount } from '../../support/http-client.ts';
import { startInProcess } from '../../support/in-process-broker.ts';
import { type Assistant, connectAssistant } from '../../support/mcp-client.ts';
import { textreeClient } from '../../support/textree-client.ts';
import { until } from '../../support/until.ts';

const ECHO = '+15005550014';
const MARK = 'only-of-alpha';

let homing: RunningBroker;
let alpha: Assistant;
let strangers: Assistant[];
const ids = { message: '', conversation: '', cursor: '' };
beforeAll(async () => {
  homing = await startInProcess();
  await createAccount(homing, 'alpha');
  await createAccount(homing, 'beta');
  alpha = await connectAssistant(homing, { account: 'alpha' });
  strangers = [
    await connectAssistant(homing, { account: 'beta' }),
    await connectAssistant(homing, { account: 'alpha', environment: 'live' }),
  ];
  const sent = await alpha.given('messages.send', { phone_number: ECHO, body: MARK });
  const contact = { phone_number: ECHO, name: MARK, opted_out: false };
  expect((await textreeClient(homing.url, alpha.key).post('/contacts', contact)).status).toBe(201);
  const read = await until('the echo', async () => {
    const found = await alpha.given('conversations.read', { phone_number: ECHO, limit: 1 });
    return found.has_more ? found : undefined;
  });
  Object.assign(ids, {
    message: sent.message.id,
    conversation: read.conversation.id,
    cursor: read.cursor,
  });
});
afterAll(async () => {
  for (const { client } of [alpha, ...(strangers ?? [])]) await client?.close();
  await homing?.dispose();
});

it('finds no message and no conversation by an id', async () => {
  for (const stranger of strangers) {
    for (const [name, params] of [
      ['messages.get', { id: ids.message }],
      ['conversations.read', { conversation_id: ids.conversation }],
      ['conversations.read', { phone_number: ECHO }],
    ] as const) {
      const { status, text } = await stranger.rest(name, params);
      expect([status, text.includes(MARK)], `${name} ${text}`).toEqual([404, false]);
      expect((await stranger.refused(name, params)).code).toBe('not_found');
    }
  }
});

it('lists and looks up nothing', async () => {
  for (const stranger of strangers) {
    expect(await stranger.given('contacts.lookup', { phone_number: ECHO })).toEqual({ contacts: [] });
    expect(await stranger.given('contacts.lookup', { name: MARK })).toEqual({ contacts: [] });
    for (const params of [{}, { cursor: ids.cursor }]) {
      const { conversations } = await stranger.given('conversations.list', params);
      expect(conversations).toEqual([]);
    }
  }
});

it('does not stop a stranger from writing to whom another account has opted out', async () => {
  const [beta] = strangers;
  const client = textreeClient(homing.url, alpha.key);
  const [contact] = (await client.get('/contacts')).body.contacts;
  await client.patch(`/contacts/${contact.id}`, { opted_out: true });
  const preview = { phone_number: ECHO, body: 'Hi' };
  expect((await alpha.given('messages.preview', preview)).opted_out).toBe(true);
  expect((await beta!.given('messages.preview', preview)).opted_out).toBe(false);
});
