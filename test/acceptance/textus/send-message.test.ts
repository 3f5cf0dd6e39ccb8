/** POST /messages and POST /:account/messages: what is taken, how it is answered, and every way to be refused. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type HomingProcess, startHoming } from '../../support/homing-process.ts';
import { createAccount, openSlowRequest, pairDevice, revokeKey } from '../../support/http-client.ts';
import { hello, openSocket } from '../../support/raw-device.ts';
import {
  CONTENT_TYPE,
  createTextusClient,
  expectRefusal,
  expectSilence,
  messagesWith,
  normalized,
  type TextusClient,
  textusClient,
} from '../../support/textus-client.ts';
import { until } from '../../support/until.ts';

const TO = '+15005550010';
const OWN = '+14155550199';
const PERSON = '+14155550100';
const sixNumbers = [0, 1, 2, 3, 4, 5].map((last) => `+1500555015${last}`);

let homing: HomingProcess;
let live: TextusClient;
let sandbox: TextusClient;

beforeAll(async () => {
  homing = await startHoming({ HOMING_ALLOW_PRIVATE_URLS: '1' });
  live = textusClient(homing.url, homing.liveKey);
  sandbox = textusClient(homing.url, homing.testKey);
});
afterAll(() => homing?.dispose());

const send = (body: unknown) => sandbox.post('/messages', body);

describe('a message to one recipient', () => {
  it('is answered 201 with the whole message, its keys in order', async () => {
    const answer = await send({ to: TO, body: 'Hi <there>\nhttps://example.com' });
    expect(answer.status, answer.text).toBe(201);
    expect(answer.headers.get('content-type')).toBe(CONTENT_TYPE);
    expect(answer.headers.get('x-ratelimit-remaining')).toMatch(/^\d+$/);
    expect(normalized(answer.body)).toMatchInlineSnapshot(`
      "{
        "@type": "Message",
        "id": "/messages/<id>",
        "@context": "/contexts/Message.jsonld",
        "direction": "out",
        "body": "Hi <there>\\nhttps://example.com",
        "formattedBody": "<div>Hi &lt;there&gt;<br><a href=\\"https://example.com\\" target=\\"_blank\\" rel=\\"noopener noreferrer\\">https://example.com</a></div>",
        "displayTimestamp": "<time>",
        "timelinePosition": 0,
        "deliveryState": "pending",
        "conversation": "/conversations/<id>",
        "sender": "/users/<id>",
        "attachments": {
          "@context": "/contexts/hydra:Collection.jsonld",
          "@type": "hydra:Collection",
          "id": "/messages/<id>/attachments",
          "members": [],
          "totalItems": 0
        },
        "friendlyStateDescription": "Message Pending",
        "retryAllowed": false,
        "retry": null,
        "latestEventAt": "<time>",
        "flags": [],
        "source": "textus",
        "channel": "sms",
        "whatsAppTemplate": null,
        "engagementScore": null,
        "engagementTemperature": null
      }"
    `);
  });

  it('is answered the same by the account’s path', async () => {
    const answer = await sandbox.post('/default/messages', { to: TO, body: 'Hi' });
    expect(answer.status, answer.text).toBe(201);
    expect(answer.body.body).toBe('Hi');
  });

  it('is delivered, and then says so', async () => {
    const { body } = await send({ to: TO, body: 'On its way' });
    const delivered = await until('the delivery', async () => {
      const now = (await sandbox.get(body.id)).body;
      return now.deliveryState === 'delivered' && now;
    });
    expect(delivered).toMatchObject({
      friendlyStateDescription: 'Message Delivered',
      retryAllowed: false,
      retry: null,
      channel: 'sms',
    });
    expect(Date.parse(delivered.latestEventAt)).toBeGreaterThanOrEqual(Date.parse(body.latestEventAt));
    expect(delivered.timelinePosition).toBe(body.timelinePosition);
  });

  it.each([
    ['+15005550011', 'sent', 'Message Sent', false],
    ['+15005550010', 'delivered', 'Message Delivered', false],
    ['+15005550020', 'failed', 'Message Failed', false],
    ['+15005550022', 'failed', 'Message Failed', true],
    ['+15005550023', 'pending', 'Message Pending', false],
  ])('to %s becomes %s', async (to, state, words, retryAllowed) => {
    const { body } = await send({ to, body: 'Hi' });
    const message = await until(state, async () => {
      const now = (await sandbox.get(body.id)).body;
      return now.deliveryState === state && now;
    });
    expect(message).toMatchObject({ friendlyStateDescription: words, retryAllowed, retry: null });
  });

  it('is sending while a device has it', async () => {
    const { body } = await send({ to: '+15005550013', body: 'Hi' });
    await until('the device to have it', async () => {
      const now = (await sandbox.get(body.id)).body;
      return now.deliveryState === 'sending' && now.friendlyStateDescription === 'Message Sending';
    });
  });

  it('may be answered, and the answer is a message that came in', async () => {
    const to = '+15005550014';
    await sandbox.post('/messages', { to, body: 'Hello' });
    const [echo] = await messagesWith(sandbox, 'default', to, 2);
    expect(echo).toMatchObject({
      direction: 'in',
      body: 'echo: Hello',
      deliveryState: 'received',
      friendlyStateDescription: 'Message Received',
      sender: null,
    });
    const contact = await sandbox.post('/default/contacts', { phone: to, firstName: 'Echo' });
    expect((await sandbox.get(echo.id)).body.sender).toBe(contact.body.id);
  });

  it('goes out from the number that is named', async () => {
    const { body } = await send({ to: TO, from: '+15005550099', body: 'Hi' });
    expect((await sandbox.get(body.conversation)).body.accountPhone).toBe('+15005550099');
  });

  it('takes the other types that its clients send and accept', async () => {
    for (const type of [CONTENT_TYPE, 'application/ld+json', 'application/json; charset=utf-8']) {
      const answer = await sandbox.post('/messages', { to: TO, body: type }, { 'content-type': type });
      expect(answer.status, answer.text).toBe(201);
    }
    for (const accept of [
      'application/ld+json',
      'application/json',
      '*/*',
      '',
      'text/html, application/ld+json;q=0.5',
      'application/*',
    ]) {
      const answer = await sandbox.post('/messages', { to: TO, body: 'Hi' }, { accept });
      expect([answer.status, answer.headers.get('content-type')]).toEqual([201, CONTENT_TYPE]);
    }
  });

  it('takes the key in x-api-key too', async () => {
    const nobody = textusClient(homing.url);
    const answer = await nobody.post('/messages', { to: TO, body: 'Hi' }, { 'x-api-key': homing.testKey });
    expect(answer.status, answer.text).toBe(201);
  });

  it('keeps 5,000 emoji, escaped the longest way', async () => {
    const text = `{"to":"${TO}","body":"${'\\ud83d\\ude00'.repeat(5_000)}"}`;
    const answer = await sandbox.post('/messages', text);
    expect(answer.status, answer.text.slice(0, 500)).toBe(201);
    expect(answer.body.body).toBe('😀'.repeat(5_000));
  });
});

