/** Tests reactions, replies, edits, unsending and effects on the API of the dashboard. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type DashboardClient, signIn } from '../../support/dashboard.ts';
import type { RunningBroker } from '../../support/homing-process.ts';
import { besideBroker, createAccount } from '../../support/http-client.ts';
import { startInProcess } from '../../support/in-process-broker.ts';
import { until } from '../../support/until.ts';

const PLAIN = '+15005550010';
const REACTS = '+15005550040';
const REPLIES = '+15005550041';
const EDITS = '+15005550042';
const UNSENDS = '+15005550043';
const OWN = '+15005550006';

let broker: RunningBroker;
let member: DashboardClient;
let viewer: DashboardClient;
let foreigner: DashboardClient;
let keys = 0;

beforeAll(async () => {
  broker = await startInProcess();
  member = await signIn(broker, { role: 'member' });
  viewer = await signIn(broker, { role: 'viewer' });
  await createAccount(broker, 'beta');
  foreigner = await signIn(broker, { account: 'beta' });
});
afterAll(() => broker?.dispose());

const send = (body: object, client = member) =>
  client.post('/test/messages', { idempotencyKey: `rich-key-${keys++}`, content: 'Hello', ...body });
const messageOf = async (id: string) => (await member.get(`/test/messages/${id}`)).body.message;
const sent = async (body: object) => {
  const response = await send(body);
  expect(response.status, response.text).toBe(201);
  const { id } = response.body;
  return until('the delivery', async () => {
    const message = await messageOf(id);
    return message.status === 'delivered' ? message : undefined;
  });
};
const threadOf = async (conversationId: string) =>
  (await member.get(`/test/conversations/${conversationId}/messages`)).body.messages;
const lastChange = () =>
  besideBroker(broker, async (store) => {
    const accounts = await store.read.accounts.list();
    const own = accounts.find(({ slug }) => slug === 'default');
    return (await store.read.memberChanges.list(own!.id, { limit: 1 }))[0];
  });

describe('a reaction from the dashboard', () => {
  it('is set on the message and can be removed', async () => {
    const message = await sent({ to: PLAIN });
    const added = await member.post(`/test/messages/${message.id}/reactions`, { reaction: 'love' });
    expect(added.status, added.text).toBe(202);
    expect(added.body.action).toEqual({
      ...{ id: expect.stringMatching(/^act_/), kind: 'react', messageId: message.id, part: 0 },
      ...{ conversationId: message.conversationId, value: 'love', status: 'queued', error: null },
      createdAt: expect.any(Number),
    });
    expect(await lastChange()).toMatchObject({
      ...{ action: 'message.reacted', target: message.id, detail: { reaction: 'love' } },
    });
    const reaction = await until('the reaction', async () => (await messageOf(message.id)).reactions[0]);
    expect(reaction).toEqual({
      ...{ id: expect.stringMatching(/^rct_/), reaction: 'love', handle: OWN, contactName: null },
      ...{ isOwn: true, part: 0, createdAt: expect.any(Number) },
    });
    const done = await member.get(`/test/actions/${added.body.action.id}`);
    expect(done.body.action).toMatchObject({ status: 'sent', error: null });
    expect((await foreigner.get(`/test/actions/${added.body.action.id}`)).status).toBe(404);

    const removed = await member.delete(`/test/messages/${message.id}/reactions/${reaction.id}`);
    expect(removed.body.action).toMatchObject({ kind: 'unreact', value: 'love' });
    expect(await lastChange()).toMatchObject({ action: 'message.reaction_removed', target: message.id });
    await until('the removal', async () => (await messageOf(message.id)).reactions.length === 0);
  });

  it('of the recipient has the name of the contact', async () => {
    await member.post('/test/contacts', { handle: REACTS, name: 'Ada Example' });
    const message = await sent({ to: REACTS });
    const reaction = await until('the reaction', async () => (await messageOf(message.id)).reactions[0]);
    expect(reaction).toMatchObject({
      reaction: 'love',
      handle: REACTS,
      contactName: 'Ada Example',
      isOwn: false,
    });
    const [shown] = (await threadOf(message.conversationId)).filter(
      ({ id }: { id: string }) => id === message.id,
    );
    expect(shown.reactions).toEqual([reaction]);
    const response = await member.delete(`/test/messages/${message.id}/reactions/${reaction.id}`);
    expect(response.status, response.text).toBe(409);
  });

  it.each([
    ['an unknown name', { reaction: 'hooray' }],
    ['two emoji', { reaction: '🎉🎉' }],
    ['a negative part', { reaction: 'love', part: -1 }],
    ['no reaction', {}],
  ])('returns 400 for %s', async (_, body) => {
    const { body: message } = await send({ to: PLAIN });
    expect((await member.post(`/test/messages/${message.id}/reactions`, body)).status).toBe(400);
  });
});

describe('a reply from the dashboard', () => {
  it('shows the beginning of its target and the author', async () => {
    const first = await sent({ to: REPLIES, content: 'Which colour?' });
    const answer = await until('the reply', async () =>
      (await threadOf(first.conversationId)).find(
        ({ direction }: { direction: string }) => direction === 'inbound',
      ),
    );
    expect(answer.replyTo).toEqual({
      ...{ messageId: first.id, part: 0 },
      preview: {
        ...{ text: 'Which colour?', direction: 'outbound', handle: REPLIES, contactName: null },
        ...{ isUnsent: false, mediaCount: 0 },
      },
    });
    const reply = await send({
      ...{ conversationId: first.conversationId, content: 'Blue then' },
      replyTo: { messageId: answer.id },
    });
    expect(reply.body.replyTo).toMatchObject({ messageId: answer.id, preview: { direction: 'inbound' } });
  });

  it('returns 400 for a message of another conversation or account', async () => {
    const [one, other] = [await send({ to: PLAIN }), await send({ to: REACTS })];
    const replyTo = { messageId: other.body.id };
    expect((await send({ conversationId: one.body.conversationId, replyTo })).status).toBe(400);
    expect((await send({ to: PLAIN, replyTo }, foreigner)).status).toBe(400);
  });
});

describe('an effect, a subject and a voice note from the dashboard', () => {
  it('are part of the message, also when it is sent again', async () => {
    const message = await sent({ to: PLAIN, effect: 'confetti', subject: 'News' });
    expect(message).toMatchObject({ effect: 'confetti', subject: 'News', isVoiceNote: false });
    const again = await member.post(`/test/messages/${message.id}/send-again`, {
      idempotencyKey: 'send-with-effect-again',
    });
    expect(again.body).toMatchObject({ effect: 'confetti', subject: 'News' });
  });

  it.each([
    ['an unknown effect', { effect: 'rain' }, "'effect' must be one of"],
    ['an empty subject', { subject: '' }, "'subject' must not be empty"],
    ['a voice note without a file', { isVoiceNote: true }, 'exactly one attachment'],
  ])('return 400 for %s', async (_, body, words) => {
    const response = await send({ to: PLAIN, ...body });
    expect(response.status, response.text).toBe(400);
    expect(response.body.error.message).toContain(words);
  });
});

describe('an edit from the dashboard', () => {
  it('changes the text, and the detail has both versions', async () => {
    const message = await sent({ to: PLAIN, content: 'Helo' });
    expect(message.editableUntil).toBe(message.sentAt + 15 * 60_000);
    expect(message.unsendableUntil).toBe(message.sentAt + 2 * 60_000);
    const response = await member.patch(`/test/messages/${message.id}`, { content: 'Hello' });
    expect(response.body.action).toMatchObject({ kind: 'edit', value: 'Hello' });
    expect(await lastChange()).toMatchObject({ action: 'message.edited', target: message.id, detail: {} });
    await until('the edit', async () => (await messageOf(message.id)).content === 'Hello');
    const { body } = await member.get(`/test/messages/${message.id}`);
    expect(body.versions).toEqual([
      { at: expect.any(Number), kind: 'original', content: 'Helo' },
      { at: body.message.editedAt, kind: 'edited', content: 'Hello' },
    ]);
  });

  it('of the recipient has its versions too', async () => {
    const { conversationId } = await sent({ to: EDITS, content: 'Hi' });
    const edited = await until('the edit', async () =>
      (await threadOf(conversationId)).find(({ editedAt }: { editedAt: number | null }) => editedAt !== null),
    );
    expect(edited).toMatchObject({
      content: 'edited answer to: Hi',
      editableUntil: null,
      unsendableUntil: null,
    });
    const { versions } = (await member.get(`/test/messages/${edited.id}`)).body;
    expect(versions.map(({ content }: { content: string }) => content)).toEqual([
      'answer to: Hi',
      'edited answer to: Hi',
    ]);
    expect((await member.patch(`/test/messages/${edited.id}`, { content: 'No' })).status).toBe(409);
  });
});

describe('unsending from the dashboard', () => {
  it('removes the text from the message', async () => {
    const message = await sent({ to: PLAIN, content: 'Secret' });
    const response = await member.post(`/test/messages/${message.id}/unsend`);
    expect(response.body.action).toMatchObject({ kind: 'unsend', value: '' });
    expect(await lastChange()).toMatchObject({ action: 'message.unsent', target: message.id });
    const unsent = await until('the removal', async () => {
      const one = await messageOf(message.id);
      return one.retractedAt === null ? undefined : one;
    });
    expect(unsent).toMatchObject({ editableUntil: null, unsendableUntil: null });
  });

  it('by the recipient is shown', async () => {
    const { conversationId } = await sent({ to: UNSENDS });
    await until('the removal', async () =>
      (await threadOf(conversationId)).some(
        ({ retractedAt }: { retractedAt: number | null }) => retractedAt !== null,
      ),
    );
  });
});

it('a viewer and another account cannot change a message', async () => {
  const message = await sent({ to: PLAIN });
  await member.post(`/test/messages/${message.id}/reactions`, { reaction: '🎉' });
  const reaction = await until('the reaction', async () => (await messageOf(message.id)).reactions[0]);
  const requests: Array<[string, string, unknown?]> = [
    ['POST', `/test/messages/${message.id}/reactions`, { reaction: 'like' }],
    ['DELETE', `/test/messages/${message.id}/reactions/${reaction.id}`],
    ['PATCH', `/test/messages/${message.id}`, { content: 'Changed' }],
    ['POST', `/test/messages/${message.id}/unsend`],
  ];
  for (const [method, path, body] of requests) {
    const options = body === undefined ? {} : { body };
    expect((await viewer.request(method, path, options)).status, `viewer: ${method} ${path}`).toBe(403);
    expect((await foreigner.request(method, path, options)).status, `${method} ${path}`).toBe(404);
  }
  expect(await messageOf(message.id)).toMatchObject({ content: 'Hello', reactions: [reaction] });
});
