/** Tests the tools for groups, reactions, replies, edits and unsending with the recipients of the sandbox. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RunningBroker } from '../../support/homing-process.ts';
import { createAccount } from '../../support/http-client.ts';
import { startInProcess } from '../../support/in-process-broker.ts';
import { type Assistant, auditLogOf, connectAssistant } from '../../support/mcp-client.ts';
import { ROOMY, writePlans } from '../../support/plans-file.ts';
import { textreeClient } from '../../support/textree-client.ts';
import { until } from '../../support/until.ts';

const OWN = '+15005550006';
const TO = '+15005550010';
const TIME = expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/);
const REACTS = '+15005550040';
const REPLIES = '+15005550041';
const RENAMES = '+15005550046';

interface DetailMessage {
  id: string;
  direction: string;
  status: string;
  body: string;
  reactions: { reaction: string; sender: string }[];
  edits: { body: string }[];
  unsent_at: string | null;
  reply_to: { message_id: string } | null;
}

let homing: RunningBroker;
let assistant: Assistant;
beforeAll(async () => {
  homing = await startInProcess({ HOMING_PLANS_FILE: writePlans({ roomy: ROOMY }) });
  await createAccount(homing, 'rich', 'roomy');
  assistant = await connectAssistant(homing, { account: 'rich' });
});
afterAll(async () => {
  await assistant?.client.close();
  expect(homing.log()).not.toMatch(/"level":"(error|fatal)"/);
  await homing?.dispose();
});

const send = async (params: object = { phone_number: TO }) =>
  (await assistant.result('messages.send', { body: 'Hi', ...params })).message;
const delivered = async (params?: object) => {
  const { id } = await send(params);
  return until(`${id} to be delivered`, async () => {
    const { message } = await assistant.result('messages.get', { id });
    return message.status === 'delivered' ? message : undefined;
  });
};
/** The message in `conversations.get` as soon as `isDone` is true. */
const shown = (conversation: string, isDone: (message: DetailMessage) => boolean): Promise<DetailMessage> =>
  until('the message in the conversation', async () => {
    const { messages } = await assistant.result('conversations.get', { conversation_id: conversation });
    return messages.find(isDone);
  });

describe('messages.react', () => {
  it('adds a reaction, replaces it and removes it', async () => {
    const message = await delivered();
    const { id, conversation_id } = message;
    const react = (params: object) => assistant.result('messages.react', { message_id: id, ...params });
    expect(await react({ reaction: 'like' })).toEqual({
      action: {
        ...{ id: expect.stringMatching(/^act_/), kind: 'react', message_id: id, value: 'like' },
        ...{ status: 'queued', created_at: TIME },
      },
    });
    await react({ reaction: '🎉' });
    const found = await shown(conversation_id, (one) => one.reactions[0]?.reaction === '🎉');
    expect(found.reactions).toEqual([{ reaction: '🎉', sender: OWN, part: 0, at: TIME }]);
    expect(await react({ reaction: '🎉', remove: true })).toMatchObject({ action: { kind: 'unreact' } });
    await shown(conversation_id, (one) => one.id === id && one.reactions.length === 0);
  });

  it('removes a reaction that is not sent yet by cancelling it', async () => {
    // The message to this number is queued for 30 s, and its reaction behind it.
    const { id } = await send({ phone_number: '+15005550023' });
    await assistant.result('messages.react', { message_id: id, reaction: 'love' });
    const { action } = await assistant.result('messages.react', {
      ...{ message_id: id, reaction: 'love', remove: true },
    });
    expect(action).toMatchObject({ kind: 'react', status: 'failed' });
  });

  it('returns conflict if the account has no such reaction', async () => {
    const { id } = await delivered();
    const params = { message_id: id, reaction: 'love', remove: true };
    const error = await assistant.error('messages.react', params);
    expect([error.code, error.message]).toEqual([
      ...['conflict', "Your number has no reaction 'love' on part 0 of this message."],
    ]);
    expect((await assistant.rest('messages.react', params)).status).toBe(409);
  });
});

describe('messages.edit and messages.unsend', () => {
  it('change a sent message, and conversations.get shows the earlier texts', async () => {
    const { id, conversation_id } = await delivered();
    const edited = await assistant.result('messages.edit', { message_id: id, body: 'Hello' });
    expect(edited.action).toMatchObject({ kind: 'edit', value: 'Hello', status: 'queued' });
    const message = await shown(conversation_id, (one) => one.id === id && one.edits.length > 0);
    expect([message.body, message.edits.map(({ body }) => body)]).toEqual(['Hello', ['Hi', 'Hello']]);
    await assistant.result('messages.unsend', { message_id: id });
    const unsent = await shown(conversation_id, (one) => one.id === id && one.unsent_at !== null);
    expect(unsent.body).toBe('');
    const error = await assistant.error('messages.edit', { message_id: id, body: 'Again' });
    expect([error.code, error.message]).toEqual(['conflict', 'The message was unsent.']);
  });

  it('reject inbound and unsent messages', async () => {
    const { conversation_id } = await delivered({ phone_number: '+15005550014' });
    const { id } = await shown(conversation_id, ({ direction }) => direction === 'inbound');
    for (const [name, params] of [
      ['messages.edit', { body: 'Hi' }],
      ['messages.unsend', {}],
    ] as const) {
      expect((await assistant.error(name, { message_id: id, ...params })).code).toBe('conflict');
    }
  });
});

