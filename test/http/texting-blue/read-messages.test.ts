/** Tests GET /v1/messages and GET /v1/messages/:id: fields, order, filters and pages. */
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RunningBroker } from '../../support/homing-process.ts';
import {
  type Client,
  clientFor,
  createAccount,
  createClient,
  expectError,
} from '../../support/http-client.ts';
import { startInProcess } from '../../support/in-process-broker.ts';
import { ROOMY, writePlans } from '../../support/plans-file.ts';
import { until } from '../../support/until.ts';

interface Row {
  id: string;
  to: string;
  from: string;
  content: string;
  media_url: string | null;
  status: string;
  direction: string;
  created_at: string;
  delivered_at: string | null;
}

interface Page {
  messages: Row[];
  cursor: string | null;
  has_more: boolean;
}

const SENDERS = ['+15005550006', '+15005550007'];
/** Final status of messages to the sandbox numbers; +15005550014 also replies with an echo. */
const FINAL_STATUS: Record<string, string> = {
  '+15005550010': 'delivered',
  '+15005550014': 'delivered',
  '+15005550011': 'sent',
  '+15005550020': 'failed',
  '+15005550023': 'queued',
};
const UNKNOWN = 'msg_01m7ypkdxffkmb6tyeck3vccad';

let homing: RunningBroker;
let client: Client;
/** All messages of `client` in their final status, newest first. */
let all: Row[];

beforeAll(async () => {
  homing = await startInProcess({ HOMING_PLANS_FILE: writePlans({ roomy: ROOMY }) });
  await createAccount(homing, 'reader', 'roomy');
  client = await createClient(homing, { account: 'reader' });
  for (const to of Object.keys(FINAL_STATUS)) {
    for (const from of SENDERS) {
      await client.post('/v1/messages/send', { to, from, content: `from ${from} to ${to}` });
    }
  }
  all = await until('the final status of every message', async () => {
    const { messages } = await page('');
    const settled = messages.filter(
      ({ to, status, direction }) => direction === 'inbound' || status === FINAL_STATUS[to],
    );
    return settled.length === 12 && messages;
  });
});
afterAll(() => homing?.dispose());

async function page(query: string, by: Client = client): Promise<Page> {
  const response = await by.get(`/v1/messages${query}`);
  expect(response.status, response.text).toBe(200);
  expect(response.headers.get('x-ratelimit-remaining')).toMatch(/^\d+$/);
  expect(Object.keys(response.body).sort()).toEqual(['cursor', 'has_more', 'messages']);
  return response.body;
}

/** Reads all pages. */
async function walk(query: Record<string, string>, by: Client = client): Promise<Row[][]> {
  const pages: Row[][] = [];
  let cursor: string | null = null;
  do {
    const found: Page = await page(
      `?${new URLSearchParams({ ...query, ...(cursor === null ? {} : { cursor }) })}`,
      by,
    );
    pages.push(found.messages);
    expect(found.cursor === null).toBe(!found.has_more);
    if (found.has_more) expect(found.cursor).toBe(found.messages.at(-1)!.id);
    cursor = found.cursor;
  } while (cursor !== null);
  return pages;
}

describe('a row of GET /v1/messages', () => {
  it('has exactly the documented fields', () => {
    for (const row of all) {
      expect(row).toEqual({
        id: expect.stringMatching(/^msg_[0-9a-z]{26}$/),
        to: expect.stringMatching(/^\+\d+$/),
        from: expect.stringMatching(/^\+\d+$/),
        content: expect.any(String),
        media_url: null,
        status: expect.stringMatching(/^(queued|sent|delivered|failed|received)$/),
        direction: expect.stringMatching(/^(in|out)bound$/),
        created_at: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
        delivered_at: row.status === 'delivered' ? expect.stringMatching(/Z$/) : null,
        ...(row.status === 'queued' ? { waiting: expect.objectContaining({ reason: 'no_device' }) } : {}),
        // The service is known when the message was transmitted.
        service: /^(sent|delivered|received)$/.test(row.status) ? 'imessage' : null,
        conversation_id: expect.stringMatching(/^conv_[0-9a-z]{26}$/),
        ...{ is_group: false, sender: null, participants: null, reply_to: null, effect: null, subject: null },
        ...{ media: [], reactions: [], edited_at: null, unsent_at: null, read_at: null },
      });
    }
  });

  it('has the status received and the account’s number in `to` if it is inbound', () => {
    const inbound = all.filter(({ direction }) => direction === 'inbound');
    expect(inbound).toHaveLength(2);
    for (const row of inbound) {
      expect(row.status).toBe('received');
      expect(SENDERS).toContain(row.to);
      expect(row.from).toBe('+15005550014');
      expect(row.content).toMatch(/^echo: /);
    }
    expect(all.filter(({ status }) => status === 'received')).toEqual(inbound);
  });
});

