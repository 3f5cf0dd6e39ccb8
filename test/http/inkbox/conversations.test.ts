/** Tests the conversations of a number: fields, order, texts, counts, and updates of whole conversations. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RunningBroker } from '../../support/homing-process.ts';
import { startInProcess } from '../../support/in-process-broker.ts';
import {
  type Conversation,
  expectDetail,
  type Inbox,
  normalised,
  type PairedInbox,
  pairedInbox,
  sandboxInbox,
} from '../../support/inbox.ts';
import { until } from '../../support/until.ts';

const ANNA = '+14155550100';
const BEN = '+14155550101';
const UNKNOWN = '019fb2b9-3a5d-7e4e-b36a-3f73d2b6c1a4';

let homing: RunningBroker;
let phones = 0;

beforeAll(async () => {
  homing = await startInProcess();
});
afterAll(() => homing?.dispose());

function paired(): Promise<PairedInbox> {
  phones += 1;
  return pairedInbox(homing, `+1415555${6200 + phones}`);
}

/** Returns the latest text and the counts of the only conversation. */
async function summaryOf(inbox: Inbox) {
  const [conversation, ...others] = await inbox.conversations();
  expect(others).toEqual([]);
  if (conversation === undefined) return undefined;
  const { latest_text, latest_direction, unread_count, total_count } = conversation;
  return [latest_text, latest_direction, unread_count, total_count];
}

describe('GET /numbers/:id/texts/conversations', () => {
  it('returns conversations with the documented fields in order', async () => {
    const inbox = await paired();
    await inbox.receive({ from: ANNA, text: 'Hi' });
    const [conversation] = await inbox.conversations();
    expect(normalised(conversation)).toMatchInlineSnapshot(`
      "{
       "id": "UUID",
       "remote_phone_number": "+14155550100",
       "participants": [
        "+14155550100"
       ],
       "is_group": false,
       "latest_text": "Hi",
       "latest_direction": "inbound",
       "latest_type": "sms",
       "latest_has_media": false,
       "latest_message_at": "TIME",
       "unread_count": 1,
       "total_count": 1
      }"
    `);
    const [text] = await inbox.texts();
    expect(conversation).toMatchObject({ id: text!.conversation_id, latest_message_at: text!.created_at });
  });

  it('returns one conversation per recipient, latest first, in pages', async () => {
    const inbox = await paired();
    const order = async () =>
      (await inbox.conversations()).map(({ remote_phone_number }) => remote_phone_number);
    expect(await order()).toEqual([]);
    await inbox.receive({ from: ANNA, text: '1' }, { from: BEN, text: '2' });
    expect(await order()).toEqual([BEN, ANNA]);
    await inbox.receive({ from: ANNA, text: '3' });
    expect(await order()).toEqual([ANNA, BEN]);
    await inbox.send({ to: BEN, text: '4' });
    expect(await order()).toEqual([BEN, ANNA]);
    await inbox.receive({ from: inbox.number, to: '76934', text: '5', from_me: true });
    expect(await order()).toEqual(['76934', BEN, ANNA]);
    const pages: Conversation[][] = [];
    for (const offset of [0, 1, 2, 3]) pages.push(await inbox.conversations(`?limit=1&offset=${offset}`));
    expect(pages.flat()).toEqual(await inbox.conversations());
    expect(pages.map((page) => page.length)).toEqual([1, 1, 1, 0]);
  });

  it('returns 50 conversations by default', async () => {
    const inbox = await paired();
    await inbox.receive(
      ...Array.from({ length: 60 }, (_, n) => ({ from: `+1415555${7000 + n}`, text: 'Hi' })),
    );
    expect(await inbox.conversations()).toHaveLength(50);
    expect(await inbox.conversations('?limit=200')).toHaveLength(60);
    expect(await inbox.conversations('?offset=55')).toHaveLength(5);
  });

  it('returns a group as one conversation without a remote number, which is read by its id', async () => {
    const inbox = await paired();
    const chat = 'iMessage;+;chat42';
    await inbox.receive(
      { from: ANNA, text: 'to you alone' },
      { from: ANNA, text: 'who comes?', chat },
      { from: BEN, text: 'me', chat },
      { from: inbox.number, to: BEN, text: 'me too', chat, from_me: true },
    );
    const [group, single] = await inbox.conversations();
    expect(group).toMatchObject({
      remote_phone_number: null,
      participants: [ANNA, BEN],
      is_group: true,
      latest_text: 'me too',
      latest_direction: 'outbound',
      unread_count: 2,
      total_count: 3,
    });
    expect(single).toMatchObject({ remote_phone_number: ANNA, participants: [ANNA], is_group: false });
    expect((await inbox.thread(group!.id)).map(({ text }) => text)).toEqual(['me too', 'me', 'who comes?']);
    expect((await inbox.thread(group!.id.toUpperCase())).length).toBe(3);
    expect((await inbox.thread(ANNA)).map(({ text }) => text)).toEqual(['to you alone']);
    expect((await inbox.thread(single!.id)).map(({ text }) => text)).toEqual(['to you alone']);
    const marked = await inbox.patch(`/conversations/${group!.id}`, { is_read: true });
    expect(marked.body).toEqual({
      remote_phone_number: null,
      conversation_id: group!.id,
      is_read: true,
      updated_count: 2,
    });
    expect((await inbox.conversations()).map(({ unread_count }) => unread_count)).toEqual([0, 1]);
    expect((await inbox.patch(`/conversations/${group!.id}`, { is_read: false })).body.updated_count).toBe(2);
  });
});