describe('a list of recipients', () => {
  it('of several is answered 202 without a body, and each gets a message', async () => {
    const to = ['+15005550110', '+15005550111', '+15005550112', '+15005550110'];
    expectSilence(await send({ to, body: 'To all of you' }), 202);
    for (const phone of new Set(to)) {
      const [message] = await messagesWith(sandbox, 'default', phone, 1);
      expect(message.body).toBe('To all of you');
    }
  });

  it('of one is answered 201 with the message', async () => {
    const answer = await send({ to: [TO], body: 'Only you' });
    expect(answer.status, answer.text).toBe(201);
    expect(answer.body).toMatchObject({ '@type': 'Message', body: 'Only you' });
  });

  it('of one with a saved reply is answered 201 without a body', async () => {
    const { members } = (await sandbox.get('/default/users')).body;
    const reply = await sandbox.post(members[0].savedReplies, { title: 'Hours', body: 'We open at nine.' });
    const phone = '+15005550120';
    expectSilence(await send({ to: [phone], saved_reply: reply.body.id }), 201);
    expect((await messagesWith(sandbox, 'default', phone, 1))[0].body).toBe('We open at nine.');
  });

  it('is accepted whole or not at all', async () => {
    const fine = '+15005550130';
    expectRefusal(await send({ to: [fine, 'nobody'], body: 'Hi' }), 422, 'to[1]');
    const { members } = (await sandbox.get('/default/conversations?limit=100')).body;
    expect(members.map(({ phone }: { phone: string }) => phone)).not.toContain(fine);
  });

  it('says of each number that it is wrong', async () => {
    expectRefusal(await send({ to: ['0', TO, 7], body: 'Hi' }), 422, 'to[0]', 'to[2]');
  });
});

