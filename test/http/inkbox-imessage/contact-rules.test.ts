/** Tests the contact rules of the Inkbox iMessage API. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RunningBroker } from '../../support/homing-process.ts';
import { createClient } from '../../support/http-client.ts';
import {
  type ImessageClient,
  imessageClient,
  newImessageClient,
  TIME,
  UUID,
} from '../../support/imessage-client.ts';
import { startInProcess } from '../../support/in-process-broker.ts';
import { expectDetail, pairedInbox } from '../../support/inbox.ts';

const UNKNOWN = '019fb2b9-3a5d-7e4e-b36a-3f73d2b6c1a4';
const RULES = '/identities/default/contact-rules';
const [ANNA, BEN] = ['+14155550100', '+14155550101'];

let homing: RunningBroker;
let api: ImessageClient;

beforeAll(async () => {
  homing = await startInProcess();
  api = await newImessageClient(homing);
});
afterAll(() => homing?.dispose());

const rule = (match_target: string, action = 'block') => ({
  action,
  match_type: 'exact_number',
  match_target,
});

describe('contact rules', () => {
  it('are created, listed, read, updated and deleted', async () => {
    const created = await api.request('POST', RULES, rule('+1 (415) 555-0101'));
    const expected = {
      id: UUID,
      agent_identity_id: UUID,
      action: 'block',
      match_type: 'exact_number',
      match_target: BEN,
      status: 'active',
      created_at: TIME,
      updated_at: TIME,
    };
    expect([created.status, created.body]).toEqual([201, expected]);
    expect(Object.keys(created.body)).toEqual(Object.keys(expected));
    const { id } = created.body;
    expect(created.headers.get('location')).toBe(`/api/v1/imessage${RULES}/${id}`);
    const anna = await api.post(RULES, { action: 'allow', match_target: ANNA });
    expect(anna).toEqual({ ...expected, action: 'allow', match_target: ANNA });
    for (const path of ['/contact-rules', RULES]) {
      expect(await api.get(path)).toEqual([anna, created.body]);
      expect(await api.get(`${path}?limit=1&offset=1`)).toEqual([created.body]);
      expect(await api.get(`${path}?action=block`)).toEqual([created.body]);
      expect(await api.get(`${path}?action=allow&limit=1`)).toEqual([anna]);
      expect(await api.get(`${path}?action=allow&offset=1`)).toEqual([]);
    }
    expect(await api.get(`${RULES}/${id}`)).toEqual(created.body);
    const changed = await api.request('PATCH', `${RULES}/${id}`, { action: 'allow' });
    expect([changed.status, changed.body]).toEqual([200, { ...expected, action: 'allow' }]);
    expect((await api.client.get('/v1/sender-rules')).body.sender_rules).toHaveLength(2);
    const deleted = await api.request('DELETE', `${RULES}/${id}`);
    expect([deleted.status, deleted.text]).toEqual([204, '']);
    expect(await api.get('/contact-rules')).toEqual([anna]);
    for (const method of ['GET', 'DELETE']) expectDetail(await api.request(method, `${RULES}/${id}`), 404);
  });

  it('block the sender of a short code', async () => {
    expect(await api.post(RULES, rule('76934'))).toMatchObject({ match_target: '76934', action: 'block' });
  });

  it('return 409 with the id of the existing rule for a duplicate', async () => {
    const { id } = await api.post(RULES, rule('anna@example.com'));
    const { status, body } = await api.request('POST', RULES, rule('Anna@Example.com', 'allow'));
    expect([status, body]).toEqual([409, { detail: { existing_rule_id: id } }]);
  });

  it('belong to the account under its slug and every UUID, and to no other handle', async () => {
    const own = (await api.get('/contact-rules'))[0].agent_identity_id;
    for (const handle of [own, UNKNOWN]) {
      expect(await api.get(`/identities/${handle}/contact-rules`)).toEqual(await api.get(RULES));
    }
    for (const method of ['GET', 'POST']) {
      const body = method === 'POST' ? rule(ANNA) : undefined;
      expectDetail(await api.request(method, '/identities/nobody/contact-rules', body), 404);
    }
  });

  it('return 422 for invalid fields and 404 for unknown ids', async () => {
    for (const [body, field] of [
      [{ match_target: ANNA }, 'action'],
      [{ ...rule(ANNA), action: 'mute' }, 'action'],
      [{ ...rule(ANNA), match_type: 'prefix' }, 'match_type'],
      [{ action: 'block' }, 'match_target'],
      [rule('x'), 'match_target'],
      [rule(''), 'match_target'],
    ] as const) {
      const response = await api.request('POST', RULES, body);
      expectDetail(response, 422);
      expect(response.body.detail[0].loc).toEqual(['body', field]);
    }
    for (const id of [UNKNOWN, 'x']) {
      expectDetail(await api.request('GET', `${RULES}/${id}`), 404);
      expectDetail(await api.request('PATCH', `${RULES}/${id}`, { action: 'allow' }), 404);
      expectDetail(await api.request('DELETE', `${RULES}/${id}`), 404);
    }
    expectDetail(await api.request('GET', '/contact-rules?limit=0'), 422);
    expectDetail(await api.request('GET', `${RULES}?action=mute`), 422);
  });

  it('of another account are neither returned nor changed', async () => {
    const { id } = await api.post(RULES, rule('+14155550109'));
    for (const stranger of [
      await newImessageClient(homing),
      imessageClient(await createClient(homing, { environment: 'live' })),
    ]) {
      expect(await stranger.get('/contact-rules')).toEqual([]);
      expectDetail(await stranger.request('GET', `${RULES}/${id}`), 404);
      expectDetail(await stranger.request('PATCH', `${RULES}/${id}`, { action: 'allow' }), 404);
      expectDetail(await stranger.request('DELETE', `${RULES}/${id}`), 404);
    }
    expect((await api.get(`${RULES}/${id}`)).action).toBe('block');
  });

  it('keep messages of blocked senders out of the inbox until the rule is changed', async () => {
    const account = 'imessage-rules';
    const live = await newImessageClient(homing, { account, environment: 'live' });
    const line = await pairedInbox(homing, '+14155557400', account);
    const { id } = await live.post(RULES, rule(BEN));
    await line.receive({ from: BEN, text: 'spam' });
    expect(await live.get('/conversations')).toEqual([]);
    expect(await live.get('/messages')).toEqual([]);
    expect(await live.get('/messages?is_blocked=true')).toEqual([
      expect.objectContaining({ content: 'spam', is_blocked: true }),
    ]);
    // A text that was received before the rule is not blocked.
    await line.receive({ from: ANNA, text: 'hello' });
    const { id: ofAnna } = await live.post(RULES, rule(ANNA));
    const flags = (rows: Array<{ is_blocked: boolean }>) => rows.map(({ is_blocked }) => is_blocked);
    expect(flags(await line.texts())).toEqual([false]);
    expect(flags(await live.get('/messages'))).toEqual([false]);
    await live.request('DELETE', `${RULES}/${ofAnna}`);
    await live.request('PATCH', `${RULES}/${id}`, { action: 'allow' });
    await line.receive({ from: BEN, text: 'sorry' });
    expect(await live.get('/conversations?limit=1')).toEqual([
      expect.objectContaining({ latest_text: 'sorry', unread_count: 1, total_count: 1 }),
    ]);
  });

  it('leave conversations of blocked senders to the list of blocked ones', async () => {
    const account = 'imessage-blocked-conversations';
    const live = await newImessageClient(homing, { account, environment: 'live' });
    const line = await pairedInbox(homing, '+14155557401', account);
    const [CARA, DAN] = ['+14155550102', '+14155550103'];
    await line.receive({ from: ANNA, text: 'hello' }, { from: CARA, text: 'hi' });
    for (const handle of [ANNA, BEN, DAN]) await live.post(RULES, rule(handle));
    await line.receive({ from: BEN, text: 'spam' });
    await line.receive({ from: DAN, text: 'buy' }, { from: ANNA, text: 'unheard' });
    await line.receive({ from: BEN, text: 'more spam' });
    await line.receive({ from: BEN, text: 'in a group', chat: 'iMessage;+;c9', participants: [BEN, DAN] });
    const shown = (rows: Array<Record<string, unknown>>) =>
      rows.map(({ remote_number, latest_text, unread_count, total_count }) => [
        ...[remote_number, latest_text, unread_count, total_count],
      ]);
    const list = (query = '') => live.get(`/conversations?is_blocked=true${query}`);
    const rows = await list();
    const expected = [
      [BEN, 'more spam', 0, 2],
      [DAN, 'buy', 0, 1],
      [ANNA, 'hello', 1, 1],
    ];
    expect(shown(rows)).toEqual(expected);
    expect(shown(await list('&limit=1&offset=1'))).toEqual([expected[1]]);
    expect(shown(await list(`&end_datetime=${rows[0].latest_message_at}`))).toEqual(expected.slice(1));
    expect(shown(await list(`&start_datetime=${rows[1].latest_message_at}`))).toEqual(expected.slice(0, 2));
    const [group, ...others] = await list('&include_groups=true');
    expect(others).toEqual(rows);
    expect(group).toMatchObject({ is_group: true, remote_number: null, latest_text: 'in a group' });
    expect(shown(await live.get('/conversations'))).toEqual([
      [CARA, 'hi', 1, 1],
      [ANNA, 'hello', 1, 1],
    ]);
    expect(shown(await live.get('/conversations?is_blocked=false'))).toEqual([[CARA, 'hi', 1, 1]]);

    const { id, created_at, updated_at } = rows[0];
    const found = await live.get(`/conversations/${id}`);
    expect(found).toMatchObject({ id, remote_number: BEN, is_group: false, participants: null });
    expect([found.created_at, found.updated_at]).toEqual([created_at, updated_at]);
    const messages = await live.get(`/messages?conversation_id=${id}&is_blocked=true`);
    expect(messages.map(({ content }: { content: string }) => content)).toEqual(['more spam', 'spam']);
    expect(await live.get(`/messages?conversation_id=${id}`)).toEqual([]);
    expect(await live.post('/mark-read', { conversation_id: id })).toEqual({
      ...{ conversation_id: id, updated_count: 0 },
    });
    const stranger = await newImessageClient(homing);
    expectDetail(await stranger.request('GET', `/conversations/${id}`), 404);
    expectDetail(await live.request('GET', `/conversations/${UNKNOWN}`), 404);

    // Without the rule, the blocked messages stay blocked.
    const [{ id: ruleId }] = (await live.get(RULES)).filter(
      ({ match_target }: { match_target: string }) => match_target === DAN,
    );
    await live.request('DELETE', `${RULES}/${ruleId}`);
    expect(shown(await list())).toEqual(expected);
    await line.receive({ from: DAN, text: 'sorry' });
    expect(shown(await list())).toEqual([expected[0], expected[2]]);
    expect(shown(await live.get('/conversations?limit=1'))).toEqual([[DAN, 'sorry', 1, 1]]);
  });
});