describe('GET /numbers/:id/texts/conversations/:remote_number', () => {
  it('returns inbound and outbound texts, newest first, in pages', async () => {
    const inbox = await paired();
    await inbox.receive({ from: ANNA, text: 'one' }, { from: BEN, text: 'other' });
    await inbox.send({ to: ANNA, text: 'two' });
    await inbox.receive(
      { from: ANNA, text: 'three' },
      { from: inbox.number, to: ANNA, text: 'four', from_me: true },
    );
    const texts = await inbox.thread(ANNA);
    expect(texts.map(({ text }) => text)).toEqual(['four', 'three', 'two', 'one']);
    expect(texts.map(({ direction }) => direction)).toEqual(['outbound', 'inbound', 'outbound', 'inbound']);
    expect(new Set(texts.map(({ conversation_id }) => conversation_id)).size).toBe(1);
    expect(await inbox.thread(ANNA, '?limit=2')).toEqual(texts.slice(0, 2));
    expect(await inbox.thread(ANNA, '?limit=2&offset=3')).toEqual(texts.slice(3));
    const all = new Map((await inbox.texts()).map((text) => [text.id, text]));
    for (const text of texts) expect(text).toEqual(all.get(text.id));
  });

  it('finds the conversation by its number in every URL encoding', async () => {
    const inbox = await paired();
    await inbox.receive({ from: ANNA, text: 'Hi' });
    for (const written of [
      '%2B14155550100',
      '%2b14155550100',
      '+14155550100',
      '%2014155550100',
      '%2B1%20(415)%20555-0100',
    ]) {
      const { status, body } = await inbox.request('GET', `/conversations/${written}`);
      expect([status, body.length], written).toEqual([200, 1]);
      expect((await inbox.patch(`/conversations/${written}`, { is_read: true })).body).toMatchObject({
        remote_phone_number: ANNA,
      });
    }
  });

  it('finds the conversation by a short code, an e-mail address or a name', async () => {
    const inbox = await paired();
    await inbox.receive(
      { from: '76934', text: 'code 123456' },
      { from: 'Anna@Example.com', text: 'by mail' },
      { from: 'MYBANK', text: 'by name' },
    );
    for (const [remote, text] of [
      ['76934', 'code 123456'],
      ['anna@example.com', 'by mail'],
      ['ANNA@EXAMPLE.COM', 'by mail'],
      ['MYBANK', 'by name'],
    ] as const) {
      expect(
        (await inbox.thread(remote)).map((found) => found.text),
        remote,
      ).toEqual([text]);
    }
  });

  it('returns no texts for an unknown recipient', async () => {
    const inbox = await paired();
    await inbox.receive({ from: ANNA, text: 'Hi' });
    for (const remote of [
      BEN,
      '76934',
      '1',
      'nobody',
      'a@b.c',
      UNKNOWN,
      '\0',
      "' OR 1=1 --",
      '%',
      '🙂',
      '..;',
    ]) {
      expect(await inbox.thread(remote), remote).toEqual([]);
      expectDetail(await inbox.patch(`/conversations/${encodeURIComponent(remote)}`, { is_read: true }), 404);
    }
  });

  it('returns no texts for the id of another number’s conversation', async () => {
    const [one, two] = [await paired(), await paired()];
    await one.receive({ from: ANNA, text: 'Hi' });
    const { id } = (await one.conversations())[0]!;
    expect(await two.thread(id)).toEqual([]);
    expectDetail(await two.patch(`/conversations/${id}`, { is_read: true }), 404);
    expect((await one.conversations())[0]!.unread_count).toBe(1);
  });
});

