/** Tests the texts of a number: fields, list with pages and filters, updates and deletion. */
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { formatId, readUuid } from '../../../shared/ids.ts';
import { type HomingProcess, startHoming } from '../../support/homing-process.ts';
import {
  expectDetail,
  type Inbox,
  normalised,
  type PairedInbox,
  pairedInbox,
  sandboxInbox,
  type Text,
  untilStatus,
} from '../../support/inbox.ts';
import { until } from '../../support/until.ts';

const ANNA = '+14155550100';
const UNKNOWN = '019fb2b9-3a5d-7e4e-b36a-3f73d2b6c1a4';

let homing: HomingProcess;
let sandbox: Inbox;
let phones = 0;

beforeAll(async () => {
  homing = await startHoming();
  sandbox = await sandboxInbox(homing);
});
afterAll(() => homing?.dispose());

function paired(): Promise<PairedInbox> {
  phones += 1;
  return pairedInbox(homing, `+1415555${6100 + phones}`);
}

describe('a text', () => {
  it('that was delivered has the documented fields in order', async () => {
    const { id } = await sandbox.send({ to: '+15005550010', text: 'Hi there' });
    const text = await untilStatus(sandbox, id, 'delivered');
    expect(normalised(text)).toMatchInlineSnapshot(`
      "{
       "id": "UUID",
       "direction": "outbound",
       "local_phone_number": "+15005550006",
       "remote_phone_number": "+15005550010",
       "text": "Hi there",
       "type": "sms",
       "media": null,
       "is_read": true,
       "conversation_id": "UUID",
       "delivery_status": "delivered",
       "error_code": null,
       "error_detail": null,
       "sent_at": "TIME",
       "delivered_at": "TIME",
       "failed_at": null,
       "is_blocked": false,
       "created_at": "TIME",
       "updated_at": "TIME"
      }"
    `);
    expect(Date.parse(text.sent_at!)).toBeGreaterThanOrEqual(Date.parse(text.created_at));
    expect(text.updated_at).toBe(text.delivered_at);
  });

  it('that is inbound is unread and has no delivery status', async () => {
    const sent = await sandbox.send({ to: '+15005550014', text: 'are you there?' });
    const echo = await until('the echo', async () =>
      (await sandbox.thread('+15005550014')).find(({ direction }) => direction === 'inbound'),
    );
    expect(normalised(echo)).toMatchInlineSnapshot(`
      "{
       "id": "UUID",
       "direction": "inbound",
       "local_phone_number": "+15005550006",
       "remote_phone_number": "+15005550014",
       "text": "echo: are you there?",
       "type": "sms",
       "media": null,
       "is_read": false,
       "conversation_id": "UUID",
       "delivery_status": null,
       "error_code": null,
       "error_detail": null,
       "sent_at": "TIME",
       "delivered_at": null,
       "failed_at": null,
       "is_blocked": false,
       "created_at": "TIME",
       "updated_at": "TIME"
      }"
    `);
    expect(echo.conversation_id).toBe(sent.conversation_id);
  });

  it('that failed has the reason', async () => {
    const { id } = await sandbox.send({ to: '+15005550020', text: 'Hi' });
    const text = await untilStatus(sandbox, id, 'failed');
    expect(text).toMatchObject({ error_code: 'not_on_imessage', sent_at: null, delivered_at: null });
    expect(text.error_detail).toMatch(/iMessage/);
    expect(text.updated_at).toBe(text.failed_at);
  });

  it('that waits for a device or was dispatched to one is queued', async () => {
    const waiting = await sandbox.send({ to: '+15005550023', text: 'offline' });
    const dispatched = await sandbox.send({ to: '+15005550013', text: 'silent' });
    await until('the dispatch', async () => {
      const { messages } = (await sandbox.client.get('/v1/messages?status=polling')).body;
      return messages.some(({ to }: { to: string }) => to === '+15005550013');
    });
    for (const { id } of [waiting, dispatched]) {
      expect((await sandbox.request('GET', `/${id}`)).body.delivery_status).toBe('queued');
    }
  });

  it('has the time of its last read receipt or edit in updated_at', async () => {
    const { id } = await sandbox.send({ to: '+15005550015', text: 'read me' });
    const messageId = formatId('msg', readUuid(id)!);
    const read = await until('the read receipt', async () => {
      const { json } = await homing.cli('messages', messageId, '--environment', 'test', '--json');
      return json.find(({ step }) => step === 'read');
    });
    const { body } = await sandbox.request('GET', `/${id}`);
    expect(body).toMatchObject({ delivery_status: 'delivered', updated_at: read.at });

    const inbox = await paired();
    await inbox.receive({ guid: 'edited', from: ANNA, text: 'before' });
    const at = new Date(Date.now() + 60_000).toISOString();
    await inbox.receive({
      guid: 'edited/1',
      from: ANNA,
      text: 'after',
      change: { of: 'edited', kind: 'edited', at },
    });
    expect(await inbox.texts()).toMatchObject([{ text: 'after', updated_at: at }]);
  });

  it('has is_blocked if its recipient has opted out', async () => {
    const inbox = await paired();
    await inbox.receive({ from: ANNA, text: 'hello' }, { from: '+14155550102', text: 'me too' });
    expect((await inbox.texts()).map(({ is_blocked }) => is_blocked)).toEqual([false, false]);
    await inbox.receive({ from: ANNA, text: 'STOP' });
    const blocked = (await inbox.texts()).map(({ remote_phone_number, is_blocked }) => [
      remote_phone_number,
      is_blocked,
    ]);
    expect(blocked).toEqual([
      [ANNA, true],
      ['+14155550102', false],
      [ANNA, true],
    ]);
    await inbox.receive({ from: ANNA, text: 'START' });
    expect((await inbox.texts()).every(({ is_blocked }) => !is_blocked)).toBe(true);
  });
});

