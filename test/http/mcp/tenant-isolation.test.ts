/** Tests tools with the ids and numbers of another account or environment: they find nothing. */
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
let others: Assistant[];
const ids = { message: '', conversation: '', cursor: '' };
beforeAll(async () => {
  homing = await startInProcess();
  await createAccount(homing, 'alpha');
  await createAccount(homing, 'beta');
  alpha = await connectAssistant(homing, { account: 'alpha' });
  others = [
    await connectAssistant(homing, { account: 'beta' }),
    await connectAssistant(homing, { account: 'alpha', environment: 'live' }),
  ];
  const sent = await alpha.result('messages.send', { phone_number: ECHO, body: MARK });
  const contact = { phone_number: ECHO, name: MARK, opted_out: false };
  expect((await textreeClient(homing.url, alpha.key).post('/contacts', contact)).status).toBe(201);
  const read = await until('the echo', async () => {
    const found = await alpha.result('conversations.read', { phone_number: ECHO, limit: 1 });
    return found.has_more ? found : undefined;
  });
  Object.assign(ids, {
    message: sent.message.id,
    conversation: read.conversation.id,
    cursor: read.cursor,
  });
});
afterAll(async () => {
  for (const { client } of [alpha, ...(others ?? [])]) await client?.close();
  await homing?.dispose();
});

it('tools return not_found for the messages and conversations of another tenant', async () => {
  for (const other of others) {
    for (const [name, params] of [
      ['messages.get', { id: ids.message }],
      ['conversations.read', { conversation_id: ids.conversation }],
      ['conversations.read', { phone_number: ECHO }],
      ['conversations.get', { conversation_id: ids.conversation }],
      ['conversations.get', { phone_number: ECHO }],
      ['messages.react', { message_id: ids.message, reaction: 'love' }],
      ['messages.react', { message_id: ids.message, reaction: 'love', remove: true }],
      ['messages.edit', { message_id: ids.message, body: 'Hi' }],
      ['messages.unsend', { message_id: ids.message }],
    ] as const) {
      const { status, text } = await other.rest(name, params);
      expect([status, text.includes(MARK)], `${name} ${text}`).toEqual([404, false]);
      expect((await other.error(name, params)).code).toBe('not_found');
    }
  }
});

it('messages.send rejects the conversation and the message of another tenant', async () => {
  for (const other of others) {
    for (const [params, field] of [
      [{ conversation_id: ids.conversation, body: 'Hi' }, 'conversation_id'],
      [{ phone_number: ECHO, body: 'Hi', reply_to: ids.message }, 'reply_to'],
    ] as const) {
      const error = await other.error('messages.send', params);
      expect([error.code, error.message.includes(MARK)]).toEqual(['invalid_request', false]);
      // The live account has no number, so its sends fail before the reply is read.
      expect(error.message).toMatch(new RegExp(`'${field}'|no number`));
    }
  }
});

it('tools list no conversations and contacts of another tenant', async () => {
  for (const other of others) {
    expect(await other.result('contacts.lookup', { phone_number: ECHO })).toEqual({ contacts: [] });
    expect(await other.result('contacts.lookup', { name: MARK })).toEqual({ contacts: [] });
    for (const params of [{}, { cursor: ids.cursor }]) {
      const { conversations } = await other.result('conversations.list', params);
      expect(conversations).toEqual([]);
    }
  }
});

it('messages.preview ignores the opt-outs of another account', async () => {
  const [beta] = others;
  const client = textreeClient(homing.url, alpha.key);
  const [contact] = (await client.get('/contacts')).body.contacts;
  await client.patch(`/contacts/${contact.id}`, { opted_out: true });
  const preview = { phone_number: ECHO, body: 'Hi' };
  expect((await alpha.result('messages.preview', preview)).opted_out).toBe(true);
  expect((await beta!.result('messages.preview', preview)).opted_out).toBe(false);
});
