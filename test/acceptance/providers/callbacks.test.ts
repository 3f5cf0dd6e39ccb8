/** Checks the callbacks of Twilio, with its signatures. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Fields, PICTURE, signatureOf } from '../../support/fake-twilio.ts';
import { exchange, requestHead } from '../../support/http-client.ts';
import { type ProviderBroker, startProviderBroker } from '../../support/provider-broker.ts';
import { until } from '../../support/until.ts';

let broker: ProviderBroker;
let own: string;
let inboundUrl: string;
let statusUrl: string;
let serial = 0;

beforeAll(async () => {
  broker = await startProviderBroker();
  own = await broker.buy('415');
  inboundUrl = `${broker.homing.url}/providers/twilio/inbound`;
  statusUrl = `${broker.homing.url}/providers/twilio/status`;
});
afterAll(() => broker?.dispose());

const newSid = () => `SM${String(++serial).padStart(32, 'f')}`;

/** Returns the fields of an inbound message, with some of Twilio's additional fields. */
function textFrom(From: string, Body: string, change: Fields = {}): Fields {
  return {
    ToCountry: 'US',
    SmsMessageSid: 'SM0',
    NumMedia: '0',
    SmsStatus: 'received',
    Body,
    To: own,
    MessageSid: newSid(),
    AccountSid: 'AC0',
    From,
    ApiVersion: '2010-04-01',
    ...change,
  };
}

const callInbound = (fields: Fields) => broker.twilio.callBack(inboundUrl, fields);
const from = async (handle: string) => (await broker.texts()).filter((message) => message.handle === handle);

describe('an inbound message', () => {
  it('is reported to the URL that the purchase configured at Twilio', () => {
    const [configured] = broker.twilio.requests.filter(({ fields }) => fields.SmsUrl !== undefined);
    expect(configured!.fields).toEqual({
      SmsUrl: inboundUrl,
      SmsMethod: 'POST',
      StatusCallback: statusUrl,
    });
  });

  it('by SMS is recorded once, even with repeated and parallel callbacks', async () => {
    const fields = textFrom('+14155550171', 'Grüße 👋');
    const responses = await Promise.all([callInbound(fields), callInbound(fields), callInbound(fields)]);
    responses.push(await callInbound(fields));
    for (const response of responses) {
      expect(response.status).toBe(200);
      expect(response.headers.get('content-type')).toMatch(/^text\/xml\b/);
      expect(await response.text()).toBe('<Response/>');
    }
    expect(await from('+14155550171')).toMatchObject([
      {
        ...{ content: 'Grüße 👋', ownNumber: own, status: 'received', service: 'sms', isUnread: true },
        ...{ guid: fields.MessageSid, media: [], chat: null },
      },
    ]);
    const { messages } = (await broker.client.get('/v1/messages?from=%2B14155550171')).body;
    expect(messages).toMatchObject([{ content: 'Grüße 👋', direction: 'inbound', to: own }]);
  });

  it('by WhatsApp is recorded once, for the number of a device with WhatsApp', async () => {
    const phone = await broker.whatsappNumber('+14155550165');
    const fields = textFrom('whatsapp:+14155550172', 'Hola', {
      To: `whatsapp:${phone}`,
      ProfileName: 'Ann',
      WaId: '14155550172',
    });
    for (const response of [await callInbound(fields), await callInbound(fields)])
      expect(response.status).toBe(200);
    expect(await from('+14155550172')).toMatchObject([
      { content: 'Hola', ownNumber: phone, service: 'whatsapp', isUnread: true },
    ]);
  });

  it('by SMS for the number of a device or for an unknown number is not recorded', async () => {
    const phone = await broker.whatsappNumber('+14155550166');
    for (const To of [phone, '+14155550999', 'whatsapp:+14155550999', '', 'nonsense']) {
      expect((await callInbound(textFrom('+14155550173', 'Who?', { To }))).status).toBe(200);
    }
    expect(await from('+14155550173')).toEqual([]);
  });

  it('has its attachments fetched with the credentials of the account on the first download', async () => {
    const picture = `${broker.twilio.url}/2010-04-01/Accounts/AC0/Messages/MM0/Media/ME1`;
    await callInbound(
      textFrom('+14155550174', '', {
        ...{ NumMedia: '2', MediaUrl0: picture, MediaContentType0: 'image/png' },
        ...{ MediaUrl1: `${picture}2`, MediaContentType1: 'image/jpeg' },
      }),
    );
    const [message] = await from('+14155550174');
    expect(message!.media).toMatchObject([{ contentType: 'image/png' }, { contentType: 'image/jpeg' }]);
    const shown = (await broker.client.get(`/v1/messages/msg_${message!.id}`)).body;
    expect(shown.media_url).toContain(`${broker.homing.url}/media/`);
    const fetched = await fetch(shown.media_url);
    expect(fetched.status).toBe(200);
    expect(fetched.headers.get('content-type')).toBe('image/png');
    expect(Buffer.from(await fetched.arrayBuffer())).toEqual(PICTURE);
  });

  it('does not send the credentials to a Twilio URL from an API caller', async () => {
    const media_url = `${broker.twilio.url}/2010-04-01/Accounts/AC0/Messages/MM0/Media/ME9`;
    const body = { from: own, to: '+14155550170', content: 'mine?', media_url };
    const { id } = (await broker.client.post('/v1/messages/send', body)).body;
    const sent = await until('the message at Twilio', () =>
      broker.twilio.messages().find(({ fields }) => fields.Body === 'mine?'),
    );
    expect((await fetch(sent.fields.MediaUrl!)).status).toBe(502);
    expect(broker.twilio.requests.some(({ path }) => path.endsWith('/ME9'))).toBe(false);
    await broker.reaches(id, 'sent');
  });

  it('with STOP opts its sender out, and with START in again', async () => {
    const send = () =>
      broker.client.post('/v1/messages/send', { from: own, to: '+14155550175', content: 'Hi' });
    expect((await send()).status).toBe(202);
    await callInbound(textFrom('+14155550175', ' stop. '));
    expect((await send()).status).toBe(403);
    await callInbound(textFrom('+14155550175', 'START'));
    expect((await send()).status).toBe(202);
    expect(await from('+14155550175')).toHaveLength(2);
  });

  it('is recorded without NUL characters', async () => {
    await callInbound(textFrom('+14155550176', 'a\0b'));
    expect(await from('+14155550176')).toMatchObject([{ content: 'ab' }]);
  });
});

