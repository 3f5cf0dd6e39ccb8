/** Tests the `deliver`, `act` and `cancel` frames of group messages, replies and actions over real connections. */

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { capabilityBits } from '../../../broker/core/model/capability.ts';
import type { GroupChat } from '../../../broker/core/model/group-chat.ts';
import { createdChat, membersId } from '../../../broker/core/model/group-chat.ts';
import type { Message } from '../../../broker/core/model/message.ts';
import type { MessageAction } from '../../../broker/core/model/message-action.ts';
import { CAPABILITIES, type DispatchCapability } from '../../../shared/capabilities.ts';
import { createIdSource, formatId } from '../../../shared/ids.ts';
import { brokerFrame } from '../../../shared/protocol.ts';
import { withStoreOf } from '../../support/broker-database.ts';
import type { RunningBroker } from '../../support/homing-process.ts';
import { startInProcess } from '../../support/in-process-broker.ts';
import { type PairedLine, pairedLine } from '../../support/paired-line.ts';
import { hello, openSocket, type PollResponse, poll, type RawSocket } from '../../support/raw-device.ts';
import { until } from '../../support/until.ts';

const HANDLE = '+14155550100';
const GUID = 'iMessage;+;chat123';
const MEMBERS = ['+14155550101', 'ada@example.org'];
const ids = createIdSource(Date.now);

let broker: RunningBroker;
beforeAll(async () => {
  broker = await startInProcess();
});
afterAll(() => broker?.dispose());

const needs = (...names: DispatchCapability[]) => ({ needs: capabilityBits(names) });
const act = (kind: MessageAction['kind'], change: Partial<MessageAction> = {}) => ({
  action: { kind, messageId: null, part: 0, value: '', ...change },
  content: '',
  deletedAt: 1,
});

/** Stores a sent message, and a reaction to it in the queue. */
async function queueReaction(line: PairedLine, handle = HANDLE): Promise<Message> {
  const { id } = await line.queue({ handle, status: 'sent', guid: `guid of ${handle} ${line.numberId}` });
  return line.queue({ handle, ...act('react', { messageId: id, value: 'love' }), ...needs('reactions') });
}

async function connect(line: PairedLine, change: Record<string, unknown> = {}): Promise<RawSocket> {
  const socket = await openSocket(broker.url, line.token);
  socket.say(hello({ capabilities: ['imessage', 'journal', ...CAPABILITIES], ...change }));
  await socket.next('welcome');
  return socket;
}

async function addGroup(line: PairedLine, change: Partial<GroupChat>): Promise<GroupChat> {
  const group: GroupChat = {
    ...{ numberId: line.numberId, tenantId: line.tenantId, chat: GUID, conversationId: ids(), guid: GUID },
    ...{ name: 'Team', namedAt: 0, participants: MEMBERS, members: [], listedAt: 0, leftAt: null },
    ...{ createdAt: 0, updatedAt: 0, ...change },
  };
  await withStoreOf(broker, (store) => store.transaction((tx) => tx.groups.insert(group)));
  return group;
}

/** Waits for the items of the frames `deliver` and `act`, in order. Every frame must be valid. */
async function itemsOf(socket: RawSocket, count: number) {
  const items = () =>
    socket.received.flatMap((frame) =>
      frame.type === 'deliver' || frame.type === 'act'
        ? frame.items.map((item: object) => ({ type: frame.type, ...item }))
        : [],
    );
  await until(`${count} items`, () => items().length >= count);
  for (const frame of socket.received) expect(brokerFrame.parse(frame)).toEqual(frame);
  return items();
}

const leaseOf = { lease: expect.stringMatching(/^lse_/), attempt: 1 };
const expires = ({ expiresAt }: Message) => ({ expires_at: new Date(expiresAt).toISOString() });
const publicId = ({ id }: Message) => formatId('msg', id);
const actionId = ({ id }: Message) => formatId('act', id);

