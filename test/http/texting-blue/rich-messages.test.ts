/** Tests reactions, edits, unsending, replies and effects on /v1, with the recipients of the sandbox. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RunningBroker } from '../../support/homing-process.ts';
import { type Client, createAccount, createClient, expectError } from '../../support/http-client.ts';
import { startInProcess } from '../../support/in-process-broker.ts';
import { ROOMY, writePlans } from '../../support/plans-file.ts';
import { until } from '../../support/until.ts';

const OWN = '+15005550006';
const TO = '+15005550010';
const UNKNOWN = '01m7ypkdxffkmb6tyeck3vccad';
const TIME = expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/);

let homing: RunningBroker;
let client: Client & { key: string };
let stranger: Client;

beforeAll(async () => {
  homing = await startInProcess({ HOMING_PLANS_FILE: writePlans({ roomy: ROOMY }) });
  for (const account of ['owner', 'stranger']) await createAccount(homing, account, 'roomy');
  client = await createClient(homing, { account: 'owner' });
  stranger = await createClient(homing, { account: 'stranger' });
});
afterAll(() => homing?.dispose());

const send = async (body: object = {}) => {
  const sent = await client.post('/v1/messages/send', { to: TO, content: 'Hi', ...body });
  expect(sent.status, sent.text).toBe(202);
  return sent.body;
};
const get = async (id: string) => (await client.get(`/v1/messages/${id}`)).body;
const reaches = (id: string, status: string) =>
  until(`${id} to be ${status}`, async () => {
    const message = await get(id);
    return message.status === status ? message : undefined;
  });
const delivered = async (body: object = {}) => reaches((await send(body)).id, 'delivered');
const patch = (id: string, body: object) => client.request('PATCH', `/v1/messages/${id}`, { body });
/** The newest inbound message of the conversation. */
const answerOf = (conversation: string, isDone: (message: Record<string, unknown>) => boolean = () => true) =>
  until('an answer', async () => {
    const { body } = await client.get(`/v1/conversations/${conversation}/messages`);
    return body.messages.find(
      (one: { direction: string }) => one.direction === 'inbound' && isDone(one as never),
    );
  });

describe('a plain message', () => {
  it('has the seven fields of the original API in the response to the send', async () => {
    const sent = await send();
    expect(Object.keys(sent)).toEqual(['id', 'status', 'to', 'from', 'content', 'media_url', 'created_at']);
  });

  it('has the later fields behind those of the original API', async () => {
    const message = await delivered();
    const { body } = await client.get('/v1/messages?limit=1');
    const row = body.messages[0];
    expect(Object.keys(row).slice(0, 9)).toEqual([
      ...['id', 'to', 'from', 'content', 'media_url', 'status', 'direction', 'created_at', 'delivered_at'],
    ]);
    const { edits, error_code, error_message, ...shared } = message;
    expect(row).toEqual(shared);
    expect({ edits, error_code, error_message }).toEqual({
      edits: [],
      error_code: null,
      error_message: null,
    });
    expect(row).toEqual({
      ...{ id: message.id, to: TO, from: OWN, content: 'Hi', media_url: null, status: 'delivered' },
      ...{ direction: 'outbound', created_at: TIME, delivered_at: TIME, service: 'imessage' },
      conversation_id: expect.stringMatching(/^conv_/),
      ...{ is_group: false, sender: null, participants: null, reply_to: null, effect: null, subject: null },
      ...{ media: [], reactions: [], edited_at: null, unsent_at: null, read_at: null },
    });
  });
});

