/** Tests the methods of the client for conversations, groups, reactions, edits and unsending with a broker. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createHoming, type Homing } from '../../client/src/index.ts';
import type { RunningBroker } from '../support/homing-process.ts';
import { createAccount, createClient } from '../support/http-client.ts';
import { startInProcess } from '../support/in-process-broker.ts';
import { ROOMY, writePlans } from '../support/plans-file.ts';
import { until } from '../support/until.ts';

const OWN = '+15005550006';
const TO = '+15005550010';
const PARTICIPANTS = ['+15005550014', '+15005550015'];

let broker: RunningBroker;
let homing: Homing;
beforeAll(async () => {
  broker = await startInProcess({ HOMING_PLANS_FILE: writePlans({ roomy: ROOMY }) });
  await createAccount(broker, 'client', 'roomy');
  const { key } = await createClient(broker, { account: 'client' });
  homing = createHoming({ url: broker.url, key });
});
afterAll(() => broker?.dispose());

const delivered = async () => {
  const { id } = await homing.messages.send({ to: TO, content: 'Hi' });
  return homing.messages.waitUntil(id, 'delivered');
};

describe('homing.messages', () => {
  it('react and removeReaction change the reactions of a message', async () => {
    const { id } = await delivered();
    const reaction = await homing.messages.react(id, 'love');
    expect(reaction).toMatchObject({ reaction: 'love', message_id: id, status: 'queued', part: 0 });
    await until('the reaction', async () => (await homing.messages.get(id)).reactions.length === 1);
    expect(await homing.messages.removeReaction(id, reaction.id)).toMatchObject({ kind: 'unreact' });
    await until('the removal', async () => (await homing.messages.get(id)).reactions.length === 0);
  });

  it('edit and unsend change a sent message', async () => {
    const { id } = await delivered();
    expect(await homing.messages.edit(id, 'Hello')).toMatchObject({ kind: 'edit', value: 'Hello' });
    await until('the edit', async () => (await homing.messages.get(id)).edits.length === 2);
    expect(await homing.messages.unsend(id)).toMatchObject({ kind: 'unsend', message_id: id });
    await until('the unsending', async () => (await homing.messages.get(id)).unsent_at !== null);
    await expect(homing.messages.edit(id, 'Again')).rejects.toMatchObject({ status: 409, code: 'conflict' });
  });

  it('send takes several recipients, a conversation, a reply and an effect', async () => {
    const first = await homing.messages.send({ to: PARTICIPANTS, content: 'Hi' });
    expect(first).toMatchObject({ to: null, is_group: true, participants: PARTICIPANTS });
    const reply = await homing.messages.send({
      ...{ conversation_id: first.conversation_id!, content: 'Again' },
      ...{ reply_to: first.id, effect: 'confetti' },
    });
    expect(reply).toMatchObject({ reply_to: { message_id: first.id, part: 0 }, effect: 'confetti' });
  });
});

describe('homing.conversations', () => {
  it('createGroup, rename and the changes of participants return the group or the queued action', async () => {
    const participants = [...PARTICIPANTS, '+15005550016'];
    const { id } = await homing.conversations.createGroup({
      phone_number: OWN,
      participants,
      name: 'Friday',
    });
    expect(await homing.conversations.rename(id, 'Saturday')).toMatchObject({ id, name: 'Saturday' });
    expect(await homing.conversations.removeParticipant(id, '+15005550016')).toMatchObject({
      participants: PARTICIPANTS,
    });
    const sent = await homing.messages.send({ conversation_id: id, content: 'Hi' });
    await homing.messages.waitUntil(sent.id, 'delivered');
    const added = await homing.conversations.addParticipant(id, '+15005550016');
    expect(added).toMatchObject({ kind: 'add_participant', value: '+15005550016', conversation_id: id });
    await until('the participant', async () => {
      const { participants: now, changes } = await homing.conversations.get(id);
      return now.length === 3 && changes.some(({ kind }) => kind === 'joined');
    });
    expect(await homing.conversations.leave(id)).toMatchObject({ kind: 'leave_group' });
  });

  it('list, all, messages and allMessages return pages and iterate over all of them', async () => {
    for (const to of PARTICIPANTS) {
      for (const content of ['one', 'two']) await homing.messages.send({ to, content });
    }
    const page = await homing.conversations.list({ limit: 1 });
    expect([page.conversations.length, page.has_more]).toEqual([1, true]);
    const ids: string[] = [];
    let direct = '';
    for await (const { id, is_group: isGroup, participants } of homing.conversations.all({ limit: 1 })) {
      ids.push(id);
      if (!isGroup && participants.includes(PARTICIPANTS[0]!)) direct = id;
    }
    expect(ids.length).toBeGreaterThan(2);
    expect(new Set(ids).size).toBe(ids.length);
    const thread = await homing.conversations.messages(direct, { limit: 1 });
    expect([thread.messages.length, thread.has_more]).toEqual([1, true]);
    const contents: string[] = [];
    for await (const { content } of homing.conversations.allMessages(direct, { limit: 1 }))
      contents.push(content);
    expect(contents.filter((content) => content === 'one' || content === 'two')).toEqual(['two', 'one']);
  });

  it('markRead and setTyping resolve in the sandbox', async () => {
    const { id } = await homing.messages.send({ to: '+15005550014', content: 'Hi' });
    const { conversation_id } = await homing.messages.get(id);
    const unread = async () => (await homing.conversations.get(conversation_id)).unread_count;
    await until('the echo', async () => (await unread()) > 0);
    await homing.conversations.markRead(conversation_id);
    expect(await unread()).toBe(0);
    await homing.conversations.setTyping(conversation_id, 'start');
  });
});

it('a HomingApiError contains the fix of not_supported_by_device', async () => {
  const body = {
    error: { code: 'not_supported_by_device', message: 'No.', param: 'reaction', fix: 'Pair a Mac.' },
  };
  const refusing = createHoming({
    ...{ url: broker.url, key: 'txt_key' },
    fetch: async () => Response.json(body, { status: 409 }),
  });
  await expect(refusing.messages.react('msg_1', 'love')).rejects.toMatchObject({
    ...{ status: 409, code: 'not_supported_by_device', param: 'reaction', fix: 'Pair a Mac.' },
  });
});
