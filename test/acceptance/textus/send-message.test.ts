/** Tests POST /messages and POST /:account/messages: accepted messages, responses and errors. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type HomingProcess, startHoming } from '../../support/homing-process.ts';
import { createAccount, openSlowRequest, pairDevice, revokeKey } from '../../support/http-client.ts';
import { hello, openSocket } from '../../support/raw-device.ts';
import {
  CONTENT_TYPE,
  createTextusClient,
  expectEmptyResponse,
  expectErrorResponse,
  messagesWith,
  normalized,
  type TextusClient,
  textusClient,
} from '../../support/textus-client.ts';
import { until } from '../../support/until.ts';

const TO = '+15005550010';
const OWN = '+14155550199';
const RECIPIENT = '+14155550100';
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
  it('returns 201 with the message and all keys in order', async () => {
    const response = await send({ to: TO, body: 'Hi <there>\nhttps://example.com' });
    expect(response.status, response.text).toBe(201);
    expect(response.headers.get('content-type')).toBe(CONTENT_TYPE);
    expect(response.headers.get('x-ratelimit-remaining')).toMatch(/^\d+$/);
    expect(normalized(response.body)).toMatchInlineSnapshot(`
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

  it('is also accepted at the path of the account', async () => {
    const response = await sandbox.post('/default/messages', { to: TO, body: 'Hi' });
    expect(response.status, response.text).toBe(201);
    expect(response.body.body).toBe('Hi');
  });

  it('changes its state after the delivery', async () => {
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
  ])('to %s reaches the state %s', async (to, state, description, retryAllowed) => {
    const { body } = await send({ to, body: 'Hi' });
    const message = await until(state, async () => {
      const now = (await sandbox.get(body.id)).body;
      return now.deliveryState === state && now;
    });
    expect(message).toMatchObject({ friendlyStateDescription: description, retryAllowed, retry: null });
  });

  it('has the state sending while a device has it', async () => {
    const { body } = await send({ to: '+15005550013', body: 'Hi' });
    await until('the dispatch', async () => {
      const now = (await sandbox.get(body.id)).body;
      return now.deliveryState === 'sending' && now.friendlyStateDescription === 'Message Sending';
    });
  });

  it('can get a reply, which is an inbound message', async () => {
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

  it('is sent from the number in from', async () => {
    const { body } = await send({ to: TO, from: '+15005550099', body: 'Hi' });
    expect((await sandbox.get(body.conversation)).body.accountPhone).toBe('+15005550099');
  });

  it('is accepted with the other content types of TextUs clients', async () => {
    for (const type of [CONTENT_TYPE, 'application/ld+json', 'application/json; charset=utf-8']) {
      const response = await sandbox.post('/messages', { to: TO, body: type }, { 'content-type': type });
      expect(response.status, response.text).toBe(201);
    }
    for (const accept of [
      'application/ld+json',
      'application/json',
      '*/*',
      '',
      'text/html, application/ld+json;q=0.5',
      'application/*',
    ]) {
      const response = await sandbox.post('/messages', { to: TO, body: 'Hi' }, { accept });
      expect([response.status, response.headers.get('content-type')]).toEqual([201, CONTENT_TYPE]);
    }
  });

  it('is accepted with the key in x-api-key', async () => {
    const anonymous = textusClient(homing.url);
    const response = await anonymous.post(
      '/messages',
      { to: TO, body: 'Hi' },
      { 'x-api-key': homing.testKey },
    );
    expect(response.status, response.text).toBe(201);
  });

  it('can contain 5,000 escaped emoji, the longest encoding', async () => {
    const text = `{"to":"${TO}","body":"${'\\ud83d\\ude00'.repeat(5_000)}"}`;
    const response = await sandbox.post('/messages', text);
    expect(response.status, response.text.slice(0, 500)).toBe(201);
    expect(response.body.body).toBe('😀'.repeat(5_000));
  });
});

describe('a message to a list of recipients', () => {
  it('returns 202 without a body and sends one message per recipient', async () => {
    const to = ['+15005550110', '+15005550111', '+15005550112', '+15005550110'];
    expectEmptyResponse(await send({ to, body: 'To all of you' }), 202);
    for (const phone of new Set(to)) {
      const [message] = await messagesWith(sandbox, 'default', phone, 1);
      expect(message.body).toBe('To all of you');
    }
  });

  it('returns 201 with the message for a list of one', async () => {
    const response = await send({ to: [TO], body: 'Only you' });
    expect(response.status, response.text).toBe(201);
    expect(response.body).toMatchObject({ '@type': 'Message', body: 'Only you' });
  });

  it('returns 201 without a body for a list of one with a saved reply', async () => {
    const { members } = (await sandbox.get('/default/users')).body;
    const reply = await sandbox.post(members[0].savedReplies, { title: 'Hours', body: 'We open at nine.' });
    const phone = '+15005550120';
    expectEmptyResponse(await send({ to: [phone], saved_reply: reply.body.id }), 201);
    expect((await messagesWith(sandbox, 'default', phone, 1))[0].body).toBe('We open at nine.');
  });

  it('sends nothing if one recipient is invalid', async () => {
    const fine = '+15005550130';
    expectErrorResponse(await send({ to: [fine, 'nobody'], body: 'Hi' }), 422, 'to[1]');
    const { members } = (await sandbox.get('/default/conversations?limit=100')).body;
    expect(members.map(({ phone }: { phone: string }) => phone)).not.toContain(fine);
  });

  it('returns a violation for each invalid number', async () => {
    expectErrorResponse(await send({ to: ['0', TO, 7], body: 'Hi' }), 422, 'to[0]', 'to[2]');
  });
});