describe('POST /v1/messages/:id/reactions', () => {
  it('queues a reaction, which the message shows when it was sent', async () => {
    const { id } = await delivered();
    const reacted = await client.post(`/v1/messages/${id}/reactions`, { reaction: 'love' });
    expect(reacted.status, reacted.text).toBe(202);
    expect(reacted.body).toEqual({
      ...{
        id: expect.stringMatching(/^rct_/),
        reaction: 'love',
        handle: OWN,
        direction: 'outbound',
        part: 0,
      },
      ...{ created_at: TIME, message_id: id, action_id: expect.stringMatching(/^act_/), status: 'queued' },
    });
    const { message_id: _, action_id: __, status: ___, ...reaction } = reacted.body;
    const message = await until('the reaction', async () => {
      const found = await get(id);
      return found.reactions.length > 0 ? found : undefined;
    });
    expect(message.reactions).toEqual([{ ...reaction, created_at: TIME }]);
  });

  it('replaces the earlier reaction of the same part', async () => {
    const { id } = await delivered();
    for (const reaction of ['like', '🎉']) await client.post(`/v1/messages/${id}/reactions`, { reaction });
    await client.post(`/v1/messages/${id}/reactions`, { reaction: 'laugh', part: 1 });
    const { reactions } = await until('both parts', async () => {
      const found = await get(id);
      return found.reactions.length === 2 ? found : undefined;
    });
    expect(
      reactions.map(({ reaction, part }: { reaction: string; part: number }) => [reaction, part]),
    ).toEqual([
      ['🎉', 0],
      ['laugh', 1],
    ]);
  });

  it('rejects other words, several emoji and unknown messages', async () => {
    const { id } = await delivered();
    for (const reaction of ['hug', '🎉🎉', '', 'a', '1', 7]) {
      expectError(
        await client.post(`/v1/messages/${id}/reactions`, { reaction }),
        400,
        'invalid_request',
        'reaction',
      );
    }
    for (const part of [-1, 1.5, 'x', 1_001]) {
      const body = { reaction: 'love', part };
      expectError(await client.post(`/v1/messages/${id}/reactions`, body), 400, 'invalid_request', 'part');
    }
    const body = { reaction: 'love' };
    expectError(await client.post(`/v1/messages/msg_${UNKNOWN}/reactions`, body), 404, 'not_found');
    expectError(await stranger.post(`/v1/messages/${id}/reactions`, body), 404, 'not_found');
  });

  it('DELETE removes the reaction of a sent message, and cancels a queued one', async () => {
    const { id } = await delivered();
    const { body } = await client.post(`/v1/messages/${id}/reactions`, { reaction: 'love' });
    await until('the reaction', async () => (await get(id)).reactions.length === 1 || undefined);
    const path = `/v1/messages/${id}/reactions/${body.id}`;
    expectError(await stranger.delete(path), 404, 'not_found');
    const removed = await client.delete(path);
    expect(removed.status, removed.text).toBe(202);
    expect(removed.body).toMatchObject({ kind: 'unreact', message_id: id, value: 'love', status: 'queued' });
    await until('no reaction', async () => (await get(id)).reactions.length === 0 || undefined);
    expectError(await client.delete(path), 404, 'not_found');

    // The action waits behind the message to the same recipient.
    const late = await send({ to: '+15005550023' });
    const queued = await client.post(`/v1/messages/${late.id}/reactions`, { reaction: 'like' });
    expect(queued.status, queued.text).toBe(202);
    const cancelled = await client.delete(`/v1/messages/${late.id}/reactions/${queued.body.id}`);
    expect(cancelled.body).toMatchObject({ kind: 'react', status: 'failed', error_code: 'cancelled' });
  });

  it('shows the reaction of a recipient', async () => {
    const { id } = await send({ to: '+15005550040' });
    const { reactions } = await until('a reaction', async () => {
      const message = await get(id);
      return message.reactions.length > 0 ? message : undefined;
    });
    expect(reactions).toEqual([
      {
        ...{ id: expect.stringMatching(/^rct_/), reaction: 'love', handle: '+15005550040' },
        ...{ direction: 'inbound', part: 0, created_at: TIME },
      },
    ]);
    const path = `/v1/messages/${id}/reactions/${reactions[0].id}`;
    expectError(await client.delete(path), 409, 'conflict');
  });
});

it('a response that queues an action has its path as Location', async () => {
  const { id } = await delivered();
  const responses = [
    await client.post(`/v1/messages/${id}/reactions`, { reaction: 'love' }),
    await patch(id, { content: 'Hello' }),
    await client.post(`/v1/messages/${id}/unsend`, {}),
  ];
  const kinds = await Promise.all(
    responses.map(async ({ headers }) => (await client.get(headers.get('location') ?? '')).body.kind),
  );
  expect(kinds).toEqual(['react', 'edit', 'unsend']);
});