describe('a saved reply', () => {
  let reply: string;
  beforeAll(async () => {
    const { members } = (await sandbox.get('/default/users')).body;
    const made = await sandbox.post(members[0].savedReplies, { title: 'Thanks', body: 'Thank you!' });
    reply = made.body.id;
  });

  it('is what is written where there is no text', async () => {
    for (const body of [undefined, null, '']) {
      const answer = await send({ to: TO, saved_reply: reply, body });
      expect(answer.status, answer.text).toBe(201);
      expect(answer.body.body).toBe('Thank you!');
    }
  });

  it('gives way to a text', async () => {
    expect((await send({ to: TO, saved_reply: reply, body: 'Thanks, Ada!' })).body.body).toBe('Thanks, Ada!');
  });

  it('that is not there, or is no name of one, is refused', async () => {
    for (const saved_reply of [`${reply.slice(0, -2)}zz`, 'thanks', 7, '/users/x', `${reply}/x`]) {
      expectRefusal(await send({ to: TO, saved_reply }), 422, 'saved_reply');
    }
  });
});

describe('a scheduled message', () => {
  it('waits until its time, and can’t be retried', async () => {
    const phone = '+15005550140';
    const at = new Date(Date.now() + 3_000).toISOString();
    const { body } = await send({ to: phone, body: 'Later', scheduled: at });
    expect(body).toMatchObject({ deliveryState: 'pending', retry: null, retryAllowed: false });
    const delivered = await until('the delivery', async () => {
      const now = (await sandbox.get(body.id)).body;
      return now.deliveryState === 'delivered' && now;
    });
    expect(Date.parse(delivered.displayTimestamp)).toBeGreaterThanOrEqual(Date.parse(at));
  });

  it('takes a time with an offset', async () => {
    const scheduled = '+02:00';
    const at = `${new Date(Date.now() + 86_400_000).toISOString().slice(0, 19)}${scheduled}`;
    expect((await send({ to: TO, body: 'Later', scheduled: at })).status).toBe(201);
  });

  it.each([
    ['the past', '2020-01-01T00:00:00Z'],
    ['more than a year away', '2999-01-01T00:00:00Z'],
    ['no time', 'tomorrow'],
    ['a date only', '2999-01-01'],
    ['a number', 1_800_000_000],
  ])('for %s is refused', async (_what, scheduled) => {
    expectRefusal(await send({ to: TO, body: 'Hi', scheduled }), 422, 'scheduled');
  });
});

