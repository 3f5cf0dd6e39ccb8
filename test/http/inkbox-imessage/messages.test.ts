/** Tests sending, listing and reacting in the Inkbox iMessage API. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startFileServer } from '../../support/file-server.ts';
import type { RunningBroker } from '../../support/homing-process.ts';
import {
  ECHO,
  type ImessageClient,
  newImessageClient,
  OTHER,
  OWN,
  PLAIN,
  TIME,
  UUID,
} from '../../support/imessage-client.ts';
import { startInProcess } from '../../support/in-process-broker.ts';
import { expectDetail, pairedInbox } from '../../support/inbox.ts';
import { until } from '../../support/until.ts';

const UNKNOWN = '019fb2b9-3a5d-7e4e-b36a-3f73d2b6c1a4';
const MISSING = { type: 'missing', loc: ['body', 'text'] };

let homing: RunningBroker;

beforeAll(async () => {
  homing = await startInProcess({ HOMING_ALLOW_PRIVATE_URLS: '1' });
});
afterAll(() => homing?.dispose());

const idsOf = (rows: Array<{ id: string }>) => rows.map(({ id }) => id);
const textsOf = (rows: Array<{ content: string }>) => rows.map(({ content }) => content);

const PLAIN_MESSAGE = {
  id: UUID,
  conversation_id: UUID,
  assignment_id: null,
  direction: 'outbound',
  remote_number: PLAIN,
  sender_number: null,
  participants: null,
  is_group: false,
  content: 'Hi',
  message_type: 'message',
  service: 'imessage',
  send_style: null,
  media: null,
  was_downgraded: null,
  status: 'queued',
  error_code: null,
  error_message: null,
  error_reason: null,
  error_detail: null,
  is_read: true,
  is_blocked: false,
  recipients: null,
  reactions: null,
  created_at: TIME,
  updated_at: TIME,
};

describe('POST /messages', () => {
  let api: ImessageClient;
  beforeAll(async () => {
    api = await newImessageClient(homing);
  });

  it('sends a text and returns the message with the documented fields in order', async () => {
    const { status, body } = await api.request('POST', `/messages?agent_identity_id=${UNKNOWN}`, {
      to: PLAIN,
      text: 'Hi',
    });
    expect([status, body]).toEqual([201, { message: PLAIN_MESSAGE }]);
    expect(Object.keys(body.message)).toEqual(Object.keys(PLAIN_MESSAGE));
    const delivered = await api.untilStatus(body.message.id, 'delivered');
    expect(delivered).toEqual({ ...PLAIN_MESSAGE, status: 'delivered', was_downgraded: false });
  });

  it('accepts an array of one recipient, and the id of a conversation', async () => {
    const one = await api.send({ to: [PLAIN] });
    expect(one).toEqual(PLAIN_MESSAGE);
    const two = await api.send({ conversation_id: one.conversation_id.toUpperCase() });
    expect(two).toEqual({ ...PLAIN_MESSAGE, conversation_id: one.conversation_id });
  });

  it('sends the styles of iMessage', async () => {
    expect(await api.send({ to: PLAIN, send_style: 'confetti' })).toEqual({
      ...PLAIN_MESSAGE,
      send_style: 'confetti',
    });
  });

  it('creates a group for several recipients, and selects it again in any order', async () => {
    const first = await api.send({ to: [PLAIN, OTHER] });
    const inGroup = { ...PLAIN_MESSAGE, remote_number: null, is_group: true, participants: [PLAIN, OTHER] };
    const recipient = {
      ...{ remote_number: PLAIN, delivery_status: 'queued', service: 'imessage' },
      ...{ error_code: null, error_message: null, error_reason: null, error_detail: null },
      ...{ sent_at: null, delivered_at: null, failed_at: null },
    };
    const recipients = [recipient, { ...recipient, remote_number: OTHER }];
    expect(first).toEqual({ ...inGroup, recipients });
    const again = await api.send({ to: [OTHER, PLAIN, PLAIN] });
    expect(again.conversation_id).toBe(first.conversation_id);
    expect((await api.send({ conversation_id: first.conversation_id })).participants).toEqual([PLAIN, OTHER]);
    const delivered = await api.untilStatus(again.id, 'delivered');
    // Nothing is delivered to the second number.
    expect(delivered.recipients).toEqual([
      { ...recipient, delivery_status: 'delivered', sent_at: TIME, delivered_at: TIME },
      { ...recipient, remote_number: OTHER, delivery_status: 'sent', sent_at: TIME },
    ]);
    expect((await api.send({ to: [PLAIN, OTHER, ECHO] })).conversation_id).not.toBe(first.conversation_id);
  });

  it('sends a file by its URL or as an uploaded file', async () => {
    const files = await startFileServer((_, response) => {
      response.writeHead(200, { 'content-type': 'image/png' }).end('png');
    });
    const form = new FormData();
    form.append('file', new Blob(['a photo'], { type: 'image/jpeg' }), 'photo.jpg');
    const response = await fetch(`${homing.url}/api/v1/imessage/media`, {
      method: 'POST',
      headers: { 'x-api-key': api.client.key },
      body: form,
    });
    const uploaded = (await response.json()) as { media_url: string };
    expect([response.status, uploaded]).toEqual([
      201,
      { media_url: expect.stringContaining('/media/med_'), content_type: 'image/jpeg', size: 7 },
    ]);
    const sent = await api.send({ to: PLAIN, text: undefined, media_urls: [uploaded.media_url] });
    expect(sent).toEqual({
      ...PLAIN_MESSAGE,
      content: null,
      media: [{ url: expect.stringContaining('/media/med_'), content_type: 'image/jpeg', size: 7 }],
    });
    const file = await fetch(sent.media[0].url);
    expect([file.status, await file.text()]).toEqual([200, 'a photo']);
    const linked = await api.send({ to: PLAIN, media_urls: [`${files.url}/a.png`] });
    expect(linked.media).toEqual([
      { url: expect.stringContaining('/media/med_'), content_type: 'image/png', size: null },
    ]);
    files.close();
  });

  it('returns 422 for an empty uploaded file', async () => {
    const form = new FormData();
    form.append('file', new Blob([], { type: 'image/jpeg' }), 'photo.jpg');
    const response = await fetch(`${homing.url}/api/v1/imessage/media`, {
      ...{ method: 'POST', headers: { 'x-api-key': api.client.key }, body: form },
    });
    expect([response.status, await response.json()]).toEqual([
      422,
      {
        detail: [
          {
            loc: ['body', 'file'],
            msg: 'The file is empty. Send a file with at least 1 byte.',
            type: 'value_error',
          },
        ],
      },
    ]);
  });

  it('returns 422 for invalid fields', async () => {
    const file = 'https://example.com/a.png';
    const cases: Array<[object, string[]]> = [
      [{ text: 'Hi' }, ['to']],
      [{ to: 'x', text: 'Hi' }, ['to']],
      [{ to: [], text: 'Hi' }, ['to']],
      [{ to: Array.from({ length: 9 }, (_, n) => `+1500555001${n}`), text: 'Hi' }, ['to']],
      [{ to: [PLAIN, 'x'], text: 'Hi' }, ['to']],
      [{ to: 5, text: 'Hi' }, ['to']],
      [{ to: PLAIN, conversation_id: UNKNOWN, text: 'Hi' }, ['conversation_id']],
      [{ conversation_id: 'x', text: 'Hi' }, ['conversation_id']],
      [{ conversation_id: UNKNOWN, text: 'Hi' }, ['conversation_id']],
      [{ to: PLAIN }, ['text']],
      [{ to: PLAIN, text: '' }, ['text']],
      [{ to: PLAIN, text: 5 }, ['text']],
      [{ to: PLAIN, media_urls: [] }, ['text']],
      [{ to: PLAIN, media_urls: [file, file] }, ['media_urls']],
      [{ to: PLAIN, media_urls: ['file:///etc/passwd'] }, ['media_urls', '0'].slice(0, 1)],
      [{ to: PLAIN, text: 'Hi', send_style: 'sparkles' }, ['send_style']],
    ];
    for (const [body, path] of cases) {
      const response = await api.request('POST', '/messages', body);
      expectDetail(response, 422);
      expect(response.body.detail[0].loc.slice(0, 2), JSON.stringify(body)).toEqual(['body', ...path]);
    }
    const typed: Array<[object, Array<string | number>, string]> = [
      [{ to: PLAIN, text: '' }, ['text'], 'value_error'],
      [{ text: 'Hi' }, ['to'], 'missing'],
      [{ to: PLAIN, conversation_id: UNKNOWN, text: 'Hi' }, ['conversation_id'], 'value_error'],
      [{ to: PLAIN, media_urls: [file, file] }, ['media_urls'], 'too_long'],
      [{ to: PLAIN, media_urls: ['file:///etc/passwd'] }, ['media_urls', 0], 'value_error'],
      [
        { to: PLAIN, media_urls: [`${homing.url}/media/med_x?expires=1&signature=x`] },
        ['media_urls', 0],
        'value_error',
      ],
      [{ to: [OWN, PLAIN], text: 'Hi' }, ['to'], 'value_error'],
    ];
    for (const [body, path, type] of typed) {
      const response = await api.request('POST', '/messages', body);
      expectDetail(response, 422);
      expect(response.body.detail).toEqual([{ loc: ['body', ...path], type, msg: expect.any(String) }]);
    }
    const own = await api.request('POST', '/messages', { to: [OWN, PLAIN], text: 'Hi' });
    expect(own.body.detail[0].msg).toBe(
      "A group must have 2 to 8 different recipients in 'to', besides your number.",
    );
    const { detail } = (await api.request('POST', '/messages', { to: PLAIN })).body;
    expect(detail).toEqual([{ ...MISSING, msg: "One of 'text' and 'media_urls' is required." }]);
  });

  it('returns 403 for a recipient that has opted out, also in a group', async () => {
    await api.client.post('/v1/opt-outs', { recipient: '+15005550013' });
    for (const to of ['+15005550013', [PLAIN, '+15005550013']]) {
      expectDetail(await api.request('POST', '/messages', { to, text: 'Hi' }), 403);
    }
  });
});

describe('GET /messages', () => {
  it('returns inbound and outbound messages, newest first, without groups by default', async () => {
    const api = await newImessageClient(homing);
    expect(await api.get('/messages')).toEqual([]);
    const sent = await api.send({ to: ECHO, text: 'ping' });
    const group = await api.send({ to: [PLAIN, OTHER], text: 'all' });
    const [echo] = await until('the echo', async () => {
      const messages = await api.get('/messages?is_read=false');
      return messages.length === 1 && messages;
    });
    expect(echo).toEqual({
      ...PLAIN_MESSAGE,
      ...{ direction: 'inbound', remote_number: ECHO, sender_number: ECHO, content: 'echo: ping' },
      ...{ conversation_id: sent.conversation_id, status: 'received', is_read: false },
    });
    expect(idsOf(await api.get('/messages'))).toEqual([echo.id, sent.id]);
    expect(idsOf(await api.get('/messages?include_groups=true'))).toEqual([echo.id, group.id, sent.id]);
    expect(idsOf(await api.get('/messages?is_read=true'))).toEqual([sent.id]);
    expect(idsOf(await api.get('/messages?is_read=False'))).toEqual([echo.id]);
    const inConversation = `/messages?conversation_id=${sent.conversation_id}`;
    expect(idsOf(await api.get(inConversation))).toEqual([echo.id, sent.id]);
    expect(idsOf(await api.get(`${inConversation}&is_read=false`))).toEqual([echo.id]);
    expect(idsOf(await api.get(`${inConversation}&is_read=true`))).toEqual([sent.id]);
    expect(idsOf(await api.get(`/messages?conversation_id=${group.conversation_id}`))).toEqual([group.id]);
  });

  it('returns every message once in pages, also beside a queue', async () => {
    const api = await newImessageClient(homing);
    const texts = Array.from({ length: 12 }, (_, n) => `text ${n}`);
    for (const text of texts) await api.send({ to: PLAIN, text });
    const pages: string[] = [];
    for (const offset of [0, 5, 10, 12]) {
      pages.push(...textsOf(await api.get(`/messages?limit=5&offset=${offset}`)).slice(0, 5));
    }
    expect(pages).toEqual(texts.toReversed());
    const [{ conversation_id }] = await api.get('/messages');
    const inConversation = await api.get(`/messages?conversation_id=${conversation_id}&limit=3&offset=8`);
    expect(textsOf(inConversation)).toEqual(['text 3', 'text 2', 'text 1']);
  });

  it('returns messages behind many others, whether these match or not', async () => {
    const account = 'imessage-many';
    const api = await newImessageClient(homing, { account, environment: 'live' });
    const line = await pairedInbox(homing, '+14155557102', account);
    const [anna, ben] = ['+14155550100', '+14155550101'];
    await line.receive({ from: anna, text: 'first' });
    // One step of the list examines 2,000 messages.
    for (let sent = 0; sent < 2_100; sent += 100) {
      const texts = Array.from({ length: 100 }, (_, n) => `text ${sent + n}`);
      await line.receive(...texts.map((text) => ({ from: ben, text, chat: 'iMessage;+;chat78' })));
    }
    await line.receive({ from: anna, text: 'last' });
    const messages = await api.get('/messages');
    expect(textsOf(messages)).toEqual(['last', 'first']);
    const all = '/messages?include_groups=true';
    expect(textsOf(await api.get(`${all}&limit=2&offset=2100`))).toEqual(['text 0', 'first']);
    expect(textsOf(await api.get(`${all}&limit=2&offset=700`))).toEqual(['text 1400', 'text 1399']);
    expect(await api.get(`${all}&offset=2102`)).toEqual([]);
    const { conversation_id } = messages[0];
    expect(await api.get(`/messages?conversation_id=${conversation_id}`)).toEqual(messages);
  });

  it('filters by times, with and without a time zone', async () => {
    const api = await newImessageClient(homing);
    const { created_at } = await api.send({ to: PLAIN });
    const at = Date.parse(created_at);
    const iso = (shift: number) => new Date(at + shift).toISOString();
    const hour = 3_600_000;
    const count = async (query: string) => (await api.get(`/messages?${query}`)).length;
    expect(await count(`start_datetime=${created_at}&end_datetime=${iso(1)}`)).toBe(1);
    expect(await count(`start_datetime=${iso(1)}`)).toBe(0);
    expect(await count(`end_datetime=${created_at}`)).toBe(0);
    // Tokyo is 9 hours ahead of UTC, and has no clock changes.
    const inTokyo = (shift: number) => iso(9 * hour + shift).slice(0, -1);
    for (const [shift, found] of [
      [0, 1],
      [1_000, 0],
    ] as const) {
      expect(await count(`start_datetime=${inTokyo(shift)}&tz=Asia/Tokyo`)).toBe(found);
      const withOffset = encodeURIComponent(`${inTokyo(shift)}+09:00`);
      expect(await count(`start_datetime=${withOffset}`)).toBe(found);
      // A client that does not escape the plus sign.
      expect(await count(`start_datetime=${inTokyo(shift)}+09:00`)).toBe(found);
    }
    expect(await count(`start_datetime=${iso(-24 * hour).slice(0, 10)}&tz=America/New_York`)).toBe(1);
    expect(await count(`end_datetime=${iso(-24 * hour).slice(0, 10)}`)).toBe(0);
  });

  it('returns the local time of both sides of a clock change', async () => {
    const { boundsOf } = await import('../../../broker/apis/inkbox-imessage/time-range.ts');
    const at = (start_datetime: string) =>
      new Date(boundsOf({ start_datetime, tz: 'America/New_York' }).since!).toISOString();
    expect(at('2026-03-08T01:30:00')).toBe('2026-03-08T06:30:00.000Z');
    expect(at('2026-03-08T03:30:00')).toBe('2026-03-08T07:30:00.000Z');
    expect(at('2026-11-01T00:30')).toBe('2026-11-01T04:30:00.000Z');
    expect(at('2026-11-01T02:30')).toBe('2026-11-01T07:30:00.000Z');
  });

  it('marks messages of blocked senders, and filters by them', async () => {
    const account = 'imessage-blocked';
    const api = await newImessageClient(homing, { account, environment: 'live' });
    const line = await pairedInbox(homing, '+14155557100', account);
    const [anna, ben] = ['+14155550100', '+14155550101'];
    const blocked = await line.client.post('/v1/sender-rules', { handle: ben, action: 'block' });
    expect(blocked.status, blocked.text).toBe(201);
    await line.receive({ from: anna, text: 'welcome' }, { from: ben, text: 'spam' });
    const shown = async (query: string) =>
      (await api.get(`/messages${query}`)).map((one: { content: string; is_blocked: boolean }) => [
        one.content,
        one.is_blocked,
      ]);
    expect(await shown('')).toEqual([['welcome', false]]);
    expect(await shown('?is_blocked=true')).toEqual([['spam', true]]);
    expect(await shown('?is_blocked=false')).toEqual([['welcome', false]]);
    expect(await shown('?is_read=false')).toEqual([['welcome', false]]);
    const conversations = await api.get('/conversations');
    expect(conversations.map(({ remote_number }: { remote_number: string }) => remote_number)).toEqual([
      anna,
    ]);
    await line.client.post('/v1/sender-rules', { handle: anna, action: 'block' });
    expect(await api.get('/conversations?is_blocked=true')).toEqual([
      expect.objectContaining({ remote_number: ben, latest_text: 'spam' }),
      ...conversations,
    ]);
    expect(await api.get('/conversations?is_blocked=false')).toEqual([]);
  });

  it('returns 422 for invalid filters and 404 for an unknown conversation', async () => {
    const api = await newImessageClient(homing);
    for (const query of [
      ...['limit=0', 'limit=201', 'limit=x', 'offset=-1', 'offset=10001', 'is_read=maybe', 'is_blocked=2'],
      ...['include_groups=x', 'start_datetime=yesterday', 'end_datetime=2026-02-30', 'tz=Mars/Olympus'],
      ...['start_datetime=2026-13-01', 'start_datetime=2026-11-21T25:00:00', 'is_read=true&is_read=false'],
    ]) {
      const response = await api.request('GET', `/messages?${query}`);
      expectDetail(response, 422);
      expect(response.body.detail[0].loc, query).toEqual(['query', query.split('=')[0]]);
    }
    for (const id of [UNKNOWN, 'x', '']) {
      expectDetail(await api.request('GET', `/messages?conversation_id=${id}`), 404);
    }
  });
});

describe('POST /reactions', () => {
  let api: ImessageClient;
  beforeAll(async () => {
    api = await newImessageClient(homing);
  });

  it('queues a reaction, which the message shows when it is sent', async () => {
    const { id } = await api.send({ to: PLAIN });
    const message = await api.untilStatus(id, 'delivered');
    const { status, body } = await api.request('POST', '/reactions', { message_id: id, reaction: 'eyes' });
    const expected = {
      id: UUID,
      conversation_id: message.conversation_id,
      assignment_id: null,
      target_message_id: id,
      direction: 'outbound',
      reaction: 'eyes',
      custom_emoji: null,
      remote_number: PLAIN,
      part_index: 0,
      created_at: TIME,
      updated_at: TIME,
    };
    expect([status, body]).toEqual([201, expected]);
    expect(Object.keys(body)).toEqual(Object.keys(expected));
    const shown = await until('the reaction', async () => {
      const [one] = await api.get('/messages');
      return one.reactions ?? undefined;
    });
    expect(shown).toEqual([
      {
        ...{ id: body.id, direction: 'outbound', reaction: 'eyes', custom_emoji: null },
        ...{ remote_number: PLAIN, part_index: 0, created_at: TIME },
      },
    ]);
    const [onV1] = (await api.client.get('/v1/messages')).body.messages;
    expect(onV1.reactions).toEqual([expect.objectContaining({ reaction: '👀', handle: OWN })]);
  });

  it('shows the own number as the source of a reaction in a group', async () => {
    const { id } = await api.send({ to: [PLAIN, OTHER] });
    const message = await api.untilStatus(id, 'delivered');
    const body = await api.post('/reactions', { message_id: id, reaction: 'love' });
    expect(body).toMatchObject({ direction: 'outbound', remote_number: OWN });
    const reactions = await until('the reaction', async () => {
      const [one] = await api.get(`/messages?conversation_id=${message.conversation_id}`);
      return one.reactions ?? undefined;
    });
    expect(reactions).toEqual([expect.objectContaining({ id: body.id, remote_number: OWN })]);
  });

  it('accepts every reaction and a part', async () => {
    const { id } = await api.send({ to: OTHER });
    for (const reaction of ['love', 'like', 'dislike', 'laugh', 'emphasize', 'question']) {
      const body = await api.post('/reactions', { message_id: id, reaction, part_index: 1 });
      expect(body).toMatchObject({ reaction, custom_emoji: null, part_index: 1 });
    }
  });

  it('returns 422 for invalid fields and 404 for an unknown message', async () => {
    const { id } = await api.send({ to: PLAIN });
    for (const [body, field] of [
      [{ reaction: 'love' }, 'message_id'],
      [{ message_id: 'x', reaction: 'love' }, 'message_id'],
      [{ message_id: id }, 'reaction'],
      [{ message_id: id, reaction: '👀' }, 'reaction'],
      [{ message_id: id, reaction: 'love', part_index: -1 }, 'part_index'],
      [{ message_id: id, reaction: 'love', part_index: 'x' }, 'part_index'],
    ] as const) {
      const response = await api.request('POST', '/reactions', body);
      expectDetail(response, 422);
      expect(response.body.detail[0].loc).toEqual(['body', field]);
    }
    for (const [part_index, type] of [
      [-1, 'greater_than_equal'],
      [1_001, 'less_than_equal'],
      [1e300, 'less_than_equal'],
      ['x', 'type_error'],
    ] as const) {
      const { body } = await api.request('POST', '/reactions', {
        ...{ message_id: id, reaction: 'love', part_index },
      });
      expect(body.detail[0].type, String(part_index)).toBe(type);
    }
    expectDetail(await api.request('POST', '/reactions', { message_id: UNKNOWN, reaction: 'love' }), 404);
  });
});

describe('messages from devices', () => {
  it('show the sender, the group and emoji reactions', async () => {
    const account = 'imessage-device';
    const api = await newImessageClient(homing, { account, environment: 'live' });
    const line = await pairedInbox(homing, '+14155557101', account);
    const [anna, ben] = ['+14155550100', '+14155550101'];
    const chat = 'iMessage;+;chat77';
    await line.receive(
      { guid: 'first', from: anna, text: 'who comes?', chat, participants: [anna, ben] },
      { guid: 'own', from: line.number, to: ben, text: 'me', chat, from_me: true },
      { from: ben, text: 'by SMS', service: 'sms' },
    );
    const [sms, own, first] = await api.get('/messages?include_groups=true');
    expect(first).toMatchObject({
      ...{ remote_number: null, sender_number: anna, is_group: true, participants: [anna, ben] },
      ...{ recipients: null, status: 'received' },
    });
    expect(own).toMatchObject({ remote_number: null, sender_number: null, direction: 'outbound' });
    expect(own.recipients.map((one: { remote_number: string }) => one.remote_number)).toEqual([anna, ben]);
    expect(sms).toMatchObject({ service: 'sms', was_downgraded: null, remote_number: ben });
    expect(JSON.stringify([own, first])).not.toContain(';+;');
    await line.receive({
      guid: 'heart',
      from: ben,
      text: '',
      chat,
      reaction: { of: 'first', kind: '🎉', part: 0 },
    });
    const reactions = await until('the reaction', async () => {
      const messages = await api.get(`/messages?conversation_id=${first.conversation_id}`);
      return messages.find(({ id }: { id: string }) => id === first.id).reactions ?? undefined;
    });
    expect(reactions).toEqual([
      {
        ...{ id: UUID, direction: 'inbound', reaction: 'custom', custom_emoji: '🎉', remote_number: ben },
        ...{ part_index: 0, created_at: TIME },
      },
    ]);
  });
});