describe('a message with a saved reply', () => {
  let reply: string;
  beforeAll(async () => {
    const { members } = (await sandbox.get('/default/users')).body;
    const created = await sandbox.post(members[0].savedReplies, { title: 'Thanks', body: 'Thank you!' });
    reply = created.body.id;
  });

  it('has the text of the saved reply by default', async () => {
    for (const body of [undefined, null, '']) {
      const response = await send({ to: TO, saved_reply: reply, body });
      expect(response.status, response.text).toBe(201);
      expect(response.body.body).toBe('Thank you!');
    }
  });

  it('has the text of the request if there is one', async () => {
    expect((await send({ to: TO, saved_reply: reply, body: 'Thanks, Ada!' })).body.body).toBe('Thanks, Ada!');
  });

  it('returns 422 for an unknown or invalid saved reply', async () => {
    // Not `${reply.slice(0, -2)}zz`: one id in 1,024 ends with these characters.
    const unknown = `${reply.slice(0, -1)}${reply.endsWith('0') ? '1' : '0'}`;
    for (const saved_reply of [unknown, 'thanks', 7, '/users/x', `${reply}/x`]) {
      expectErrorResponse(await send({ to: TO, saved_reply }), 422, 'saved_reply');
    }
  });
});

describe('a scheduled message', () => {
  it('stays pending until its time', async () => {
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

  it('accepts a time with an offset', async () => {
    const scheduled = '+02:00';
    const at = `${new Date(Date.now() + 86_400_000).toISOString().slice(0, 19)}${scheduled}`;
    expect((await send({ to: TO, body: 'Later', scheduled: at })).status).toBe(201);
  });

  it.each([
    ['in the past', '2020-01-01T00:00:00Z'],
    ['more than a year in the future', '2999-01-01T00:00:00Z'],
    ['in an invalid format', 'tomorrow'],
    ['without a time of day', '2999-01-01'],
    ['as a number', 1_800_000_000],
  ])('returns 422 for a time %s', async (_case, scheduled) => {
    expectErrorResponse(await send({ to: TO, body: 'Hi', scheduled }), 422, 'scheduled');
  });
});

describe('an invalid POST /messages', () => {
  it.each([
    ['without a recipient', { body: 'Hi' }, ['to']],
    ['with null as the recipient', { to: null, body: 'Hi' }, ['to']],
    ['with an invalid number', { to: '555', body: 'Hi' }, ['to']],
    ['with a number that is not E.164', { to: '(415) 555-0100', body: 'Hi' }, ['to']],
    ['with an object as the recipient', { to: {}, body: 'Hi' }, ['to']],
    ['to an empty list', { to: [], body: 'Hi' }, ['to']],
    ['to 501 recipients', { to: Array.from({ length: 501 }, () => TO), body: 'Hi' }, ['to']],
    ['from an invalid number', { to: TO, from: 'me', body: 'Hi' }, ['from']],
    ['from a paused number', { to: TO, from: '+15005550031', body: 'Hi' }, ['from']],
    ['from a number that is not registered', { to: TO, from: '+15005550032', body: 'Hi' }, ['from']],
    ['without a text', { to: TO }, ['body']],
    ['with an empty text', { to: TO, body: '' }, ['body']],
    ['with only spaces', { to: TO, body: ' \n ' }, ['body']],
    ['with a text over 5000 characters', { to: TO, body: 'x'.repeat(5_001) }, ['body']],
    ['with a NUL character', { to: TO, body: 'a\0b' }, ['body']],
    ['with an unpaired surrogate', { to: TO, body: 'a\ud83d' }, ['body']],
    ['with a text that is not a string', { to: TO, body: 7 }, ['body']],
    ['with an unknown channel', { to: TO, body: 'Hi', channel: 'fax' }, ['channel']],
    ['with attachments that are not a list', { to: TO, attachments: {} }, ['attachments']],
    ['with an attachment that is not an object', { to: TO, attachments: ['x'] }, ['attachments[0]']],
    [
      'with an empty attachment',
      { to: TO, attachments: [{}] },
      ['attachments[0].media_url', 'attachments[0].content_type'],
    ],
    ['with several invalid fields', { to: '1', body: 7, scheduled: 'x' }, ['to', 'body', 'scheduled']],
  ])('%s returns 422', async (_case, body, fields) => {
    expectErrorResponse(await send(body), 422, ...fields);
  });

  it.each([
    ['a list', '[]'],
    ['a string', '"Hi"'],
    ['null', 'null'],
  ])('with %s as the body returns 422', async (_case, body) => {
    expectErrorResponse(await send(body), 422, '');
  });

  it('with an unparsable body returns 400', async () => {
    for (const body of ['', '{', 'to=1', Buffer.from([0xff])]) expectErrorResponse(await send(body), 400);
    const typed = await sandbox.post('/messages', 'x', { 'content-type': 'text/plain' });
    expectErrorResponse(typed, 400);
  });

  it('with a body over the size limit returns 413', async () => {
    expectErrorResponse(await send({ to: TO, body: 'x'.repeat(200_000) }), 413);
  });

  it('returns 422 until the live account has a number', async () => {
    expectErrorResponse(await live.post('/default/messages', { to: TO, body: 'Hi' }), 422, 'from');
    await pairDevice(homing, OWN);
    const sent = await live.post('/default/messages', { to: TO, body: 'Hi' });
    expect(sent.status, sent.text).toBe(201);
    expect((await live.get(sent.body.conversation)).body.accountPhone).toBe(OWN);
    expectErrorResponse(
      await live.post('/messages', { to: TO, from: '+14155550198', body: 'Hi' }),
      422,
      'from',
    );
  });

  it('returns 422 while one of the recipients has opted out', async () => {
    const { token } = await pairDevice(homing, '+14155550197');
    const device = await openSocket(homing.url, token);
    device.say(hello());
    await device.next('welcome');
    const receive = async (seq: number, text: string) => {
      const item = { guid: `G-${seq}`, from: RECIPIENT, to: '+14155550197', service: 'iMessage', text };
      device.say({ type: 'inbound', seq, items: [{ ...item, media: [], from_me: false }] });
      await device.next('ack');
    };
    const body = { to: [RECIPIENT, TO], from: '+14155550197', body: 'Hi' };
    await receive(1, 'Stop');
    expectErrorResponse(await live.post('/messages', { ...body, to: RECIPIENT }), 422, 'to');
    expectErrorResponse(await live.post('/messages', body), 422, 'to');
    await receive(2, 'START');
    expectEmptyResponse(await live.post('/messages', body), 202);
    device.terminate();
  });

  it('over the limit of messages per minute returns 429 with Retry-After', async () => {
    await createAccount(homing, 'small', 'free');
    const small = await createTextusClient(homing, { account: 'small' });
    expectErrorResponse(await small.post('/messages', { to: sixNumbers, body: 'Hi' }), 422, 'to');
    expectEmptyResponse(await small.post('/messages', { to: sixNumbers.slice(0, 5), body: 'Hi' }), 202);
    const response = await small.post('/messages', { to: TO, body: 'Hi' });
    expectErrorResponse(response, 429);
    expect(Number(response.headers.get('retry-after'))).toBeGreaterThan(0);
  });

  it('at the path of another account returns 404 for any body', async () => {
    for (const account of ['acme', 'Default', 'default%20', 'x']) {
      expectErrorResponse(await sandbox.post(`/${account}/messages`, { to: 7 }), 404);
    }
  });

  it('returns 401 without a token and 403 without the permission', async () => {
    expectErrorResponse(await textusClient(homing.url).post('/messages', { to: 7 }), 401);
    expectErrorResponse(await textusClient(homing.url, 'tb_test_x').post('/default/messages', {}), 401);
    const reader = await createTextusClient(homing, { permissions: 'messages:read' });
    expectErrorResponse(await reader.post('/messages', { to: TO, body: 'Hi' }), 403);
  });

  it('returns 401 if the token is revoked during the request, for any body', async () => {
    const bodies = [{ to: '+15005550196', body: 'Hi' }, { to: 'nobody' }];
    for (const body of bodies) {
      const revoked = await createTextusClient(homing);
      const slow = await openSlowRequest(homing.url, {
        method: 'POST',
        path: '/messages',
        key: revoked.key,
        body,
      });
      await revokeKey(homing, revoked.keyId);
      expect((await slow.finish()).status).toBe(401);
    }
    const { members } = (await sandbox.get('/default/conversations?limit=100')).body;
    expect(members.map(({ phone }: { phone: string }) => phone)).not.toContain(bodies[0]!.to);
  });

  it('returns 406 if the Accept header excludes the response', async () => {
    for (const accept of ['text/html', 'application/xml', 'application/json;q=0', 'image/*']) {
      expectErrorResponse(await sandbox.post('/messages', { to: TO, body: 'Hi' }, { accept }), 406);
    }
  });
});