describe('a callback', () => {
  it.each([
    ['that is empty', ''],
    ['of another sender', Buffer.alloc(20).toString('base64')],
    ['that is incomplete', 'abc'],
  ])('with a signature %s returns 403 and records nothing', async (_, signature) => {
    const fields = textFrom('+14155550180', 'forged');
    for (const url of [inboundUrl, statusUrl]) {
      const response = await broker.twilio.callBack(url, fields, { signature });
      expect(response.status).toBe(403);
      expect(await response.json()).toEqual({
        error: { code: 'forbidden', message: 'Invalid signature of twilio.' },
      });
    }
    expect(await from('+14155550180')).toEqual([]);
  });

  it('without a signature returns 403', async () => {
    const body = new URLSearchParams(textFrom('+14155550180', 'forged'));
    expect((await fetch(inboundUrl, { method: 'POST', body })).status).toBe(403);
  });

  it('with a signature for another URL returns 403', async () => {
    const id = await broker.send(own, '+14155550181', 'whose?');
    const { guid } = await broker.reaches(id, 'sent');
    const fields = { MessageSid: guid!, MessageStatus: 'failed', From: own, To: '+14155550181' };
    const other = await broker.send(own, '+14155550181', 'mine');
    await broker.reaches(other, 'sent');
    const signature = signatureOf(`${statusUrl}?message=${id}`, fields);
    const response = await broker.twilio.callBack(`${statusUrl}?message=${other}`, fields, { signature });
    expect(response.status).toBe(403);
    expect((await broker.message(other)).status).toBe('sent');
  });

  it('with two different ids of messages changes nothing', async () => {
    const id = await broker.send(own, '+14155550182', 'one');
    await broker.reaches(id, 'sent');
    const fields = { MessageSid: newSid(), MessageStatus: 'failed', From: own, To: '+14155550182' };
    expect((await broker.twilio.callBack(`${statusUrl}?message=${id}`, fields)).status).toBe(200);
    expect((await broker.message(id)).status).toBe('sent');
  });

  it.each([
    ['an unknown message', { MessageSid: newSid(), MessageStatus: 'delivered' }],
    ['a state before sent', { MessageSid: newSid(), MessageStatus: 'queued' }],
    ['the name of a built-in property as its state', { MessageSid: newSid(), MessageStatus: 'constructor' }],
    ['a phone call', { CallSid: 'CA0', CallStatus: 'completed' }],
    ['no fields', {}],
  ])('with %s changes nothing', async (_, fields: Fields) => {
    const response = await broker.twilio.callBack(`${statusUrl}?message=msg_nonsense`, {
      ...{ From: own, To: '+14155550183' },
      ...fields,
    });
    expect(response.status).toBe(200);
    expect(await from('+14155550183')).toEqual([]);
  });

  it('with the id of another account’s message changes nothing', async () => {
    const id = await broker.send(own, '+14155550184', 'ours');
    const { guid } = await broker.reaches(id, 'sent');
    await broker.homing.cli('accounts', 'create', 'other');
    const theirs = (await broker.homing.cli('pair', '+14155550167', '--account', 'other', '--json')).json[0]
      .number;
    const fields = { MessageSid: guid!, MessageStatus: 'failed', From: theirs, To: '+14155550184' };
    expect((await broker.twilio.callBack(`${statusUrl}?message=${id}`, fields)).status).toBe(200);
    expect((await broker.message(id)).status).toBe('sent');
  });

  it.each([
    ['a JSON body', 'application/json', '{}', 400],
    ['no content type', undefined, 'a=b', 400],
  ])('with %s returns 400', async (_, type, body, status) => {
    // fetch adds no content type to bytes.
    const response = await fetch(inboundUrl, {
      method: 'POST',
      body: new TextEncoder().encode(body),
      headers: type === undefined ? {} : { 'content-type': type },
    });
    expect(response.status).toBe(status);
    expect(await response.json()).toMatchObject({ error: { code: 'invalid_request' } });
  });

  it('larger than 64 KB returns 413', async () => {
    const body = `Body=${'a'.repeat(65 * 1024)}`;
    const head = requestHead('POST', '/providers/twilio/inbound', {
      'content-type': 'application/x-www-form-urlencoded',
      'content-length': String(body.length),
    });
    expect((await exchange(broker.homing.url, head + body)).status).toBe(413);
  });

  it('of an unknown provider returns 404, and of the sandbox’s provider 403', async () => {
    const post = (name: string) =>
      fetch(`${broker.homing.url}/providers/${name}/inbound`, {
        method: 'POST',
        body: new URLSearchParams({ a: 'b' }),
      });
    expect((await post('nobody')).status).toBe(404);
    expect((await post('memory')).status).toBe(403);
    expect((await fetch(inboundUrl)).status).toBe(405);
  });
});

