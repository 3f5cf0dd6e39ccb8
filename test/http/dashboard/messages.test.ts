/** Tests the list of messages, its export, and the timeline of one message. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findTenant } from '../../../broker/core/accounts/accounts.ts';
import type { Message } from '../../../broker/core/model/message.ts';
import { DEVICE_NUMBER_DEFAULTS } from '../../../broker/core/model/number.ts';
import { formatId } from '../../../shared/ids.ts';
import { type DashboardClient, signIn } from '../../support/dashboard.ts';
import type { RunningBroker } from '../../support/homing-process.ts';
import { besideBroker } from '../../support/http-client.ts';
import { startInProcess } from '../../support/in-process-broker.ts';
import { queuedMessage } from '../../support/message.ts';
import { startReceiver } from '../../support/receiver.ts';
import { until } from '../../support/until.ts';

const OWN = '+14155550199';
const ANNA = '+14155550100';
const BEN = '+14155550101';

describe('the messages of the dashboard', () => {
  let broker: RunningBroker;
  let owner: DashboardClient;
  let numberId: string;

  const insert = (changes: ReadonlyArray<Partial<Message>>) =>
    besideBroker(broker, (store, { ids, now }) =>
      store.transaction(async (tx) => {
        const tenant = await findTenant(tx, 'default', 'live');
        for (const change of changes) {
          const at = now();
          const message = queuedMessage({
            ...{
              id: ids(),
              tenantId: tenant.id,
              numberId,
              ownNumber: OWN,
              createdAt: at,
              expiresAt: at + 1e8,
            },
            ...change,
          });
          await tx.messages.insert(message, { at, kind: 'accepted', status: message.status, detail: null });
        }
      }),
    );
  const list = async (query = '', environment = 'live') => {
    const response = await owner.get(`/${environment}/messages?${query}`);
    expect(response.status, response.text).toBe(200);
    return response.body as { messages: Array<{ id: string; content: string }>; next: string | null };
  };
  const texts = async (query: string) => (await list(query)).messages.map(({ content }) => content);

  beforeAll(async () => {
    broker = await startInProcess({ HOMING_ALLOW_PRIVATE_URLS: '1' });
    owner = await signIn(broker);
    await besideBroker(broker, (store, { ids, now }) =>
      store.transaction(async (tx) => {
        const tenant = await findTenant(tx, 'default', 'live');
        numberId = ids();
        await tx.numbers.insert({
          ...DEVICE_NUMBER_DEFAULTS,
          ...{ id: numberId, tenantId: tenant.id, phoneNumber: OWN, label: null, status: 'active' },
          ...{ verified: true, createdAt: now() },
        });
      }),
    );
    const inbound = { direction: 'inbound', status: 'received' } as const;
    await insert([
      { status: 'delivered', handle: ANNA, content: 'one apple' },
      { status: 'failed', handle: BEN, content: 'two', errorCode: 'expired' },
      { ...inbound, handle: ANNA, content: 'three apples' },
      { status: 'queued', handle: ANNA, content: 'four' },
      { status: 'queued', handle: BEN, content: 'five', priority: -1 },
    ]);
  });
  afterAll(() => broker?.dispose());

  it.each([
    ['', ['five', 'four', 'three apples', 'two', 'one apple']],
    ['status=queued', ['five', 'four']],
    ['status=failed', ['two']],
    ['direction=inbound', ['three apples']],
    [`recipient=${encodeURIComponent(ANNA)}`, ['four', 'three apples', 'one apple']],
    [`recipient=${ANNA}&status=delivered`, ['one apple']],
    [`recipient=${encodeURIComponent('+1 415 555 0101')}&status=queued`, ['five']],
    ['direction=outbound&status=received', []],
    ['since=99999999999999', []],
    ['since=1', ['five', 'four', 'three apples', 'two', 'one apple']],
    ['since=1&status=failed', ['two']],
    ['since=1&search=apple', ['three apples', 'one apple']],
    ['until=99999999999999&status=failed', ['two']],
    ['until=1', []],
    ['search=apple', ['three apples', 'one apple']],
    ['search=apple&direction=inbound', ['three apples']],
    ['search=apple&until=1', []],
    ['scheduled=true', []],
  ])('GET /messages?%s returns the matching messages, newest first', async (query, expected) => {
    expect(await texts(query)).toEqual(expected);
    const number = formatId('num', numberId);
    expect(await texts(`${query}&number=${number}`)).toEqual(expected);
    const pages: string[] = [];
    for (let cursor = ''; ; ) {
      const page = await list(`${query}&limit=1${cursor}`);
      pages.push(...page.messages.map(({ content }) => content));
      if (page.next === null) break;
      cursor = `&cursor=${page.next}`;
    }
    expect(pages).toEqual(expected);
  });

  it('scheduled messages are listed by their send time', async () => {
    const at = Date.now() + 3_600_000;
    const ids: string[] = [];
    for (const [content, sendAt] of [
      ['late', at + 2],
      ['early', at],
      ['middle', at + 1],
    ] as const) {
      const body = { to: '+15005550010', content, sendAt, idempotencyKey: `scheduled-${content}` };
      ids.push((await owner.post('/test/messages', body)).body.id);
    }
    const first = await list('scheduled=true&limit=2', 'test');
    expect(first.messages.map(({ content }) => content)).toEqual(['early', 'middle']);
    const rest = await list(`scheduled=true&limit=2&cursor=${first.next}`, 'test');
    expect(rest).toMatchObject({ messages: [{ id: ids[0], content: 'late' }], next: null });
  });

  it('a filter that matches few messages reads the history in several pages', async () => {
    await insert(
      Array.from({ length: 2_500 }, (_, index) => ({
        ...({ status: 'delivered', handle: '+14155550102' } as const),
        ...{ content: `filler ${index}`, service: index === 0 ? 'sms' : null },
      })),
    );
    const first = await list('direction=inbound');
    expect(first.messages).toEqual([]);
    expect(first.next).toMatch(/^msg_/);
    const next = await list(`direction=inbound&cursor=${first.next}`);
    expect(next).toMatchObject({ messages: [{ content: 'three apples' }], next: null });
  });

  it('GET /messages.csv exports all rows of the filters, in steps', async () => {
    const viewer = await signIn(broker, { role: 'viewer' });
    const response = await viewer.get('/live/messages.csv?status=delivered');
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toBe('text/csv; charset=utf-8');
    expect(response.headers.get('content-disposition')).toMatch(
      /^attachment; filename="messages-[\d-]+\.csv"$/,
    );
    const lines = response.text.split('\r\n');
    expect(lines).toHaveLength(2_503);
    expect(lines[0]).toMatch(/^id,created_at,direction,status,number,recipient,/);
    expect(lines[1]).toMatch(
      /^msg_\w+,[\d-]+T[\d:.]+Z,outbound,delivered,\+14155550199,\+14155550102,,,filler 2499,0,/,
    );
    expect(lines.at(-2)).toContain('one apple');
    expect(lines.at(-1)).toBe('');
  });

  it('a text that a spreadsheet would run as a formula gets an apostrophe', async () => {
    await insert([{ status: 'delivered', handle: '+14155550109', content: '=HYPERLINK("x")' }]);
    const { text } = await owner.get(`/live/messages.csv?recipient=${encodeURIComponent('+14155550109')}`);
    expect(text.split('\r\n')[1]).toContain(',+14155550199,+14155550109,,,"\'=HYPERLINK(""x"")",0,');
  });

  it('GET /messages/:id returns the timeline and the webhook deliveries with requests and responses', async () => {
    const receiver = await startReceiver();
    try {
      await besideBroker(broker, (store, context) =>
        store.transaction(async (tx) => {
          const tenant = await findTenant(tx, 'default', 'test');
          await tx.webhooks.insert({
            ...{
              id: context.ids(),
              tenantId: tenant.id,
              dialect: 'texting-blue',
              numberId: null,
              name: null,
            },
            ...{
              url: receiver.url,
              events: ['message.sent', 'message.delivered'],
              secret: 'whsec_c2VjcmV0c2VjcmV0',
            },
            ...{ previousSecret: null, previousSecretUntil: null, isActive: true, consecutiveFailures: 0 },
            ...{ createdAt: 0, updatedAt: 0 },
          });
        }),
      );
      const body = { to: '+15005550015', content: 'Hello', idempotencyKey: 'timeline-1' };
      const { id } = (await owner.post('/test/messages', body)).body;
      const detail = await until('both deliveries', async () => {
        const found = (await owner.get(`/test/messages/${id}`)).body;
        const isDone = found.deliveries.filter(
          ({ delivery }: { delivery: { status: string } }) => delivery.status === 'delivered',
        );
        return isDone.length === 2 && found.message.readAt !== null ? found : undefined;
      });
      expect(detail.message).toMatchObject({ id, status: 'delivered' });
      expect(detail.timeline.map(({ kind }: { kind: string }) => kind)).toEqual([
        ...['accepted', 'dispatched', 'sent', 'delivered', 'read'],
      ]);
      expect(detail.timeline[1]).toMatchObject({
        attempt: 1,
        device: { name: expect.any(String) },
        wait: null,
      });
      expect(detail.deliveries[0]).toMatchObject({
        webhook: { id: expect.stringMatching(/^wh_/), url: receiver.url },
        delivery: { type: 'message.sent', messageId: id },
        history: [{ statusCode: 200, durationMs: expect.any(Number) }],
        request: { method: 'POST', url: receiver.url, body: expect.stringContaining(id) },
      });
      const { headers } = detail.deliveries[0].request;
      expect(headers['webhook-signature']).toBe('…');
      expect(headers['x-textingblue-signature']).toBe('…');
    } finally {
      await receiver.close();
    }
  });

  it('the timeline of a waiting message says why it waits', async () => {
    const sendAt = Date.now() + 3_600_000;
    const body = { to: '+15005550010', content: 'Later', sendAt, idempotencyKey: 'timeline-2' };
    const { id } = (await owner.post('/test/messages', body)).body;
    const { timeline, deliveries } = (await owner.get(`/test/messages/${id}`)).body;
    expect(deliveries).toEqual([]);
    expect(timeline).toMatchObject([
      { kind: 'accepted' },
      { kind: 'waiting', wait: { reason: 'scheduled', until: sendAt } },
    ]);
    await owner.post(`/test/messages/${id}/cancel`);
    const after = (await owner.get(`/test/messages/${id}`)).body.timeline;
    expect(after.map(({ kind }: { kind: string }) => kind)).toEqual(['accepted', 'waiting', 'failed']);
  });

  it('messages of another environment are not found', async () => {
    const id = (await list()).messages[0]!.id;
    expect((await owner.get(`/test/messages/${id}`)).status).toBe(404);
    expect((await owner.get('/live/messages?status=unknown')).status).toBe(400);
    expect((await owner.get('/live/messages?since=yesterday')).status).toBe(400);
  });
});