describe('GET /v1/messages', () => {
  it('returns an empty page for a new account', async () => {
    const fresh = clientFor(homing.url, homing.testKey);
    expect(await page('', fresh)).toEqual({ messages: [], cursor: null, has_more: false });
  });

  it('returns inbound and outbound messages, newest first', () => {
    const times = all.map(({ created_at }) => Date.parse(created_at));
    expect(times).toEqual(times.toSorted((a, b) => b - a));
    const ids = all.map(({ id }) => id);
    expect(ids).toEqual(ids.toSorted().toReversed());
    expect(new Set(all.map(({ direction }) => direction)).size).toBe(2);
  });

  const statuses = ['queued', 'polling', 'sent', 'delivered', 'failed', 'received'];
  const handles = [...SENDERS, '+15005550014', '+15005550020', '+14155550100'];
  const filters = [
    ...statuses.map((status) => ({ status })),
    ...['inbound', 'outbound'].map((direction) => ({ direction })),
    ...handles.flatMap((handle) => [{ from: handle }, { to: handle }]),
    ...['inbound', 'outbound'].flatMap((direction) =>
      handles.flatMap((handle) => [
        { direction, from: handle },
        { direction, to: handle },
      ]),
    ),
    { from: SENDERS[0]!, to: '+15005550014' },
    { from: '+15005550014', to: SENDERS[1]! },
    { from: SENDERS[0]!, to: SENDERS[1]! },
    { direction: 'inbound', status: 'delivered' },
    { direction: 'outbound', status: 'failed', from: SENDERS[1]!, to: '+15005550020' },
    { from: "' OR 1=1 --" },
    { from: '__proto__' },
    { to: 'constructor' },
  ] as Array<Record<string, string>>;

  it.each(filters)('returns exactly the matching messages for the filter %j', async (filter) => {
    const expected = all.filter((row) =>
      Object.entries(filter).every(([name, value]) => row[name as keyof Row] === value),
    );
    expect((await page(`?${new URLSearchParams(filter)}`)).messages).toEqual(expected);
    const pages = await walk({ ...filter, limit: '1' });
    expect(pages.flat()).toEqual(expected);
  });

  it.each([1, 2, 5, 6, 11, 12, 13, 100])('returns pages of %i messages', async (limit) => {
    const pages = await walk({ limit: String(limit) });
    expect(pages.flat()).toEqual(all);
    expect(pages).toHaveLength(Math.ceil(all.length / limit));
    for (const messages of pages.slice(0, -1)) expect(messages).toHaveLength(limit);
  });

  it('accepts the id of any message as a cursor', async () => {
    for (const [index, { id }] of all.entries()) {
      expect((await page(`?cursor=${id}`)).messages).toEqual(all.slice(index + 1));
    }
  });

  it('returns 50 messages per page by default, and at most 100', async () => {
    await createAccount(homing, 'many', 'roomy');
    const many = await createClient(homing, { account: 'many' });
    await Promise.all(
      Array.from({ length: 101 }, (_, n) =>
        many.post('/v1/messages/send', { to: '+15005550023', content: String(n) }),
      ),
    );
    const first = await page('', many);
    expect(first.messages).toHaveLength(50);
    expect(first.has_more).toBe(true);
    expect((await page('?limit=100', many)).messages).toHaveLength(100);
    expect((await walk({}, many)).map(({ length }) => length)).toEqual([50, 50, 1]);
  });

  it.each([
    ['limit', 'limit=0'],
    ['limit', 'limit=101'],
    ['limit', 'limit=-1'],
    ['limit', 'limit=abc'],
    ['limit', 'limit='],
    ['limit', 'limit=1e1'],
    ['limit', 'limit=1.5'],
    ['limit', 'limit=0x10'],
    ['limit', 'limit=%2010'],
    ['limit', 'limit=10%00'],
    ['limit', 'limit=99999999999999999999'],
    ['limit', 'limit=10&limit=20'],
    ['limit', 'limit=10&limit=10'],
    ['cursor', 'cursor='],
    ['cursor', 'cursor=nonsense'],
    ['cursor', 'cursor=msg_'],
    ['cursor', 'cursor=msg_01jd'],
    ['cursor', `cursor=${UNKNOWN.toUpperCase()}`],
    ['cursor', `cursor=${UNKNOWN.replace('msg_', 'num_')}`],
    ['cursor', `cursor=${UNKNOWN}&cursor=${UNKNOWN}`],
    ['cursor', `cursor=${UNKNOWN}'--`],
    ['status', 'status='],
    ['status', 'status=read'],
    ['status', 'status=SENT'],
    ['status', 'status=__proto__'],
    ['status', 'status=constructor'],
    ['status', 'status=sent&status=failed'],
    ['direction', 'direction=both'],
    ['direction', 'direction=toString'],
    ['direction', 'direction=inbound&direction=inbound'],
    ['from', 'from=%2B15005550006&from=%2B15005550007'],
    ['to', 'to=%2B15005550006&to=%2B15005550007'],
  ])('returns 400 with param=%s for ?%s', async (param, query) => {
    expectError(await client.get(`/v1/messages?${query}`), 400, 'invalid_request', param);
  });

  it('ignores unknown parameters', async () => {
    expect((await page('?__proto__=1&constructor=2&hasOwnProperty=3&page=4&limit[]=5')).messages).toEqual(
      all,
    );
  });
});