describe('messages.send', () => {
  it('sends a reply with an effect, a subject and several files', async () => {
    const first = await delivered();
    const media_urls = ['https://example.com/a.png', 'https://example.com/b.png'];
    const { id, conversation_id } = await delivered({
      ...{ phone_number: TO, reply_to: first.id, effect: 'confetti', subject: 'News', media_urls },
    });
    const message = await shown(conversation_id, (one) => one.id === id);
    expect(message).toMatchObject({
      ...{ reply_to: { message_id: first.id, part: 0 }, effect: 'confetti', subject: 'News' },
      attachments: [{ name: 'a.png' }, { name: 'b.png' }],
    });
  });

  it('sends once for one idempotency_key to a group, and rejects numbers outside the sandbox', async () => {
    const group = { participants: [TO, REACTS], body: 'Once', idempotency_key: 'group-once' };
    const first = await assistant.result('messages.send', group);
    const second = await assistant.result('messages.send', group);
    expect([second.message.id, second.is_repeat]).toEqual([first.message.id, true]);
    expect(first.message).toMatchObject({ phone_number: null, from: OWN });
    const outside = { participants: [TO, '+14155550100'], body: 'Hi' };
    expect((await assistant.error('messages.send', outside)).code).toBe('recipient_not_verified');
    expect((await assistant.error('groups.create', { participants: outside.participants })).code).toBe(
      'recipient_not_verified',
    );
  });
});

describe('groups.create and conversations.get', () => {
  it('create a group and show everything in it', async () => {
    const contact = { phone_number: REACTS, name: 'Ada' };
    expect((await textreeClient(homing.url, assistant.key).post('/contacts', contact)).status).toBe(201);
    const participants = [REACTS, REPLIES, RENAMES];
    const { conversation } = await assistant.result('groups.create', { participants, name: 'Friday' });
    const created = {
      ...{ id: conversation.id, phone_number: null, name: 'Friday', is_group: true, participants },
      ...{ unread_count: 0, total_count: 0, from: OWN, latest: null },
    };
    expect(conversation).toEqual(created);
    expect(await assistant.result('conversations.get', { conversation_id: conversation.id })).toEqual({
      ...{ conversation: created, names: { [REACTS]: 'Ada' }, messages: [] },
      changes: [{ kind: 'created', actor: OWN, value: 'Friday', at: TIME }],
      ...{ cursor: null, has_more: false },
    });
    const { id } = await send({ conversation_id: conversation.id });
    const all = await until('the reactions of the participants', async () => {
      const found = await assistant.result('conversations.get', { conversation_id: conversation.id });
      const own = found.messages.find((one: DetailMessage) => one.id === id);
      const reply = found.messages.find((one: DetailMessage) => one.direction === 'inbound');
      return own?.reactions.length && reply && found.changes.length > 1
        ? { ...found, own, reply }
        : undefined;
    });
    expect(all.conversation).toMatchObject({
      name: `Renamed by ${RENAMES}`,
      total_count: 2,
      unread_count: 1,
    });
    expect(all.own).toMatchObject({
      ...{ phone_number: null, sender: OWN, body: 'Hi' },
      reactions: [{ reaction: 'love', sender: REACTS, part: 0, at: TIME }],
    });
    expect(all.reply).toEqual({
      ...{ id: expect.stringMatching(/^msg_/), direction: 'inbound', phone_number: REPLIES },
      ...{ body: 'answer to: Hi', attachments: [], status: 'received', error_code: null },
      ...{ is_unread: true, is_late: false, at: TIME, sender: REPLIES },
      ...{ reply_to: { message_id: id, part: 0 }, effect: null, subject: null },
      ...{ reactions: [], edits: [], unsent_at: null, read_at: null },
    });
    expect(all.changes[0]).toEqual({
      ...{ kind: 'named', actor: RENAMES, value: `Renamed by ${RENAMES}`, at: TIME },
    });
    const listed = await assistant.result('conversations.list', {});
    expect(listed.conversations[0]).toMatchObject({ name: `Renamed by ${RENAMES}`, is_group: true });
  });

  it('record each call in the audit log', async () => {
    const entries = await auditLogOf(homing, { account: 'rich' });
    const tools = new Set(entries.map(({ tool }) => tool));
    for (const name of ['messages.react', 'messages.edit', 'messages.unsend', 'groups.create']) {
      expect(tools).toContain(name);
    }
  });
});
