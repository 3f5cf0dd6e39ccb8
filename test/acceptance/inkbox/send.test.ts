/** Tests POST /numbers/:id/texts: accepted texts and errors. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type HomingProcess, startHoming } from '../../support/homing-process.ts';
import { createAccount, createClient } from '../../support/http-client.ts';
import {
  expectDetail,
  type Inbox,
  inboxOf,
  normalised,
  type PairedInbox,
  PREFIX,
  pairedInbox,
  sandboxInbox,
  untilStatus,
} from '../../support/inbox.ts';
import { hello, reportOf } from '../../support/raw-device.ts';

const ANNA = '+14155550100';

let homing: HomingProcess;
let sandbox: Inbox;
let live: PairedInbox;

beforeAll(async () => {
  homing = await startHoming();
  sandbox = await sandboxInbox(homing);
  live = await pairedInbox(homing, '+14155556401');
});
afterAll(() => homing?.dispose());

describe('POST /numbers/:id/texts', () => {
  it('returns the queued text immediately', async () => {
    const response = await sandbox.request('POST', '', { to: '+15005550010', text: 'Hello 👋' });
    expect(response.status).toBe(201);
    expect(normalised(response.body)).toMatchInlineSnapshot(`
      "{
       "id": "UUID",
       "direction": "outbound",
       "local_phone_number": "+15005550006",
       "remote_phone_number": "+15005550010",
       "text": "Hello 👋",
       "type": "sms",
       "media": null,
       "is_read": true,
       "conversation_id": "UUID",
       "delivery_status": "queued",
       "error_code": null,
       "error_detail": null,
       "sent_at": null,
       "delivered_at": null,
       "failed_at": null,
       "is_blocked": false,
       "created_at": "TIME",
       "updated_at": "TIME"
      }"
    `);
    expect(response.body.updated_at).toBe(response.body.created_at);
    await untilStatus(sandbox, response.body.id, 'delivered');
  });

  it('sends from the number in the path, with the device of that number', async () => {
    const second = await pairedInbox(homing, '+14155556402');
    const sent = await second.send({ to: ANNA, text: 'from the second' });
    expect(sent).toMatchObject({ local_phone_number: '+14155556402', delivery_status: 'queued' });
    second.socket.say({ type: 'credit', n: 10 });
    const { items } = await second.socket.next('deliver');
    expect(items).toMatchObject([{ to: ANNA, from: '+14155556402', text: 'from the second', media: [] }]);
    second.socket.say(reportOf(50, items[0], 'delivered'));
    expect((await untilStatus(second, sent.id, 'delivered')).sent_at).not.toBeNull();
    expect(await live.thread(ANNA)).toEqual([]);
  });

  it('accepts attachments without text', async () => {
    const media_urls = ['https://example.com/a/cat.png', 'https://example.com/dog'];
    const sent = await live.send({ to: '+14155550103', media_urls });
    expect(sent).toMatchObject({ text: '', type: 'mms' });
    expect(sent.media!.map(({ content_type, size }) => [content_type, size])).toEqual([
      ['image/png', null],
      ['application/octet-stream', null],
    ]);
    expect((await live.send({ to: '+14155550103', text: '', media_urls })).type).toBe('mms');
    live.socket.say(hello({ credit: 10, capabilities: ['imessage', 'media', 'journal'] }));
    const { items } = await live.socket.next('deliver');
    expect(items[0]).toMatchObject({ text: '', media: [{ name: 'cat.png' }, { name: 'dog' }] });
    expect(await live.conversations()).toMatchObject([
      { latest_text: '', latest_type: 'mms', latest_has_media: true },
    ]);
  });

  it('accepts texts of the maximum length and returns 422 for longer texts', async () => {
    for (const text of ['x'.repeat(5_000), '👋'.repeat(5_000)]) {
      expect((await sandbox.send({ to: '+15005550010', text })).text).toBe(text);
      expectDetail(await sandbox.request('POST', '', { to: '+15005550010', text: `${text}x` }), 422);
    }
    // Every character is written as two escapes of six characters.
    const escaped = `{"to":"+15005550010","text":"${'\\ud83d\\udc4b'.repeat(5_000)}","media_urls":[${Array(10)
      .fill(`"https://example.com/${'a'.repeat(2_000)}"`)
      .join(',')}]}`;
    expect((await sandbox.request('POST', '', escaped)).status).toBe(201);
  });

  it('accepts null for optional fields', async () => {
    expect((await sandbox.send({ to: '+15005550010', text: 'Hi', media_urls: null })).media).toBeNull();
    expect((await sandbox.send({ to: '+15005550010', text: 'Hi', media_urls: [] })).media).toBeNull();
    const body = { to: '+15005550010', text: null, media_urls: ['https://example.com/a.png'] };
    expect((await sandbox.send(body)).text).toBe('');
  });
});

describe('an invalid POST /numbers/:id/texts', () => {
  it('returns 403 if the recipient has opted out', async () => {
    const inbox = await pairedInbox(homing, '+14155556403');
    await inbox.receive({ from: '+14155550107', text: 'STOP' });
    const response = await inbox.request('POST', '', { to: '+14155550107', text: 'Hi' });
    expectDetail(response, 403);
    expect(response.body.detail).toBe('+14155550107 has opted out of your messages.');
  });

  it('returns 409 for a paused or unverified number and 404 for a deleted number', async () => {
    await createAccount(homing, 'owner');
    const inbox = await pairedInbox(homing, '+14155556404', 'owner');
    const { client } = inbox;
    await client.post('/v1/numbers/verify', { phone_number: '+14155556405' });
    const [first] = (await client.get('/v1/numbers')).body.numbers;
    const pending = (await client.get(`${PREFIX}/numbers`)).body[1];
    const body = { to: ANNA, text: 'Hi' };
    const unverified = await inboxOf(client, pending).request('POST', '', body);
    expectDetail(unverified, 409);
    expect(unverified.body.detail).toBe('+14155556405 is not set up yet.');

    await client.put(`/v1/numbers/${first.id}`, { status: 'paused' });
    const paused = await inbox.request('POST', '', body);
    expectDetail(paused, 409);
    expect(paused.body.detail).toBe('+14155556404 is paused.');
    expect(await inbox.texts()).toEqual([]);

    await client.delete(`/v1/numbers/${first.id}`);
    expectDetail(await inbox.request('POST', '', body), 404);
    expectDetail(await inbox.request('GET', ''), 404);
  });

  it('returns 402 and 429 over the limits of the plan', async () => {
    await createAccount(homing, 'modest', 'free');
    const inbox = await sandboxInbox(homing, 'modest');
    expectDetail(
      await inbox.request('POST', '', { to: '+15005550010', media_urls: ['https://example.com/a.png'] }),
      402,
    );
    for (let left = 5; left > 0; left -= 1) await inbox.send({ to: '+15005550010', text: 'Hi' });
    const tooMany = await inbox.request('POST', '', { to: '+15005550010', text: 'Hi' });
    expectDetail(tooMany, 429);
    expect(tooMany.headers.get('retry-after')).toMatch(/^\d+$/);
    expect(await inbox.texts()).toHaveLength(5);
  });

  it('returns 403 for a key of another account', async () => {
    await createAccount(homing, 'other');
    const other = await createClient(homing, { account: 'other', environment: 'live' });
    // The links to attachments change every second.
    const texts = async () => (await live.texts()).map(({ media: _, ...text }) => text);
    const before = await texts();
    expectDetail(await inboxOf(other, live).request('POST', '', { to: ANNA, text: 'Hi' }), 403);
    expect(await texts()).toEqual(before);
  });
});