describe('the counts and the latest text of a conversation', () => {
  it('change with inbound, read, unread, sent and deleted texts', async () => {
    const inbox = await paired();
    expect(await summaryOf(inbox)).toBeUndefined();
    await inbox.receive({ from: ANNA, text: 'one' });
    expect(await summaryOf(inbox)).toEqual(['one', 'inbound', 1, 1]);
    await inbox.receive({ from: ANNA, text: 'two' }, { from: ANNA, text: 'three' });
    expect(await summaryOf(inbox)).toEqual(['three', 'inbound', 3, 3]);
    const [three, two, one] = await inbox.texts();
    await inbox.patch(`/${two!.id}`, { is_read: true });
    expect(await summaryOf(inbox)).toEqual(['three', 'inbound', 2, 3]);
    await inbox.patch(`/${two!.id}`, { is_read: false });
    expect(await summaryOf(inbox)).toEqual(['three', 'inbound', 3, 3]);
    const sent = await inbox.send({ to: ANNA, text: 'four' });
    expect(await summaryOf(inbox)).toEqual(['four', 'outbound', 3, 4]);
    await inbox.patch(`/${sent.id}`, { status: 'deleted' });
    expect(await summaryOf(inbox)).toEqual(['three', 'inbound', 3, 3]);
    await inbox.patch(`/${three!.id}`, { status: 'deleted' });
    expect(await summaryOf(inbox)).toEqual(['two', 'inbound', 2, 2]);
    await inbox.patch(`/${one!.id}`, { status: 'deleted' });
    expect(await summaryOf(inbox)).toEqual(['two', 'inbound', 1, 1]);
    await inbox.patch(`/${two!.id}`, { is_read: true, status: 'deleted' });
    expect(await summaryOf(inbox)).toBeUndefined();
    await inbox.receive({ from: ANNA, text: 'back again' });
    expect(await summaryOf(inbox)).toEqual(['back again', 'inbound', 1, 1]);
  });

  it('change with the echo of the sandbox', async () => {
    const inbox = await sandboxInbox(homing);
    const sent = await inbox.send({ to: '+15005550014', text: 'ping' });
    expect(await summaryOf(inbox)).toEqual(['ping', 'outbound', 0, 1]);
    const [echo] = await until('the echo', async () => {
      const texts = await inbox.texts();
      return texts.length === 2 && texts;
    });
    expect(await summaryOf(inbox)).toEqual(['echo: ping', 'inbound', 1, 2]);
    await inbox.patch(`/${echo!.id}`, { is_read: true });
    expect(await summaryOf(inbox)).toEqual(['echo: ping', 'inbound', 0, 2]);
    await inbox.patch(`/${echo!.id}`, { is_read: false });
    expect(await summaryOf(inbox)).toEqual(['echo: ping', 'inbound', 1, 2]);
    await inbox.patch(`/${echo!.id}`, { status: 'deleted' });
    expect(await summaryOf(inbox)).toEqual(['ping', 'outbound', 0, 1]);
    await inbox.patch(`/${sent.id}`, { status: 'deleted' });
    expect(await summaryOf(inbox)).toBeUndefined();
  });

  it('change with an edit and a retraction of the latest text', async () => {
    const inbox = await paired();
    await inbox.receive({ guid: 'said', from: ANNA, text: 'at 9' });
    const change = (kind: string, second: number) => ({
      guid: `said/${kind}`,
      from: ANNA,
      text: 'at 10',
      change: { of: 'said', kind, at: new Date(Date.UTC(2026, 10, 21, 8, 0, second)).toISOString() },
    });
    await inbox.receive(change('edited', 1));
    expect(await summaryOf(inbox)).toEqual(['at 10', 'inbound', 1, 1]);
    await inbox.receive(change('retracted', 2));
    expect(await summaryOf(inbox)).toEqual(['', 'inbound', 1, 1]);
  });

  it('are correct after many concurrent changes', async () => {
    const inbox = await paired();
    await inbox.receive(...Array.from({ length: 60 }, (_, n) => ({ from: ANNA, text: `${n}` })));
    const texts = await inbox.texts('?limit=200');
    const arriving = async () => {
      for (let n = 0; n < 20; n += 1) await inbox.receive({ from: BEN, text: `${n}` });
    };
    await Promise.all([
      arriving(),
      ...texts.slice(0, 20).map(({ id }) => inbox.patch(`/${id}`, { status: 'deleted' })),
      ...texts.slice(20, 40).map(({ id }) => inbox.patch(`/${id}`, { is_read: true })),
      ...texts.slice(40).map(({ id }) => inbox.patch(`/${id}`, { is_read: false })),
    ]);
    const [ben, anna] = await inbox.conversations();
    expect(ben).toMatchObject({ remote_phone_number: BEN, unread_count: 20, total_count: 20 });
    expect(anna).toMatchObject({ latest_text: texts[20]!.text, unread_count: 20, total_count: 40 });
  });
});