describe('a plain message', () => {
  it('has the same bytes as before', async () => {
    const line = await pairedLine(broker);
    const socket = await connect(line);
    const message = await line.queue({ content: 'Hi' });
    await itemsOf(socket, 1);
    const frame = socket.received.find(({ type }) => type === 'deliver');
    const { lease } = frame.items[0];
    expect(JSON.stringify(frame)).toBe(
      `{"type":"deliver","items":[{"message":"${publicId(message)}","lease":"${lease}","attempt":1,` +
        `"to":"${HANDLE}","from":"${line.phoneNumber}","text":"Hi","media":[],"service":"auto",` +
        `"expires_at":"${new Date(message.expiresAt).toISOString()}"}]}`,
    );
    socket.terminate();
  });
});

describe('a rich message', () => {
  it('names its subject, effect, voice note and reply; the reply by guid, or by id without a guid', async () => {
    const line = await pairedLine(broker);
    const known = await line.queue({ handle: HANDLE, status: 'sent', guid: 'guid-1' });
    const unknown = await line.queue({ handle: HANDLE, status: 'sent' });
    const reply = (messageId: string, guid: string | null) => ({ replyTo: { messageId, guid, part: 2 } });
    const all = needs('replies', 'subject', 'effects', 'voice_notes');
    const rich = { subject: 'Hm', effect: 'slam', isVoiceNote: true };
    const first = await line.queue({ ...reply(known.id, null), ...rich, ...all });
    const second = await line.queue({ ...reply(unknown.id, null), ...needs('replies') });
    const third = await line.queue({ ...reply(unknown.id, 'guid-3'), ...needs('replies') });
    const socket = await connect(line);
    const plain = { type: 'deliver', ...leaseOf, to: HANDLE, from: line.phoneNumber, text: 'Hi' };
    const rest = { media: [], service: 'auto' };
    expect(await itemsOf(socket, 3)).toEqual([
      {
        ...plain,
        message: publicId(first),
        ...rest,
        ...{ subject: 'Hm', reply_to: 'guid-1', reply_part: 2, effect: 'slam', voice_note: true },
        ...expires(first),
      },
      {
        ...plain,
        message: publicId(second),
        ...rest,
        ...{ reply_to_message: publicId(unknown), reply_part: 2 },
        ...expires(second),
      },
      { ...plain, message: publicId(third), ...rest, reply_to: 'guid-3', reply_part: 2, ...expires(third) },
    ]);
    socket.terminate();
  });

  it('to a group has its guid, or the participants and the name of a new group', async () => {
    const line = await pairedLine(broker);
    await addGroup(line, {});
    const created = createdChat(ids());
    await addGroup(line, { chat: created, guid: null, name: 'New' });
    await line.queue({ handle: GUID, chat: GUID, content: 'known', ...needs('groups') });
    await line.queue({ handle: created, chat: created, content: 'new', ...needs('groups') });
    const socket = await connect(line);
    const [known, fresh] = await itemsOf(socket, 2);
    expect(known).toMatchObject({ text: 'known', chat: GUID });
    expect(known).not.toHaveProperty('to');
    expect(known).not.toHaveProperty('participants');
    expect(fresh).toMatchObject({ text: 'new', chat_name: 'New', participants: MEMBERS });
    expect(fresh).not.toHaveProperty('to');
    expect(fresh).not.toHaveProperty('chat');
    expect(membersId(fresh.participants)).toBe(membersId(MEMBERS));
    socket.terminate();
  });
});