describe('the templates for WhatsApp', () => {
  const template = (sid: string, status: string, body: string) => ({
    sid,
    friendly_name: `template ${sid}`,
    language: 'en',
    variables: { 1: 'Ann' },
    types: {
      'twilio/quick-reply': { body, actions: [{ title: 'Yes', id: 'y' }, { title: 'No' }] },
    },
    approval_requests: { name: sid, category: 'UTILITY', content_type: 'twilio/quick-reply', status },
    date_created: '2026-01-01T00:00:00Z',
    date_updated: '2026-01-01T00:00:00Z',
  });

  it('are those of Twilio for every account with WhatsApp, also after changes', async () => {
    const { twilio, homing, store } = broker;
    twilio.templates.push(
      template('HX1', 'approved', 'Hello {{1}}'),
      template('HX2', 'received', 'Bye'),
      template('HX3', 'unsubmitted', 'Not submitted'),
    );
    const tenant = (await store.read.numbers.liveTenantOf(own))!;
    const stored = () => store.read.whatsappTemplates.list(tenant);
    // A number that gets WhatsApp causes a fetch of the templates.
    const { number } = (await homing.cli('pair', '+14155550168', '--json')).json[0];
    await homing.cli('numbers', 'whatsapp', number, 'on');
    await until('two templates', async () => (await stored()).length === 2);
    const [first] = await stored();
    expect(first).toMatchObject({
      ...{ title: 'template HX1', language: 'en', status: 'approved', contentSid: 'HX1' },
      ...{ contentType: 'twilio/quick-reply', body: 'Hello {{1}}', quickReplies: ['Yes', 'No'] },
      ...{ category: 'utility', quality: null },
    });
    twilio.templates.splice(0, 3, template('HX1', 'disabled', 'Hello {{1}}'));
    await homing.stop();
    await homing.restart();
    await until('the remaining template', async () => (await stored()).length === 1);
    expect(await stored()).toMatchObject([
      { id: first!.id, status: 'rejected', createdAt: first!.createdAt },
    ]);
  });
});

describe('homing numbers whatsapp', () => {
  it('enables WhatsApp for a number and prints the remaining step', async () => {
    const { cli } = broker.homing;
    const { number } = (await cli('pair', '+14155550169', '--json')).json[0];
    expect((await cli('numbers', 'whatsapp', number, 'on', '--json')).json).toEqual([
      { id: expect.stringMatching(/^num_/), phone_number: number, whatsapp: true },
    ]);
    const shown = await cli('numbers', 'whatsapp', number, 'on', '--public-url', 'https://homing.example');
    expect(shown.stderr).toContain('https://homing.example/providers/twilio/inbound');
    expect((await cli('numbers', 'whatsapp', number, 'off', '--json')).json).toMatchObject([
      { whatsapp: false },
    ]);
  });

  it.each([
    [['+14155550169', 'maybe'], 2, 'allowed: on or off'],
    [['+14155559999', 'on'], 1, 'Number +14155559999 not found'],
    [['+14155550169'], 2, 'missing required argument'],
  ])('rejects the arguments %j', async (args, status, sentence) => {
    const result = await broker.homing.cli('numbers', 'whatsapp', ...args);
    expect(result.status).toBe(status);
    expect(result.stderr).toContain(sentence);
  });

  it('keeps `homing numbers` a list of numbers', async () => {
    expect((await broker.homing.cli('numbers', '--json')).json.length).toBeGreaterThan(0);
    expect((await broker.homing.cli('numbers', 'nonsense')).status).toBe(2);
  });
});
