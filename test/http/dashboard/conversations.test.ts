/** Tests the conversations of the inbox: pages, filters, cursors, contact names and read marks. */

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findTenant } from '../../../broker/core/accounts/accounts.ts';
import type { Message } from '../../../broker/core/model/message.ts';
import { DEVICE_NUMBER_DEFAULTS } from '../../../broker/core/model/number.ts';
import type { Tenant } from '../../../broker/core/model/tenant.ts';
import type { Queries } from '../../../broker/core/ports/store.ts';
import { DISPATCH_CAPABILITIES } from '../../../shared/capabilities.ts';
import { formatId, type IdSource } from '../../../shared/ids.ts';
import { type DashboardClient, signIn } from '../../support/dashboard.ts';
import type { RunningBroker } from '../../support/homing-process.ts';
import { besideBroker } from '../../support/http-client.ts';
import { startInProcess } from '../../support/in-process-broker.ts';
import { queuedMessage } from '../../support/message.ts';

const ANNA = '+14155550100';
const BEN = '+14155550101';
const CHAT = 'iMessage;+;chat42';
const OWN = '+14155550199';
const OTHER = '+14155550198';

describe('the conversations of the dashboard', () => {
  let broker: RunningBroker;
  let owner: DashboardClient;
  let tenant: Tenant;
  const numberIds: Record<string, string> = {};

  const insert = async (changes: ReadonlyArray<Partial<Message>>) =>
    besideBroker(broker, (store, { ids, now }) =>
      store.transaction(async (tx) => {
        const stored: Message[] = [];
        for (const change of changes) stored.push(await insertMessage(tx, tenant, change, ids, now()));
        return stored;
      }),
    );
  const received = (handle: string, content: string, change: Partial<Message> = {}): Partial<Message> => ({
    ...{ direction: 'inbound', status: 'received', isUnread: true, service: 'imessage' },
    ...{ numberId: numberIds[OWN], ownNumber: OWN, handle, content, ...change },
  });
  const sent = (handle: string, content: string, change: Partial<Message> = {}): Partial<Message> => ({
    ...{ status: 'delivered', numberId: numberIds[OWN], ownNumber: OWN, handle, content, ...change },
  });
  const list = async (query = '') => {
    const response = await owner.get(`/live/conversations${query}`);
    expect(response.status, response.text).toBe(200);
    return response.body;
  };
  const recipients = (body: { conversations: Array<{ recipient: string }> }) =>
    body.conversations.map(({ recipient }) => recipient);

  beforeAll(async () => {
    broker = await startInProcess();
    owner = await signIn(broker);
    await besideBroker(broker, async (store, { ids, now }) => {
      tenant = await store.transaction((tx) => findTenant(tx, 'default', 'live'));
      await store.transaction(async (tx) => {
        for (const phoneNumber of [OWN, OTHER]) {
          const id = ids();
          numberIds[phoneNumber] = id;
          await tx.numbers.insert({
            ...DEVICE_NUMBER_DEFAULTS,
            ...{ id, tenantId: tenant.id, phoneNumber, label: `Line ${phoneNumber.at(-1)}` },
            ...{ status: 'active', verified: true, createdAt: now() },
          });
        }
        const contact = { id: ids(), tenantId: tenant.id, handle: ANNA, name: 'Anna Lee', email: null };
        await tx.contacts.insert({ ...contact, customFields: {}, createdAt: now(), updatedAt: now() });
        await tx.suppressions.insert({
          ...{ tenantId: tenant.id, handle: BEN, reason: 'STOP', createdAt: now() },
        });
      });
    });
    await insert([
      received(ANNA, 'Is the table free?'),
      sent(ANNA, 'It is.'),
      received(BEN, 'STOP'),
      received(ANNA, 'hello all', { chat: CHAT, isUnread: false }),
      received(BEN, 'hi', { chat: CHAT, isUnread: false }),
      sent(BEN, 'From the other line', { numberId: numberIds[OTHER], ownNumber: OTHER }),
    ]);
  });
  afterAll(() => broker?.dispose());

  it('GET /conversations returns conversations with contact names, latest activity first', async () => {
    const body = await list();
    expect(body.conversations).toHaveLength(4);
    expect(body).toMatchObject({ next: null, unread: 2 });
    const [other, group, ben, anna] = body.conversations;
    expect(other).toMatchObject({
      ownNumber: OTHER,
      recipient: BEN,
      latest: { content: 'From the other line' },
    });
    expect(group).toMatchObject({
      ...{ recipient: CHAT, isGroup: true, contactName: null, unreadCount: 0, totalCount: 2 },
      participants: [
        { handle: ANNA, contactName: 'Anna Lee' },
        { handle: BEN, contactName: null },
      ],
    });
    expect(ben).toMatchObject({ recipient: BEN, isOptedOut: true, contactName: null, unreadCount: 1 });
    expect(anna).toEqual({
      id: expect.stringMatching(/^conv_/),
      numberId: formatId('num', numberIds[OWN]!),
      ...{ ownNumber: OWN, numberLabel: 'Line 9', recipient: ANNA, isGroup: false },
      participants: [
        {
          handle: ANNA,
          contactId: expect.stringMatching(/^con_/),
          contactName: 'Anna Lee',
          isOptedOut: false,
        },
      ],
      ...{ name: null, leftAt: null, isBlocked: false, capabilities: [...DISPATCH_CAPABILITIES] },
      ...{ contactId: expect.stringMatching(/^con_/), contactName: 'Anna Lee', isOptedOut: false },
      ...{ unreadCount: 1, totalCount: 2, match: null, updatedAt: expect.any(Number) },
      latest: expect.objectContaining({ conversationId: anna.id, content: 'It is.', direction: 'outbound' }),
    });
    expect((await owner.get(`/live/conversations/${anna.id}`)).body).toEqual(anna);
  });

  it('filters and pages of conversations return each conversation once', async () => {
    expect(recipients(await list('?filter=unread'))).toEqual([BEN, ANNA]);
    expect(recipients(await list('?filter=groups'))).toEqual([CHAT]);
    const number = formatId('num', numberIds[OTHER]!);
    expect(recipients(await list(`?number=${number}`))).toEqual([BEN]);
    expect(recipients(await list(`?number=${number}&filter=unread`))).toEqual([]);
    const pages: string[] = [];
    for (let cursor = ''; ; ) {
      const page = await list(`?limit=1${cursor}`);
      pages.push(...recipients(page));
      if (page.next === null) break;
      cursor = `&cursor=${page.next}`;
    }
    expect(pages).toEqual([BEN, CHAT, BEN, ANNA]);
  });

  it('the messages of a conversation can be read in both directions and around a message', async () => {
    const handle = '+14155550110';
    const stored = await insert(Array.from({ length: 10 }, (_, index) => received(handle, `text ${index}`)));
    const id = (await list()).conversations[0].id;
    const page = async (query: string) => {
      const response = await owner.get(`/live/conversations/${id}/messages?${query}`);
      expect(response.status, response.text).toBe(200);
      const { messages, older, newer } = response.body;
      return { texts: messages.map(({ content }: Message) => Number(content.slice(5))), older, newer };
    };
    const idOf = (index: number) => formatId('msg', stored[index]!.id);
    const newest = await page('limit=4');
    expect(newest).toEqual({ texts: [9, 8, 7, 6], older: idOf(6), newer: null });
    expect(await page(`limit=4&before=${newest.older}`)).toEqual({
      ...{ texts: [5, 4, 3, 2], older: idOf(2), newer: idOf(5) },
    });
    expect(await page(`limit=4&before=${idOf(2)}`)).toEqual({ texts: [1, 0], older: null, newer: idOf(1) });
    expect(await page(`limit=4&after=${idOf(2)}`)).toEqual({
      ...{ texts: [6, 5, 4, 3], older: idOf(3), newer: idOf(6) },
    });
    expect(await page(`limit=4&after=${idOf(7)}`)).toEqual({ texts: [9, 8], older: idOf(8), newer: null });
    expect(await page(`limit=4&around=${idOf(5)}`)).toEqual({
      ...{ texts: [7, 6, 5, 4], older: idOf(4), newer: idOf(7) },
    });
    expect(await page(`limit=100&around=${idOf(5)}`)).toMatchObject({ older: null, newer: null });
    expect(
      (await owner.get(`/live/conversations/${id}/messages?before=${idOf(1)}&after=${idOf(0)}`)).status,
    ).toBe(400);
  });

  it('POST /read marks all messages as read, and the newest inbound message as unread', async () => {
    const handle = '+14155550111';
    // More than one transaction marks.
    await insert(Array.from({ length: 1_100 }, (_, index) => received(handle, `text ${index}`)));
    const [{ id, unreadCount }] = (await list()).conversations;
    expect(unreadCount).toBe(1_100);
    const member = await signIn(broker, { role: 'member' });
    const mark = (isRead: boolean) => member.post(`/live/conversations/${id}/read`, { isRead });
    const unread = (await list()).unread;
    expect(await mark(true)).toMatchObject({ status: 200, body: { unreadCount: 0 } });
    expect((await list()).unread).toBe(unread - 1);
    expect((await mark(true)).body).toEqual({ unreadCount: 0 });
    expect((await mark(false)).body).toEqual({ unreadCount: 1 });
    expect((await mark(false)).body).toEqual({ unreadCount: 1 });
    const { messages } = (await owner.get(`/live/conversations/${id}/messages?limit=2`)).body;
    expect(messages.map(({ isUnread }: Message) => isUnread)).toEqual([true, false]);
    expect((await mark(true)).body).toEqual({ unreadCount: 0 });
    const viewer = await signIn(broker, { role: 'viewer' });
    expect((await viewer.post(`/live/conversations/${id}/read`, { isRead: true })).status).toBe(403);
  });

  it('a search finds conversations by contact name, by handle and by words of messages', async () => {
    const found = async (search: string, query = '') =>
      recipients(await list(`?search=${encodeURIComponent(search)}${query}`));
    expect(await found('anna le')).toEqual([CHAT, ANNA]);
    expect(await found('ANNA', '&filter=groups')).toEqual([CHAT]);
    expect(await found('555 0101')).toEqual([BEN, CHAT, BEN]);
    expect(await found('555 0101', '&limit=2')).toEqual([BEN, CHAT]);
    expect(await found('nothing like it')).toEqual([]);
    expect(await found('%')).toEqual([]);
    const { conversations } = await list('?search=tab');
    expect(conversations).toMatchObject([
      { recipient: ANNA, latest: { content: 'It is.' }, match: { content: 'Is the table free?' } },
    ]);
    const first = await list('?search=0101&limit=1');
    expect(await found('0101', `&cursor=${first.next}`)).toEqual([CHAT, BEN]);
  });

  it('conversations of the other environment and of other accounts are not found', async () => {
    const [{ id }] = (await list()).conversations;
    expect((await owner.get('/test/conversations')).body.conversations).toEqual([]);
    expect((await owner.get(`/test/conversations/${id}`)).status).toBe(404);
    expect((await owner.get('/live/conversations/conv_x')).status).toBe(404);
    expect((await owner.get('/other/conversations')).status).toBe(404);
  });
});

async function insertMessage(
  tx: Queries,
  tenant: Tenant,
  change: Partial<Message>,
  ids: IdSource,
  at: number,
): Promise<Message> {
  const message = queuedMessage({ id: ids(), tenantId: tenant.id, createdAt: at, expiresAt: at, ...change });
  const kind = message.direction === 'inbound' ? 'received' : 'accepted';
  await tx.messages.insert(message, { at, kind, status: message.status, detail: null });
  return message;
}
