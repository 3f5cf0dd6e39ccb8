/** Tests conversations, read marks, typing and numbers of the Inkbox iMessage API. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RunningBroker } from '../../support/homing-process.ts';
import { createClient } from '../../support/http-client.ts';
import {
  ECHO,
  IMESSAGE,
  imessageClient,
  newImessageClient,
  OTHER,
  OWN,
  PLAIN,
  TIME,
  UUID,
} from '../../support/imessage-client.ts';
import { startInProcess } from '../../support/in-process-broker.ts';
import { expectDetail, pairedInbox } from '../../support/inbox.ts';
import { hello } from '../../support/raw-device.ts';
import { until } from '../../support/until.ts';

const UNKNOWN = '019fb2b9-3a5d-7e4e-b36a-3f73d2b6c1a4';

let homing: RunningBroker;

beforeAll(async () => {
  homing = await startInProcess();
});
afterAll(() => homing?.dispose());

const DIRECT = {
  ...{ id: UUID, assignment_id: null, assignment_status: null, remote_number: ECHO, participants: null },
  ...{ is_group: false, group_creation_status: null, created_at: TIME, updated_at: TIME },
};

describe('GET /conversations', () => {
  it('returns conversations with the documented fields in order, latest first', async () => {
    const api = await newImessageClient(homing);
    expect(await api.get('/conversations')).toEqual([]);
    const group = await api.send({ to: [PLAIN, OTHER], text: 'all' });
    await api.untilStatus(group.id, 'delivered');
    const sent = await api.send({ to: ECHO, text: 'ping' });
    const all = await until('the echo', async () => {
      const rows = await api.get('/conversations?include_groups=true');
      return rows[0].total_count === 2 && rows;
    });
    const row = {
      ...DIRECT,
      ...{ latest_text: 'echo: ping', latest_message_at: TIME, latest_direction: 'inbound' },
      ...{ latest_has_media: false, unread_count: 1, total_count: 2 },
    };
    expect(all).toEqual([
      { ...row, id: sent.conversation_id },
      {
        ...row,
        ...{ id: group.conversation_id, remote_number: null, participants: [PLAIN, OTHER], is_group: true },
        ...{ group_creation_status: 'ready', latest_text: 'all', latest_direction: 'outbound' },
        ...{ unread_count: 0, total_count: 1 },
      },
    ]);
    expect(Object.keys(all[0])).toEqual(Object.keys(row));
    expect(await api.get('/conversations')).toEqual([all[0]]);
    for (const [query, rows] of [
      ['limit=1', [all[0]]],
      ['limit=1&offset=1', [all[1]]],
      ['limit=1&offset=2', []],
      [`end_datetime=${all[1].latest_message_at}`, []],
      [`start_datetime=${all[0].latest_message_at}`, [all[0]]],
      ['is_blocked=false', all],
      ['is_blocked=true', []],
    ] as const) {
      expect(await api.get(`/conversations?include_groups=true&${query}`), query).toEqual(rows);
    }
    expect(await api.get(`/conversations/${sent.conversation_id}`)).toEqual({
      ...DIRECT,
      id: sent.conversation_id,
    });
  });

  it('returns every conversation once in pages, also behind many groups', async () => {
    const account = 'imessage-many-conversations';
    const api = await newImessageClient(homing, { account, environment: 'live' });
    const line = await pairedInbox(homing, '+14155557204', account);
    await line.receive({ from: '+14155550100', text: 'first' });
    // One step of the list reads 200 conversations.
    for (let sent = 0; sent < 210; sent += 70) {
      const chats = Array.from({ length: 70 }, (_, n) => `iMessage;+;chat${sent + n}`);
      await line.receive(...chats.map((chat) => ({ from: '+14155550101', text: chat, chat })));
    }
    const textsOf = async (query: string) =>
      (await api.get(`/conversations${query}`)).map((row: { latest_text: string }) => row.latest_text);
    expect(await textsOf('')).toEqual(['first']);
    expect(await textsOf('?include_groups=true&limit=3&offset=208')).toEqual([
      ...['iMessage;+;chat1', 'iMessage;+;chat0', 'first'],
    ]);
    expect(await textsOf('?include_groups=true&offset=211')).toEqual([]);
  });

  it('returns 422 for invalid filters', async () => {
    const api = await newImessageClient(homing);
    for (const query of [
      'limit=201',
      'offset=x',
      'is_blocked=x',
      'include_groups=2',
      'tz=x',
      'end_datetime=x',
    ]) {
      const response = await api.request('GET', `/conversations?${query}`);
      expectDetail(response, 422);
      expect(response.body.detail[0].loc).toEqual(['query', query.split('=')[0]]);
    }
  });

  it('tells whether a group exists in Messages', async () => {
    const account = 'imessage-groups';
    const api = await newImessageClient(homing, { account });
    const created = await api.client.post('/v1/conversations', {
      ...{ phone_number: OWN, participants: [PLAIN, OTHER, ECHO], name: 'Friday' },
    });
    const uuidOf = async () => (await api.send({ to: [PLAIN, OTHER, ECHO] })).conversation_id;
    expect(created.status).toBe(201);
    const id = await uuidOf();
    await until('the group to be ready', async () => {
      const { group_creation_status } = await api.get(`/conversations/${id}`);
      expect(['creating', 'ready']).toContain(group_creation_status);
      return group_creation_status === 'ready';
    });
  });
});

describe('POST /mark-read', () => {
  it('marks the messages of one conversation as read, and returns their number', async () => {
    const account = 'imessage-reading';
    const api = await newImessageClient(homing, { account, environment: 'live' });
    const line = await pairedInbox(homing, '+14155557200', account);
    await line.receive(
      { from: '+14155550100', text: 'one' },
      { from: '+14155550100', text: 'two' },
      { from: '+14155550101', text: 'other' },
    );
    const [other, own] = await api.get('/conversations');
    expect([other.unread_count, own.unread_count]).toEqual([1, 2]);
    for (const count of [2, 0]) {
      expect(await api.post('/mark-read', { conversation_id: own.id })).toEqual({
        ...{ conversation_id: own.id, updated_count: count },
      });
    }
    const unread = (await api.get('/conversations')).map((row: { unread_count: number }) => row.unread_count);
    expect(unread).toEqual([1, 0]);
    expect(await api.get('/messages?is_read=false')).toEqual([
      expect.objectContaining({ content: 'other', is_read: false }),
    ]);
  });
});

describe('POST /typing', () => {
  it('sends the signal to a device that can show typing, and has no effect on others', async () => {
    const account = 'imessage-typing';
    const api = await newImessageClient(homing, { account, environment: 'live' });
    const line = await pairedInbox(homing, '+14155557201', account);
    await line.receive({ from: '+14155550100', text: 'Hi' });
    const [{ id }] = await api.get('/conversations');
    expect(await api.post('/typing', { conversation_id: id })).toEqual({});
    line.socket.say(hello({ credit: 0, capabilities: ['imessage', 'typing', 'read_receipts'] }));
    await line.socket.next('welcome');
    expect(await api.post('/typing', { conversation_id: id })).toEqual({});
    expect(await line.socket.next('signal')).toMatchObject({
      ...{ kind: 'typing', state: 'start', from: line.number, to: '+14155550100' },
    });
    await api.post('/mark-read', { conversation_id: id });
    expect(await line.socket.next('signal')).toMatchObject({ kind: 'read', to: '+14155550100' });
  });
});

describe('an operation on a conversation', () => {
  it('returns 404 for an unknown id and 422 for an invalid body', async () => {
    const api = await newImessageClient(homing);
    for (const path of ['/mark-read', '/typing']) {
      expectDetail(await api.request('POST', path, { conversation_id: UNKNOWN }), 404);
      for (const body of [{}, { conversation_id: 'x' }, { conversation_id: 5 }, []]) {
        expectDetail(await api.request('POST', path, body), 422);
      }
    }
    for (const id of [UNKNOWN, 'x', '%00']) {
      expectDetail(await api.request('GET', `/conversations/${id}`), 404);
    }
  });
});

describe('GET /numbers', () => {
  it('returns the default number of a new sandbox', async () => {
    const api = await newImessageClient(homing);
    const numbers = await api.get('/numbers');
    expect(numbers).toEqual([
      {
        ...{ id: UUID, number: OWN, type: 'dedicated_outbound', status: 'active' },
        ...{ agent_identity_id: null, agent_handle: null },
      },
    ]);
    expect((await api.client.get('/api/v1/phone/numbers')).body[0].id).toBe(numbers[0].id);
  });

  it('returns paused for a number that cannot send', async () => {
    const account = 'imessage-numbers';
    const api = await newImessageClient(homing, { account, environment: 'live' });
    expect(await api.get('/numbers')).toEqual([]);
    await pairedInbox(homing, '+14155557202', account);
    await api.client.post('/v1/numbers/verify', { phone_number: '+14155557203' });
    const rows: Array<{ number: string; status: string }> = await api.get('/numbers');
    expect(rows.map(({ number, status }) => [number, status])).toEqual([
      ['+14155557202', 'active'],
      ['+14155557203', 'paused'],
    ]);
  });

  it('POST returns 402, because numbers are paired', async () => {
    const api = await newImessageClient(homing);
    const { status, body } = await api.request('POST', '/numbers', { type: 'dedicated_outbound' });
    expect([status, body]).toEqual([
      402,
      {
        detail: {
          error: 'dedicated_imessage_number_quota_exceeded',
          message: 'Numbers are paired, not claimed. Pair the iPhone or Mac that has the number.',
          ...{ number_type: 'dedicated_outbound', limit: 1, current: 1 },
        },
      },
    ]);
  });
});

describe('operations of shared numbers', () => {
  it('return no assignments and no triage number', async () => {
    const api = await newImessageClient(homing);
    expect(await api.get('/assignments')).toEqual([]);
    expectDetail(await api.request('GET', '/triage-number'), 404);
  });
});

describe('access', () => {
  it('needs messages:read to read and messages:send to send', async () => {
    const reader = imessageClient(await createClient(homing, { permissions: 'messages:read' }));
    const sender = imessageClient(await createClient(homing, { permissions: 'messages:send' }));
    const body = { conversation_id: UNKNOWN };
    for (const [method, path, allowed, given] of [
      ['GET', '/numbers', reader],
      ['GET', '/messages', reader],
      ['GET', '/conversations', reader],
      ['GET', '/assignments', reader],
      ['POST', '/messages', sender, { to: PLAIN, text: 'Hi' }],
      ['POST', '/mark-read', sender, body],
      ['POST', '/typing', sender, body],
      ['POST', '/reactions', sender, { message_id: UNKNOWN, reaction: 'love' }],
      ['POST', '/media', sender],
    ] as const) {
      for (const api of [reader, sender]) {
        const response = await api.request(method, path, given);
        if (api === allowed) expect(response.status, `${method} ${path}`).not.toBe(403);
        else expectDetail(response, 403);
      }
    }
  });

  it('accepts the key in three headers and returns errors in the format of Inkbox', async () => {
    const api = await newImessageClient(homing);
    const { key } = api.client;
    for (const headers of [
      { 'x-api-key': key },
      { 'x-service-token': key },
      { authorization: `Bearer ${key}` },
    ]) {
      expect((await fetch(`${homing.url}${IMESSAGE}/numbers`, { headers })).status).toBe(200);
    }
    const wrong = imessageClient({ ...api.client, ...(await createClient(homing)), key: 'x' });
    expectDetail(
      await wrong.client.request('GET', `${IMESSAGE}/numbers`, { headers: { 'x-api-key': 'x' } }),
      401,
    );
    expectDetail(await api.request('PUT', '/messages', {}), 405);
    expectDetail(await api.request('POST', '/messages', 'not json'), 422);
  });
});