describe('PATCH /v1/messages/:id', () => {
  it('edits a sent message and keeps its versions', async () => {
    const { id } = await delivered();
    const edited = await patch(id, { content: 'Hello' });
    expect(edited.status, edited.text).toBe(202);
    expect(edited.body).toEqual({
      ...{
        id: expect.stringMatching(/^act_/),
        kind: 'edit',
        message_id: id,
        value: 'Hello',
        status: 'queued',
      },
      ...{ conversation_id: expect.stringMatching(/^conv_/), error_code: null, error_message: null },
      created_at: TIME,
    });
    const message = await until('the edit', async () => {
      const found = await get(id);
      return found.edited_at === null ? undefined : found;
    });
    expect(message).toMatchObject({ content: 'Hello', status: 'delivered', unsent_at: null });
    expect(message.edits).toEqual([
      { content: 'Hi', at: TIME },
      { content: 'Hello', at: TIME },
    ]);
    const action = await client.get(`/v1/actions/${edited.body.id}`);
    expect(action.body).toEqual({ ...edited.body, status: 'sent' });
    expectError(await stranger.get(`/v1/actions/${edited.body.id}`), 404, 'not_found');
    expectError(await client.post(`/v1/actions/${edited.body.id}/cancel`, {}), 409, 'conflict');
  });

  it('rejects the sixth edit, a queued message, an inbound one and an empty text', async () => {
    const { id } = await delivered();
    for (let edit = 1; edit <= 5; edit += 1)
      expect((await patch(id, { content: `v${edit}` })).status).toBe(202);
    expectError(await patch(id, { content: 'v6' }), 409, 'too_late');
    const queued = await send({ to: '+15005550023' });
    expectError(await patch(queued.id, { content: 'x' }), 409, 'conflict');
    expectError(await patch(id, { content: '' }), 400, 'invalid_request', 'content');
    const { conversation_id } = await delivered({ to: '+15005550014' });
    expectError(await patch((await answerOf(conversation_id)).id, { content: 'x' }), 409, 'conflict');
  });
});

describe('POST /v1/messages/:id/unsend', () => {
  it('removes the content of a sent message', async () => {
    const { id } = await delivered();
    const unsent = await client.post(`/v1/messages/${id}/unsend`, {});
    expect(unsent.status, unsent.text).toBe(202);
    const message = await until('the end of the content', async () => {
      const found = await get(id);
      return found.unsent_at === null ? undefined : found;
    });
    expect(message).toMatchObject({ content: '', edited_at: null, status: 'delivered' });
    expectError(await client.post(`/v1/messages/${id}/unsend`, {}), 409, 'conflict');
    expectError(await patch(id, { content: 'x' }), 409, 'conflict');
    expectError(await client.post(`/v1/messages/${id}/reactions`, { reaction: 'love' }), 409, 'conflict');
  });
});