describe('GET /numbers/:id/texts', () => {
  it('returns an empty list for a number without texts', async () => {
    const inbox = await paired();
    expect(await inbox.texts()).toEqual([]);
    expect(await inbox.texts('?offset=999999999999')).toEqual([]);
  });

  it('returns 50 texts by default', async () => {
    const inbox = await paired();
    const items = Array.from({ length: 210 }, (_, n) => ({ from: ANNA, text: `text ${n}` }));
    await inbox.receive(...items);
    const newest = items.map(({ text }) => text).reverse();
    for (const [query, expected] of [
      ['', newest.slice(0, 50)],
      ['?limit=1', newest.slice(0, 1)],
      ['?limit=200', newest.slice(0, 200)],
      ['?limit=200&offset=200', newest.slice(200)],
      ['?offset=205', newest.slice(205)],
      ['?offset=210', []],
    ] as const) {
      expect(
        (await inbox.texts(query)).map(({ text }) => text),
        query,
      ).toEqual(expected);
    }
  });

  it('filters by is_read', async () => {
    const inbox = await paired();
    await inbox.receive(
      { from: ANNA, text: 'one' },
      { from: ANNA, text: 'two' },
      { from: ANNA, text: 'three' },
    );
    await inbox.send({ to: ANNA, text: 'queued' });
    const two = (await inbox.texts()).find(({ text }) => text === 'two')!;
    await inbox.patch(`/${two.id}`, { is_read: true });
    for (const [values, expected] of [
      [
        ['true', '1', 'True', 'TRUE'],
        ['queued', 'two'],
      ],
      [
        ['false', '0', 'False'],
        ['three', 'one'],
      ],
    ] as const) {
      for (const value of values) {
        const found = await inbox.texts(`?is_read=${value}`);
        expect(
          found.map(({ text }) => text),
          value,
        ).toEqual(expected);
        expect((await inbox.texts(`?is_read=${value}&limit=1&offset=1`)).map(({ text }) => text)).toEqual(
          expected.slice(1),
        );
      }
    }
  });

  it('returns only texts of the number', async () => {
    const [one, two] = [await paired(), await paired()];
    await one.receive({ from: ANNA, text: 'for one' });
    await two.receive({ from: ANNA, text: 'for two' });
    expect((await one.texts()).map(({ text }) => text)).toEqual(['for one']);
    expect((await two.thread(ANNA)).map(({ text }) => text)).toEqual(['for two']);
    const { id } = (await one.texts())[0]!;
    expectDetail(await two.request('GET', `/${id}`), 404);
    expectDetail(await two.patch(`/${id}`, { status: 'deleted' }), 404);
    expect(await one.texts()).toHaveLength(1);
  });

  describe('of three hundred texts in all statuses', () => {
    let inbox: PairedInbox;
    let all: Text[];
    const recipients = [ANNA, '+14155550101', '76934'];

    beforeAll(async () => {
      inbox = await paired();
      for (let batch = 0; batch < 10; batch += 1) {
        await inbox.receive(
          ...Array.from({ length: 29 }, (_, n) => ({
            from: recipients[(batch + n) % 3],
            text: `text ${batch} ${n}`,
            // Some were sent on the phone.
            ...(n % 7 === 0 ? { from: inbox.number, to: recipients[n % 3], from_me: true } : {}),
          })),
        );
        for (const to of recipients.slice(0, 2)) await inbox.send({ to, text: `queued ${batch}` });
      }
      const texts = [...(await inbox.texts('?limit=200')), ...(await inbox.texts('?limit=200&offset=200'))];
      for (const [index, { id }] of texts.entries()) {
        if (index % 10 === 3) await inbox.patch(`/${id}`, { is_read: true });
        if (index % 10 === 7) await inbox.patch(`/${id}`, { status: 'deleted' });
      }
      all = [...(await inbox.texts('?limit=200')), ...(await inbox.texts('?limit=200&offset=200'))];
    });

    it('returns all texts except the deleted ones, each once, newest first', () => {
      expect(all).toHaveLength(10 * 31 - 31);
      const ids = all.map(({ id }) => id);
      expect(ids).toEqual(ids.toSorted().toReversed());
      expect(new Set(ids).size).toBe(ids.length);
      expect(all.filter(({ delivery_status }) => delivery_status === 'queued').length).toBeGreaterThan(10);
    });

    it('returns the same texts in pages of any size', async () => {
      const lists = fc.constantFrom<[query: string, belongs: (text: Text) => boolean, path: string]>(
        ['', () => true, ''],
        ['is_read=true&', ({ is_read }) => is_read, ''],
        ['is_read=false&', ({ is_read }) => !is_read, ''],
        ...recipients.map((remote): [string, (text: Text) => boolean, string] => [
          '',
          (text) => text.remote_phone_number === remote,
          `/conversations/${encodeURIComponent(remote)}`,
        ]),
      );
      await fc.assert(
        fc.asyncProperty(lists, fc.integer({ min: 7, max: 200 }), async ([query, belongs, path], limit) => {
          const found: Text[] = [];
          for (;;) {
            const { status, body } = await inbox.request(
              'GET',
              `${path}?${query}limit=${limit}&offset=${found.length}`,
            );
            expect(status).toBe(200);
            found.push(...body);
            if (body.length < limit) break;
          }
          expect(found.map(({ id }) => id)).toEqual(all.filter(belongs).map(({ id }) => id));
        }),
        { numRuns: 20 },
      );
    });

    it('returns the same texts at any offset', async () => {
      await fc.assert(
        fc.asyncProperty(
          fc.integer({ min: 0, max: 320 }),
          fc.integer({ min: 1, max: 40 }),
          async (offset, limit) => {
            const found = await inbox.texts(`?limit=${limit}&offset=${offset}`);
            expect(found.map(({ id }) => id)).toEqual(all.slice(offset, offset + limit).map(({ id }) => id));
          },
        ),
        { numRuns: 60 },
      );
    });

    it('has correct counts in its conversations', async () => {
      const conversations = await inbox.conversations();
      expect(conversations).toHaveLength(3);
      for (const { remote_phone_number, total_count, unread_count, latest_text } of conversations) {
        const own = all.filter((text) => text.remote_phone_number === remote_phone_number);
        expect(total_count).toBe(own.length);
        expect(unread_count).toBe(own.filter(({ is_read }) => !is_read).length);
        expect(latest_text).toBe(own[0]!.text);
      }
    });
  });
});

