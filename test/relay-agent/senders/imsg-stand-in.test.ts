/** Compares the stand-in for imsg with the documentation of imsg (openclaw/imsg docs/rpc.md). */
import { randomUUID } from 'node:crypto';
import Database from 'better-sqlite3';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { connectImsg, type ImsgConnection } from '../../../relay-agent/senders/imsg-connection.ts';
import { ChatFile } from '../../support/fake-mac/chat-file.ts';
import { type ImsgSettings, installImsg } from '../../support/fake-mac/imsg.ts';
import { ANN } from '../../support/fake-mac/imsg-fixture.ts';

const CHAT = `iMessage;-;${ANN}`;
const GROUP = 'iMessage;+;chat123456';
const BRIDGE = { bridge: 'ready', chats: [CHAT] } as const;
const INVALID = { code: -32602, message: 'Invalid params' };
const BEFORE_DISPATCH = {
  code: -32603,
  message: 'Delivery failed before dispatch',
  data: { disposition: 'not_started', retry_safe: true },
};

async function connected(settings: Partial<ImsgSettings> = BRIDGE) {
  const imsg = installImsg(settings);
  const connection = await connectImsg(imsg.program, () => {});
  onTestFinished(() => {
    connection.end();
    imsg.remove();
  });
  const request = (method: string, parameters: Record<string, unknown>) =>
    connection.request({ method, parameters }, 30_000);
  return { ...imsg, request };
}