describe('the options of a send', () => {
  it('replies with an effect and a subject', async () => {
    const first = await delivered();
    const options = { effect: 'confetti', subject: 'Party' };
    const sent = await send({ reply_to: first.id, reply_to_part: 0, ...options });
    const reply_to = { message_id: first.id, part: 0 };
    expect(sent).toMatchObject({ reply_to, ...options });
    expect(await reaches(sent.id, 'delivered')).toMatchObject({ reply_to, ...options });
  });

  it.each(['a.m4a', 'a.MP3?b=c.png', 'a', 'voice.php', 'file.bin'])(
    'sends %s as a voice note',
    async (name) => {
      const media_url = `https://example.com/${name}`;
      expect(await send({ voice_note: true, media_url })).toMatchObject({ voice_note: true, media_url });
    },
  );

  it('sends an uploaded audio file as a voice note, and rejects another file', async () => {
    const upload = async (name: string, type: string) => {
      const form = new FormData();
      form.append('file', new Blob(['x'], { type }), name);
      const { key } = client;
      const headers = { 'x-api-key': key };
      const response = await fetch(`${homing.url}/v1/media`, { method: 'POST', body: form, headers });
      return ((await response.json()) as { media_url: string }).media_url;
    };
    const audio = await upload('a.m4a', 'audio/mp4');
    expect(await send({ voice_note: true, media_url: audio })).toMatchObject({ voice_note: true });
    const body = { to: TO, content: 'Hi', voice_note: true, media_url: await upload('a.png', 'image/png') };
    expectError(await client.post('/v1/messages/send', body), 400, 'invalid_request', 'voice_note');
  });

  it('a key that was used without `fallback` rejects the same body with it', async () => {
    const body = { to: TO, content: 'Hi' };
    const post = (key: string, more: object) =>
      client.request('POST', '/v1/messages/send', {
        ...{ body: { ...body, ...more }, headers: { 'idempotency-key': key } },
      });
    const fallback = { fallback: 'text' };
    const first = await post('fallback-later', {});
    expect(first.status, first.text).toBe(202);
    expectError(await post('fallback-later', fallback), 409, 'conflict', 'Idempotency-Key');
    const second = await post('fallback-first', fallback);
    expect(Object.keys(second.body)).toEqual(Object.keys(first.body));
    expect((await post('fallback-first', fallback)).body).toEqual(second.body);
    expectError(await post('fallback-first', {}), 409, 'conflict', 'Idempotency-Key');
  });

  it('sends up to ten files', async () => {
    const media_urls = Array.from({ length: 10 }, (_, index) => `https://example.com/${index}.png`);
    const sent = await send({ content: undefined, media_urls });
    expect(sent).toMatchObject({ content: '', media_url: media_urls[0], media_urls });
    const { media } = await get(sent.id);
    expect(media.map(({ url }: { url: string }) => url)).toEqual(media_urls);
  });

  it('accepts e-mail handles, and a conversation instead of the recipient', async () => {
    const sent = await send({ to: 'Ada@Example.com' });
    expect(sent.to).toBe('ada@example.com');
    const { conversation_id } = await reaches(sent.id, 'delivered');
    const again = await send({ to: undefined, conversation_id });
    expect(again).toMatchObject({ to: 'ada@example.com', from: OWN });
  });

  it.each([
    ['to', {}],
    ['to', { to: TO, conversation_id: `conv_${UNKNOWN}` }],
    ['to', { to: ['+15005550010'] }],
    ['to.1', { to: ['+15005550010', 'x'] }],
    ['to', { to: Array.from({ length: 32 }, (_, index) => `+150055501${String(index).padStart(2, '0')}`) }],
    ['conversation_id', { conversation_id: `conv_${UNKNOWN}` }],
    ['conversation_id', { conversation_id: 'x' }],
    ['reply_to', { to: TO, reply_to: `msg_${UNKNOWN}` }],
    ['reply_to_part', { to: TO, reply_to_part: 1 }],
    ['effect', { to: TO, effect: 'glitter' }],
    ['subject', { to: TO, subject: 'x'.repeat(1_001) }],
    ['media_urls', { to: TO, media_urls: [] }],
    ['media_urls', { to: TO, media_urls: Array.from({ length: 11 }, () => 'https://example.com/a.png') }],
    [
      'media_urls',
      { to: TO, media_url: 'https://example.com/a.png', media_urls: ['https://example.com/a.png'] },
    ],
    ['voice_note', { to: TO, voice_note: true }],
    ['voice_note', { to: TO, voice_note: true, media_url: 'https://example.com/a.png' }],
    ['voice_note', { to: TO, voice_note: true, media_urls: ['https://example.com/a.PDF?b=c.mp3'] }],
    ['fallback', { to: TO, fallback: 'sms' }],
  ])('rejects an invalid %s: %j', async (param, body) => {
    const response = await client.post('/v1/messages/send', { content: 'Hi', ...body });
    expectError(response, 400, 'invalid_request', param);
  });

  it('rejects a reply to a message of another conversation or account', async () => {
    const other = await delivered({ to: '+15005550011', content: 'elsewhere' }).catch(() => undefined);
    const first = other ?? (await send({ to: '+15005550011' }));
    const body = { to: TO, content: 'Hi', reply_to: first.id };
    expectError(await client.post('/v1/messages/send', body), 400, 'invalid_request', 'reply_to');
    expectError(await stranger.post('/v1/messages/send', body), 400, 'invalid_request', 'reply_to');
  });
});

describe('the recipients of the sandbox', () => {
  it('reply to a message', async () => {
    const { id, conversation_id } = await delivered({ to: '+15005550041' });
    expect(await answerOf(conversation_id)).toMatchObject({ reply_to: { message_id: id, part: 0 } });
  });

  it('edit their answer', async () => {
    const { conversation_id } = await delivered({ to: '+15005550042' });
    const answer = await answerOf(conversation_id, ({ edited_at }) => edited_at !== null);
    expect(answer.content).toBe('edited answer to: Hi');
    expect((await get(answer.id)).edits).toEqual([
      { content: 'answer to: Hi', at: TIME },
      { content: 'edited answer to: Hi', at: TIME },
    ]);
  });

  it('unsend their answer', async () => {
    const { conversation_id } = await delivered({ to: '+15005550043' });
    const answer = await answerOf(conversation_id, ({ unsent_at }) => unsent_at !== null);
    expect(answer).toMatchObject({ content: '', status: 'received' });
  });
});

it('GET /v1/messages lists no actions', async () => {
  const { id } = await delivered();
  const { body } = await client.post(`/v1/messages/${id}/reactions`, { reaction: 'love' });
  await until('the reaction', async () => (await get(id)).reactions.length === 1 || undefined);
  const listed = (await client.get('/v1/messages?limit=100')).body.messages;
  expect(listed[0].id).toBe(id);
  const actionId = body.id.replace('rct_', 'msg_');
  expect(listed.map((one: { id: string }) => one.id)).not.toContain(actionId);
  expectError(await client.get(`/v1/messages/${actionId}`), 404, 'not_found');
  expectError(await client.post(`/v1/messages/${actionId}/cancel`, {}), 404, 'not_found');
});