describe('pages of GET /v1/messages', () => {
  it('contain every message once, even if messages arrive during the pagination', async () => {
    await createAccount(homing, 'busy', 'roomy');
    const busy = await createClient(homing, { account: 'busy' });
    const send = (to: string) => busy.post('/v1/messages/send', { to, content: 'x' });
    await Promise.all(Array.from({ length: 25 }, () => send('+15005550010')));

    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 30 }),
        fc.array(fc.tuple(fc.nat({ max: 4 }), fc.boolean()), { minLength: 1, maxLength: 8 }),
        async (limit, arrivals) => {
          const before = (await walk({ limit: '100' }, busy)).flat().map(({ id }) => id);
          const arriving: Array<Promise<unknown>> = [];
          const seen: string[] = [];
          let cursor: string | null = null;
          for (let turn = 0; ; turn += 1) {
            const [count, isEcho] = arrivals[turn % arrivals.length]!;
            for (let n = 0; n < count && turn < 8; n += 1) {
              arriving.push(send(isEcho ? '+15005550014' : '+15005550010'));
            }
            const found: Page = await page(
              `?limit=${limit}${cursor === null ? '' : `&cursor=${cursor}`}`,
              busy,
            );
            seen.push(...found.messages.map(({ id }) => id));
            cursor = found.cursor;
            if (cursor === null) break;
          }
          await Promise.all(arriving);
          expect(new Set(seen).size).toBe(seen.length);
          expect(seen).toEqual(seen.toSorted().toReversed());
          expect(before.filter((id) => !seen.includes(id))).toEqual([]);
        },
      ),
      { numRuns: 12 },
    );
  });
});

describe('GET /v1/messages/:id', () => {
  it('returns the row with error_code and error_message', async () => {
    for (const row of all) {
      const response = await client.get(`/v1/messages/${row.id}`);
      expect(response.status).toBe(200);
      const { error_code, error_message, edits, ...rest } = response.body;
      expect(edits).toEqual([]);
      expect(rest).toEqual(row);
      if (row.status === 'failed') {
        expect(error_code).toBe('not_on_imessage');
        expect(error_message).toEqual(expect.stringMatching(/./));
      } else expect([error_code, error_message]).toEqual([null, null]);
    }
  });

  it.each([
    UNKNOWN,
    UNKNOWN.toUpperCase(),
    UNKNOWN.replace('msg_', ''),
    UNKNOWN.replace('msg_', 'num_'),
    'msg_',
    'nonsense',
    '__proto__',
    'constructor',
    "' OR 1=1 --",
    '../numbers',
    '\0',
    'x'.repeat(4_000),
  ])('returns 404 for the id %j', async (id) => {
    expectError(await client.get(`/v1/messages/${encodeURIComponent(id)}`), 404, 'not_found');
  });
});