describe('the stand-in for imsg', () => {
  /** For rejected requests, which do not affect each other. */
  const imsg = installImsg(BRIDGE);
  let shared: ImsgConnection;
  beforeAll(async () => {
    shared = await connectImsg(imsg.program, () => {});
  });
  afterAll(() => {
    shared.end();
    imsg.remove();
  });

  it.each<[string, Record<string, unknown>]>([
    ['initialize', { protocol_version: 2 }],
    ['initialize', { protocol_version: '1' }],
    ['initialize', { client: 'homing' }],
    ['status', { verbose: true }],
    ['send', { to: ANN, text: 'a', chatId: 1 }],
    ['send', { to: ANN, text: 'a', chat_guid: CHAT }],
    ['send', { chat_identifier: ANN, text: 'a', chat_guid: CHAT }],
    ['send', { text: 'a' }],
    ['send', { to: '', text: 'a' }],
    ['send', { to: ANN }],
    ['send', { to: ANN, text: 7 }],
    ['send', { to: ANN, text: null }],
    ['send', { to: ANN, text: 'a', service: 'rcs' }],
    ['send', { to: ANN, text: 'a', allow_sms_fallback: 'false' }],
    ['send', { to: ANN, text: 'a', attempt_id: randomUUID() }],
    ['send', { chat_id: 0, text: 'a' }],
    ['send.tracked', { to: ANN, text: 'a' }],
    ['send.tracked', { to: ANN, text: 'a', attempt_id: 'one' }],
    ['send.tracked', { to: ANN, file: '/tmp/a', attempt_id: randomUUID() }],
    ['send.tracked', { to: '+14155550199', text: 'a', attempt_id: randomUUID() }],
    ['send.rich', { to: ANN, text: 'a' }],
    ['send.rich', { chat_guid: CHAT, text: 'a', part_index: '1' }],
    ['send.rich', { chat_guid: CHAT, text: 'a', reply_to: 'A', replyTo: 'A' }],
    ['send.attachment', { chat_guid: CHAT }],
    ['send.attachment', { chat_guid: CHAT, file: '/tmp/a.m4a', audio: 1 }],
    ['send.attachment', { chat_guid: CHAT, file: '/tmp/a', part_index: 0 }],
    ['send.attachment', { chat_guid: CHAT, file: '/tmp/a', effect_id: 'x' }],
    ['tapback', { chat_guid: CHAT, reaction: 'love' }],
    ['tapback', { chat_guid: CHAT, message_id: 'A', reaction: 'wow' }],
    ['tapback', { chat_guid: CHAT, message_id: 'A', message_guid: 'A', reaction: 'love' }],
    ['message.edit', { chat_guid: CHAT, message_id: 'A', text: '' }],
    ['message.unsend', { chat_guid: CHAT }],
    ['message.send_status', { guid: ' ' }],
    ['typing', { to: ANN, typing: 'true' }],
    ['read', { to: ANN, chat_guid: CHAT }],
    ['chats.create', { addresses: [] }],
    ['chats.create', { addresses: [ANN, 7] }],
    ['chats.create', { addresses: [ANN], service: 'SMS' }],
    ['group.rename', { chat_guid: GROUP }],
    ['group.addParticipant', { chat_guid: GROUP, address: '' }],
    ['group.removeParticipant', { address: ANN }],
    ['group.leave', { chat_guid: GROUP, name: 'x' }],
    ['handles.check', { address: ANN, service: 'SMS' }],
  ])('%s with %j is rejected with invalid params', async (method, parameters) => {
    await expect(shared.request({ method, parameters }, 30_000)).rejects.toMatchObject(INVALID);
  });

  it('unknown methods are rejected', async () => {
    const { request } = await connected();
    await expect(request('send.video', {})).rejects.toMatchObject({ code: -32601, data: 'send.video' });
  });

  it('a tracked send has the attempt id in lower case as its guid, and a second one is not started', async () => {
    const { request } = await connected();
    const attempt = randomUUID();
    const parameters = { to: ANN, text: 'a', attempt_id: attempt.toUpperCase() };
    expect(await request('send.tracked', parameters)).toMatchObject({
      attempt_id: attempt,
      guid: attempt,
      message_id: attempt,
      chat_guid: CHAT,
    });
    await expect(request('send.tracked', parameters)).rejects.toMatchObject(BEFORE_DISPATCH);
  });

  it('methods of the bridge fail without it', async () => {
    const { request } = await connected({ chats: [CHAT] });
    const attempt_id = randomUUID();
    await expect(request('send.tracked', { to: ANN, text: 'a', attempt_id })).rejects.toMatchObject(
      BEFORE_DISPATCH,
    );
    await expect(request('group.leave', { chat_guid: GROUP })).rejects.toMatchObject(BEFORE_DISPATCH);
    await expect(request('handles.check', { address: ANN })).rejects.toMatchObject({ code: -32003 });
  });

  it('methods of chat.db fail without it', async () => {
    const { request } = await connected({ ...BRIDGE, hasDatabase: false });
    const unavailable = { code: -32002, data: { retryable: true } };
    await expect(request('message.send_status', { guid: 'A' })).rejects.toMatchObject(unavailable);
    const tracked = { to: ANN, text: 'a', attempt_id: randomUUID() };
    await expect(request('send.tracked', tracked)).rejects.toMatchObject(unavailable);
  });

  it('a send in flight blocks the later ones until a restart, but no reads', async () => {
    const { request, behave } = await connected();
    behave(GROUP, 'still in flight');
    await expect(request('send', { chat_guid: GROUP, text: 'a' })).rejects.toMatchObject({
      code: -32001,
      data: { disposition: 'still_in_flight', retry_safe: false },
    });
    await expect(request('send', { to: ANN, text: 'a' })).rejects.toMatchObject({
      code: -32004,
      message: 'Mutation lane blocked',
      data: { disposition: 'still_in_flight', retry_safe: false },
    });
    expect(await request('handles.check', { address: ANN })).toMatchObject({ available: true });
  });

  it('sent messages, reactions and changes are written to chat.db if it is set', async () => {
    const file = new ChatFile();
    onTestFinished(() => file.dispose());
    const { request } = await connected({ bridge: 'ready', chatDb: file.path });
    const sent = (await request('send', { to: ANN, text: 'first', service: 'imessage' })) as { guid: string };
    const attempt_id = randomUUID();
    await request('send.tracked', { chat_guid: GROUP, text: 'to the group', attempt_id });
    await request('tapback', { chat_guid: GROUP, message_id: attempt_id, emoji: '🎉', part_index: 1 });
    await request('message.edit', { chat_guid: CHAT, message_id: sent.guid, text: 'better' });
    await request('message.unsend', { chat_guid: GROUP, message_id: attempt_id });
    expect(file.row(sent.guid)).toMatchObject({ text: 'better', handle: ANN, isFromMe: true, isSent: true });
    expect(file.row(sent.guid).editedAt).toBeDefined();
    expect(file.row(attempt_id)).toMatchObject({ chat: GROUP, isGroup: true });
    expect(file.row(attempt_id).retractedAt).toBeDefined();
    const database = new Database(file.path, { readonly: true });
    onTestFinished(() => {
      database.close();
    });
    const columns = 'associated_message_type, associated_message_guid, associated_message_emoji';
    expect(
      database.prepare(`SELECT ${columns} FROM message WHERE associated_message_type <> 0`).all(),
    ).toEqual([
      {
        associated_message_type: 2006,
        associated_message_guid: `p:1/${attempt_id}`,
        associated_message_emoji: '🎉',
      },
    ]);
  });
});