describe('PATCH /numbers/:id/texts/:text_id', () => {
  it('marks a text as read and unread', async () => {
    const inbox = await paired();
    await inbox.receive({ from: ANNA, text: 'Hi' });
    const [before] = await inbox.texts();
    for (const isRead of [true, true, false, false, true]) {
      const { status, body } = await inbox.patch(`/${before!.id}`, { is_read: isRead });
      expect(status).toBe(200);
      expect(body).toEqual({ ...before, is_read: isRead });
      expect((await inbox.request('GET', `/${before!.id}`)).body).toEqual(body);
      expect((await inbox.conversations())[0]!.unread_count).toBe(isRead ? 0 : 1);
    }
  });

  it('never marks an outbound text as unread', async () => {
    const inbox = await paired();
    const sent = await inbox.send({ to: ANNA, text: 'Hi' });
    const { status, body } = await inbox.patch(`/${sent.id}`, { is_read: false });
    expect([status, body]).toEqual([200, sent]);
    expect(await inbox.conversations()).toMatchObject([{ unread_count: 0, total_count: 1 }]);
  });

  it('deletes a text, returns it and removes it from all lists', async () => {
    const inbox = await paired();
    await inbox.receive({ from: ANNA, text: 'a secret' });
    const [text] = await inbox.texts();
    expect(await inbox.search('secret')).toEqual([text]);
    const { status, body } = await inbox.patch(`/${text!.id}`, { status: 'deleted' });
    expect(status).toBe(200);
    expect(Object.keys(body)).toEqual(Object.keys(text!));
    expect({ ...body, updated_at: '' }).toEqual({ ...text, updated_at: '' });
    expect(Date.parse(body.updated_at)).toBeGreaterThanOrEqual(Date.parse(text!.updated_at));
    expect(await inbox.texts()).toEqual([]);
    expect(await inbox.search('secret')).toEqual([]);
    expect(await inbox.conversations()).toEqual([]);
    expect(await inbox.thread(ANNA)).toEqual([]);
    expectDetail(await inbox.request('GET', `/${text!.id}`), 404);
    expectDetail(await inbox.patch(`/${text!.id}`, { is_read: true }), 404);
    expectDetail(await inbox.patch(`/${text!.id}`, { status: 'deleted' }), 404);
  });

  it('accepts both changes in one request, and ignores null', async () => {
    const inbox = await paired();
    await inbox.receive({ from: ANNA, text: 'one' }, { from: ANNA, text: 'two' });
    const [two, one] = await inbox.texts();
    const both = await inbox.patch(`/${two!.id}`, { is_read: true, status: 'deleted' });
    expect(both.body).toMatchObject({ is_read: true });
    expect((await inbox.patch(`/${one!.id}`, { is_read: true, status: null })).status).toBe(200);
    expect(await inbox.conversations()).toMatchObject([{ unread_count: 0, total_count: 1 }]);
  });

  it('returns 404 for an unknown text', async () => {
    for (const id of [UNKNOWN, 'not-an-id', '%20', 'msg_01m7ypkdxffkmb6tyeck3vccad', UNKNOWN.toUpperCase()]) {
      expectDetail(await sandbox.request('GET', `/${id}`), 404);
      expectDetail(await sandbox.patch(`/${id}`, { is_read: true }), 404);
    }
  });
});