describe('a send is refused', () => {
  it.each([
    ['without a recipient', { body: 'Hi' }, ['to']],
    ['with null for a recipient', { to: null, body: 'Hi' }, ['to']],
    ['with a number that is none', { to: '555', body: 'Hi' }, ['to']],
    ['with a number that is not E.164', { to: '(415) 555-0100', body: 'Hi' }, ['to']],
    ['with an object for a recipient', { to: {}, body: 'Hi' }, ['to']],
    ['to nobody', { to: [], body: 'Hi' }, ['to']],
    ['to too many', { to: Array.from({ length: 501 }, () => TO), body: 'Hi' }, ['to']],
    ['from a number that is none', { to: TO, from: 'me', body: 'Hi' }, ['from']],
    ['from a paused number', { to: TO, from: '+15005550031', body: 'Hi' }, ['from']],
    ['from a number that is not registered', { to: TO, from: '+15005550032', body: 'Hi' }, ['from']],
    ['without a text', { to: TO }, ['body']],
    ['with an empty text', { to: TO, body: '' }, ['body']],
    ['with only spaces', { to: TO, body: ' \n ' }, ['body']],
    ['with a text that is too long', { to: TO, body: 'x'.repeat(5_001) }, ['body']],
    ['with a NUL', { to: TO, body: 'a\0b' }, ['body']],
    ['with half a character', { to: TO, body: 'a\ud83d' }, ['body']],
    ['with a text that is none', { to: TO, body: 7 }, ['body']],
    ['by a channel that there is not', { to: TO, body: 'Hi', channel: 'fax' }, ['channel']],
    ['with attachments that are no list', { to: TO, attachments: {} }, ['attachments']],
    ['with an attachment that is none', { to: TO, attachments: ['x'] }, ['attachments[0]']],
    [
      'with an attachment of nothing',
      { to: TO, attachments: [{}] },
      ['attachments[0].media_url', 'attachments[0].content_type'],
    ],
    ['with several things wrong', { to: '1', body: 7, scheduled: 'x' }, ['to', 'body', 'scheduled']],
  ])('%s', async (_what, body, fields) => {
    expectRefusal(await send(body), 422, ...fields);
  });

  it.each([
    ['a list', '[]'],
    ['a string', '"Hi"'],
    ['null', 'null'],
  ])('with %s for a body', async (_what, body) => {
    expectRefusal(await send(body), 422, '');
  });

  it('as unreadable with 400', async () => {
    for (const body of ['', '{', 'to=1', Buffer.from([0xff])]) expectRefusal(await send(body), 400);
    const typed = await sandbox.post('/messages', 'x', { 'content-type': 'text/plain' });
    expectRefusal(typed, 400);
  });

  it('as too large with 413', async () => {
    expectRefusal(await send({ to: TO, body: 'x'.repeat(200_000) }), 413);
  });

  it('where the live account has no number yet, then not', async () => {
    expectRefusal(await live.post('/default/messages', { to: TO, body: 'Hi' }), 422, 'from');
    await pairDevice(homing, OWN);
    const sent = await live.post('/default/messages', { to: TO, body: 'Hi' });
    expect(sent.status, sent.text).toBe(201);
    expect((await live.get(sent.body.conversation)).body.accountPhone).toBe(OWN);
    expectRefusal(await live.post('/messages', { to: TO, from: '+14155550198', body: 'Hi' }), 422, 'from');
  });

  it('where one of the recipients has opted out, until they opt in again', async () => {
    const { token } = await pairDevice(homing, '+14155550197');
    const device = await openSocket(homing.url, token);
    device.say(hello());
    await device.next('welcome');
    const hear = async (seq: number, text: string) => {
      const item = { guid: `G-${seq}`, from: PERSON, to: '+14155550197', service: 'iMessage', text };
      device.say({ type: 'inbound', seq, items: [{ ...item, media: [], from_me: false }] });
      await device.next('ack');
    };
    const body = { to: [PERSON, TO], from: '+14155550197', body: 'Hi' };
    await hear(1, 'Stop');
    expectRefusal(await live.post('/messages', { ...body, to: PERSON }), 422, 'to');
    expectRefusal(await live.post('/messages', body), 422, 'to');
    await hear(2, 'START');
    expectSilence(await live.post('/messages', body), 202);
    device.terminate();
  });

  it('beyond the messages of a minute, with 429 and when to come back', async () => {
    await createAccount(homing, 'small', 'free');
    const small = await createTextusClient(homing, { account: 'small' });
    expectRefusal(await small.post('/messages', { to: sixNumbers, body: 'Hi' }), 422, 'to');
    expectSilence(await small.post('/messages', { to: sixNumbers.slice(0, 5), body: 'Hi' }), 202);
    const answer = await small.post('/messages', { to: TO, body: 'Hi' });
    expectRefusal(answer, 429);
    expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0);
  });

  it('with 404 for another account’s path, whatever the body says', async () => {
    for (const account of ['acme', 'Default', 'default%20', 'x']) {
      expectRefusal(await sandbox.post(`/${account}/messages`, { to: 7 }), 404);
    }
  });

  it('with 401 without a token, with 403 without the permission', async () => {
    expectRefusal(await textusClient(homing.url).post('/messages', { to: 7 }), 401);
    expectRefusal(await textusClient(homing.url, 'tb_test_x').post('/default/messages', {}), 401);
    const reader = await createTextusClient(homing, { permissions: 'messages:read' });
    expectRefusal(await reader.post('/messages', { to: TO, body: 'Hi' }), 403);
  });

  it('with 401 where the token is revoked while the request arrives, whatever the body says', async () => {
    const bodies = [{ to: '+15005550196', body: 'Hi' }, { to: 'nobody' }];
    for (const body of bodies) {
      const gone = await createTextusClient(homing);
      const slow = await openSlowRequest(homing.url, {
        method: 'POST',
        path: '/messages',
        key: gone.key,
        body,
      });
      await revokeKey(homing, gone.keyId);
      expect((await slow.finish()).status).toBe(401);
    }
    const { members } = (await sandbox.get('/default/conversations?limit=100')).body;
    expect(members.map(({ phone }: { phone: string }) => phone)).not.toContain(bodies[0]!.to);
  });

  it('with 406 where its answer would not be accepted', async () => {
    for (const accept of ['text/html', 'application/xml', 'application/json;q=0', 'image/*']) {
      expectRefusal(await sandbox.post('/messages', { to: TO, body: 'Hi' }, { accept }), 406);
    }
  });
});