describe('an action', () => {
  it('is delivered in the order of its conversation, with the guid or the id of its message', async () => {
    const line = await pairedLine(broker);
    const target = await line.queue({ handle: HANDLE, status: 'sent', guid: 'guid-1' });
    const before = await line.queue({ content: 'before' });
    const react = await line.queue({
      ...act('react', { messageId: target.id, part: 1, value: 'love' }),
      ...needs('reactions'),
    });
    const unsend = await line.queue({ ...act('unsend', { messageId: before.id }), ...needs('unsend') });
    const after = await line.queue({ content: 'after' });
    const socket = await connect(line);
    const [one, two, three, four] = await itemsOf(socket, 4);
    expect([one.message, two.action, three.action, four.message]).toEqual([
      publicId(before),
      actionId(react),
      actionId(unsend),
      publicId(after),
    ]);
    const base = { type: 'act', ...leaseOf, from: line.phoneNumber, to: HANDLE };
    expect(two).toEqual({
      ...base,
      ...{ action: actionId(react), kind: 'react', guid: 'guid-1', part: 1, value: 'love' },
      ...expires(react),
    });
    expect(three).toEqual({
      ...base,
      ...{ action: actionId(unsend), kind: 'unsend', message: publicId(before), part: 0 },
      ...expires(unsend),
    });
    socket.terminate();
  });

  it('on a group names the group and the value, and counts against the credit', async () => {
    const line = await pairedLine(broker);
    await addGroup(line, {});
    const group = { handle: GUID, chat: GUID };
    const rename = await line.queue({
      ...group,
      ...act('rename_group', { value: 'Crew' }),
      ...needs('groups', 'group_management'),
    });
    await line.queue({ ...group, ...act('leave_group'), ...needs('groups', 'group_management') });
    const socket = await connect(line, { credit: 1 });
    const [item] = await itemsOf(socket, 1);
    expect(item).toEqual({
      ...{ type: 'act', action: actionId(rename), ...leaseOf, kind: 'rename_group', from: line.phoneNumber },
      ...{ chat: GUID, value: 'Crew', ...expires(rename) },
    });
    socket.say({ type: 'nonsense' });
    await socket.next('error');
    expect(await itemsOf(socket, 1)).toHaveLength(1);
    socket.say({ type: 'credit', n: 1 });
    expect((await itemsOf(socket, 2))[1]).toMatchObject({ kind: 'leave_group', chat: GUID });
    socket.terminate();
  });

  it('is cancelled by its id', async () => {
    const line = await pairedLine(broker);
    const react = await queueReaction(line);
    const socket = await connect(line);
    const [{ lease }] = await itemsOf(socket, 1);
    await line.cancel(react);
    expect(await socket.next('cancel')).toEqual({ type: 'cancel', action: actionId(react), lease });
    socket.terminate();
  });

  it('does not reach a device without the capability, and a message behind it waits', async () => {
    const line = await pairedLine(broker);
    await queueReaction(line);
    await line.queue({ content: 'behind' });
    await line.queue({ content: 'elsewhere', handle: '+14155550109' });
    const socket = await connect(line, { capabilities: ['imessage', 'journal'] });
    expect(await itemsOf(socket, 1)).toMatchObject([{ text: 'elsewhere' }]);
    socket.say({ type: 'nonsense' });
    await socket.next('error');
    expect(await itemsOf(socket, 1)).toHaveLength(1);
    socket.terminate();
  });

  it('counts as unseen while the response of a long-poll that contains it is not confirmed', async () => {
    const line = await pairedLine(broker);
    const capabilities = ['imessage', 'journal', 'reactions'];
    await queueReaction(line);
    await queueReaction(line, '+14155550109');
    const send = (body: Record<string, unknown>) => poll(broker.url, line.token, body);
    const actions = (frames: PollResponse['frames']) => frames.filter(({ type }) => type === 'act').length;
    const opened = await send({ frames: [hello({ capabilities, credit: 1 })], received: 0 });
    const { session } = opened;
    let last = opened;
    while (actions(last.frames) === 0) last = await send({ session, wait: 10, received: last.answer });
    // The device sent this credit before it saw the action, so the action uses it.
    const unseen = { session, received: last.answer - 1, frames: [{ type: 'credit', n: 1 }] };
    const repeated = await send(unseen);
    expect(actions(repeated.frames)).toBe(1);
    expect(actions((await send({ session, received: repeated.answer })).frames)).toBe(0);
    await send({ session, received: repeated.answer, frames: [{ type: 'credit', n: 1 }] });
    const next = await send({ session, wait: 10, received: repeated.answer });
    expect(actions(next.frames)).toBe(1);
  });
});