describe('PATCH /numbers/:id/texts/conversations/:remote_number', () => {
  it('marks the inbound texts as read or unread and returns the number of changed texts', async () => {
    const inbox = await paired();
    await inbox.receive(
      { from: ANNA, text: 'one' },
      { from: ANNA, text: 'two' },
      { from: BEN, text: 'other' },
    );
    await inbox.send({ to: ANNA, text: 'three' });
    const path = `/conversations/${encodeURIComponent(ANNA)}`;
    const conversationId = (await inbox.thread(ANNA))[0]!.conversation_id;
    for (const [isRead, count] of [
      [true, 2],
      [true, 0],
      [false, 2],
      [false, 0],
    ] as const) {
      const { status, body } = await inbox.patch(path, { is_read: isRead });
      expect(status).toBe(200);
      expect(Object.keys(body)).toEqual([
        'remote_phone_number',
        'conversation_id',
        'is_read',
        'updated_count',
      ]);
      expect(body).toEqual({
        remote_phone_number: ANNA,
        conversation_id: conversationId,
        is_read: isRead,
        updated_count: count,
      });
      expect((await inbox.thread(ANNA)).map(({ is_read }) => is_read)).toEqual([true, isRead, isRead]);
      const counts = (await inbox.conversations()).map(({ unread_count }) => unread_count);
      expect(counts).toEqual([isRead ? 0 : 2, 1]);
    }
  });

  it('skips deleted texts, and returns 404 if all texts were deleted', async () => {
    const inbox = await paired();
    await inbox.receive({ from: ANNA, text: 'one' }, { from: ANNA, text: 'two' });
    const [two, one] = await inbox.texts();
    const path = `/conversations/${encodeURIComponent(ANNA)}`;
    await inbox.patch(`/${two!.id}`, { status: 'deleted' });
    expect((await inbox.patch(path, { is_read: true })).body.updated_count).toBe(1);
    expect((await inbox.patch(path, { is_read: false })).body.updated_count).toBe(1);
    await inbox.patch(`/${one!.id}`, { status: 'deleted' });
    expectDetail(await inbox.patch(path, { is_read: true }), 404);
  });
});
