/** Checks sending through a messaging provider with the real program and a fake Twilio over HTTP. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AUTH_TOKEN, type Fields } from '../../support/fake-twilio.ts';
import { runCli } from '../../support/homing-process.ts';
import { type ProviderBroker, startProviderBroker } from '../../support/provider-broker.ts';
import { hello, openSocket, textsOf } from '../../support/raw-device.ts';
import { until } from '../../support/until.ts';

const RECIPIENT = '+14155550142';
const MESSAGES = '/Messages.json';

let broker: ProviderBroker;
let from: string;

beforeAll(async () => {
  broker = await startProviderBroker();
  from = await broker.buy('415');
});
afterAll(() => broker?.dispose());

const sentOf = (content: string) => broker.twilio.messages().filter(({ fields }) => fields.Body === content);
const sent = (content: string) => until(`'${content}' at Twilio`, () => sentOf(content)[0]);

/** Sends a status callback of Twilio for a message. */
const sendStatus = async (content: string, MessageStatus: string, more: Fields = {}) => {
  const { fields } = await sent(content);
  const { From, To } = fields;
  return broker.twilio.callBack(fields.StatusCallback!, {
    ...{ MessageSid: `SM-${content}`, MessageStatus, From: From!, To: To! },
    ...more,
  });
};

describe('an SMS from a number that was bought', () => {
  it('is sent to Twilio unchanged, with the service sms', async () => {
    const id = await broker.send(from, RECIPIENT, 'Grüße 👋');
    const message = await broker.reaches(id, 'sent');
    const [request, ...others] = sentOf('Grüße 👋');
    expect(others).toEqual([]);
    expect(request!.fields).toEqual({
      From: from,
      To: RECIPIENT,
      Body: 'Grüße 👋',
      StatusCallback: `${broker.homing.url}/providers/twilio/status?message=${id}`,
    });
    expect(message).toMatchObject({ service: 'sms', deviceId: 'twilio', guid: expect.stringMatching(/^SM/) });
    expect(await broker.kinds(id)).toEqual(['accepted', 'handed_out', 'sending', 'sent']);
  });

  it('becomes delivered by a callback with the id of Twilio', async () => {
    const id = await broker.send(from, RECIPIENT, 'delivered');
    const { guid } = await broker.reaches(id, 'sent');
    const url = `${broker.homing.url}/providers/twilio/status`;
    const response = await broker.twilio.callBack(url, {
      ...{ MessageSid: guid!, MessageStatus: 'delivered', From: from, To: RECIPIENT },
    });
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toMatch(/^text\/xml\b/);
    expect(await response.text()).toBe('<Response/>');
    expect((await broker.message(id)).status).toBe('delivered');
  });

  it('becomes read by callbacks that are repeated and out of order', async () => {
    const id = await broker.send(from, RECIPIENT, 'read');
    const { guid } = await broker.reaches(id, 'sent');
    for (const status of ['read', 'delivered', 'sent', 'read']) {
      expect((await sendStatus('read', status, { MessageSid: guid! })).status).toBe(200);
    }
    const message = await broker.message(id);
    expect(message.status).toBe('delivered');
    expect(message.readAt).not.toBeNull();
    expect((await broker.kinds(id)).filter((kind) => kind === 'read')).toHaveLength(1);
  });

  it.each([
    ['30005', 'recipient_unreachable', false],
    ['30008', 'device_error', true],
    ['63019', 'media_unavailable', false],
    ['', 'device_error', true],
  ])('fails if Twilio could not deliver it (error %s)', async (ErrorCode, errorCode, errorRetryable) => {
    const content = `undelivered ${ErrorCode}`;
    const id = await broker.send(from, RECIPIENT, content);
    const { guid } = await broker.reaches(id, 'sent');
    await sendStatus(content, 'undelivered', { MessageSid: guid!, ErrorCode });
    expect(await broker.message(id)).toMatchObject({ status: 'failed', errorCode, errorRetryable });
    if (ErrorCode !== '') expect((await broker.message(id)).errorMessage).toContain(ErrorCode);
  });

  it.each([
    [21610, 'Attempt to send to unsubscribed recipient', 'recipient_unreachable'],
    [21211, "The 'To' number is not a valid phone number.", 'recipient_unreachable'],
    [21617, 'The concatenated message body exceeds the 1600 character limit', 'device_error'],
  ])('fails without a retry if Twilio rejects it (error %i)', async (code, message, errorCode) => {
    const content = `refused ${code}`;
    broker.twilio.respondNext('POST', MESSAGES, { status: 400, code, message });
    const id = await broker.send(from, RECIPIENT, content);
    const failed = await broker.reaches(id, 'failed');
    expect(failed).toMatchObject({ errorCode, errorRetryable: false });
    expect(failed.errorMessage).toBe(`${message} (Twilio error ${code})`);
    expect(sentOf(content)).toHaveLength(1);
  });

  it('is retried after a 429 and a 503 of Twilio', async () => {
    broker.twilio.respondNext('POST', MESSAGES, { status: 429, code: 20429 }, { status: 503 });
    const id = await broker.send(from, RECIPIENT, 'try again');
    await broker.reaches(id, 'sent');
    expect(sentOf('try again')).toHaveLength(3);
    expect(await broker.kinds(id)).toEqual([
      ...['accepted', 'handed_out', 'sending', 'sending', 'sending', 'sent'],
    ]);
  });

  it('fails as retryable if Twilio keeps returning 500', async () => {
    const broken = { status: 500, code: 20500, message: 'Internal server error' };
    broker.twilio.respondNext('POST', MESSAGES, broken, broken, broken, broken);
    const id = await broker.send(from, RECIPIENT, 'stays broken');
    const failed = await broker.reaches(id, 'failed', 30_000);
    expect(failed).toMatchObject({ errorCode: 'device_error', errorRetryable: true });
    expect(sentOf('stays broken')).toHaveLength(4);
  });

  it.each([
    ['reset', 'the connection breaks off'],
    [{ status: 504 }, 'a gateway times out'],
  ] as const)('is not sent again if Twilio may have accepted it: %s', async (fault, reason) => {
    broker.twilio.respondNext('POST', MESSAGES, fault);
    const id = await broker.send(from, RECIPIENT, reason);
    expect(await broker.reaches(id, 'failed')).toMatchObject({ errorCode: 'unconfirmed' });
    // A later message was sent, so no retry is pending.
    await broker.reaches(await broker.send(from, RECIPIENT, `after: ${reason}`), 'sent');
    expect(sentOf(reason)).toHaveLength(1);
  });

  it('is not sent again after a timeout of Twilio, and a later callback changes its status', async () => {
    broker.twilio.loseResponse('POST', MESSAGES, 'hang');
    const id = await broker.send(from, RECIPIENT, 'no response');
    expect(await broker.reaches(id, 'failed', 25_000)).toMatchObject({ errorCode: 'unconfirmed' });
    expect(sentOf('no response')).toHaveLength(1);
    await sendStatus('no response', 'delivered');
    expect(await broker.message(id)).toMatchObject({
      ...{ status: 'delivered', guid: 'SM-no response', errorCode: null, service: 'sms' },
    });
    expect(sentOf('no response')).toHaveLength(1);
  });

  it('becomes delivered by a callback before the response of Twilio', async () => {
    broker.twilio.loseResponse('POST', MESSAGES, 'hang');
    const id = await broker.send(from, RECIPIENT, 'early callback');
    await sendStatus('early callback', 'delivered');
    expect(await broker.message(id)).toMatchObject({ status: 'delivered', guid: 'SM-early callback' });
    broker.twilio.releaseHung();
    await broker.reaches(await broker.send(from, RECIPIENT, 'after the early callback'), 'sent');
    expect((await broker.message(id)).status).toBe('delivered');
  });

  it('keeps the order of messages to one recipient, also during a retry', async () => {
    broker.twilio.respondNext('POST', MESSAGES, { status: 503 });
    const to = '+14155550177';
    const ids = [];
    for (const content of ['first', 'second', 'third']) ids.push(await broker.send(from, to, content));
    for (const id of ids) await broker.reaches(id, 'sent');
    const order = broker.twilio.messages().filter(({ fields }) => fields.To === to);
    expect(order.map(({ fields }) => fields.Body)).toEqual(['first', 'first', 'second', 'third']);
  });

  it('is sent once among many parallel messages', async () => {
    const contents = Array.from({ length: 60 }, (_, n) => `many ${n}`);
    const ids = await Promise.all(
      contents.map((content, n) => broker.send(from, `+1415555${1000 + n}`, content)),
    );
    for (const id of ids) await broker.reaches(id, 'sent');
    const bodies = broker.twilio.messages().map(({ fields }) => fields.Body!);
    expect(bodies.filter((body) => body.startsWith('many ')).sort()).toEqual([...contents].sort());
  });

  it('has links to its attachments that Twilio can fetch', async () => {
    const id = await broker.accept({
      ...{ from, to: RECIPIENT, content: 'look' },
      media: [`${broker.twilio.url}/nowhere/a.png`, `${broker.twilio.url}/nowhere/b.png`],
    });
    const { form } = await sent('look');
    const links = form.getAll('MediaUrl');
    expect(links).toHaveLength(2);
    const { media } = await broker.reaches(id, 'sent');
    expect(links.map((link) => new URL(link).pathname)).toEqual(media.map((one) => `/media/med_${one.id}`));
    for (const link of links) {
      expect(link.startsWith(broker.homing.url)).toBe(true);
      // The link is valid, but its source does not exist. The fake would return the file if it received Twilio's credentials.
      expect((await fetch(link)).status).toBe(502);
    }
  });

  it('that requires iMessage fails without a request to Twilio', async () => {
    const id = await broker.accept({ from, to: RECIPIENT, content: 'only iMessage', service: 'imessage' });
    expect(await broker.reaches(id, 'failed')).toMatchObject({ errorCode: 'not_on_imessage' });
    expect(sentOf('only iMessage')).toEqual([]);
  });
});

describe('a message behind another one to the same recipient', () => {
  it('is cancelled after the recipient opted out', async () => {
    const to = '+14155550178';
    broker.twilio.respondNext('POST', MESSAGES, 'hang');
    await broker.send(from, to, 'before the STOP');
    await sent('before the STOP');
    const waiting = await broker.send(from, to, 'after the STOP');
    await broker.reaches(waiting, 'polling');
    const text = { MessageSid: 'SMstop', From: to, To: from, Body: 'STOP' };
    await broker.twilio.callBack(`${broker.homing.url}/providers/twilio/inbound`, text);
    broker.twilio.releaseHung();
    expect(await broker.reaches(waiting, 'failed')).toMatchObject({ errorCode: 'cancelled' });
    expect(sentOf('after the STOP')).toEqual([]);
  });
});

describe('the log', () => {
  it('contains the error of Twilio without full numbers, texts or the auth token', async () => {
    const message = `The 'To' number ${RECIPIENT} is not a valid phone number.`;
    broker.twilio.respondNext('POST', MESSAGES, { status: 400, code: 21211, message });
    const id = await broker.send(from, RECIPIENT, 'a private text');
    await broker.reaches(id, 'failed');
    const line = await until('the line', () =>
      broker.homing
        .log()
        .split('\n')
        .find((one) => one.includes(id)),
    );
    expect(line).toContain("The 'To' number +1415•••0142 is not a valid phone number.");
    const log = broker.homing.log();
    for (const secret of [RECIPIENT, from, 'private text', AUTH_TOKEN, 'Basic ']) {
      expect(log).not.toContain(secret);
    }
  });
});

describe('WhatsApp', () => {
  it('is sent through the provider, from and to WhatsApp addresses', async () => {
    const own = await broker.whatsappNumber('+14155550160');
    const id = await broker.accept({ from: own, to: RECIPIENT, content: 'by WhatsApp', service: 'whatsapp' });
    expect(await broker.reaches(id, 'sent')).toMatchObject({ service: 'whatsapp' });
    expect(sentOf('by WhatsApp')[0]!.fields).toMatchObject({
      ...{ From: `whatsapp:${own}`, To: `whatsapp:${RECIPIENT}` },
    });
    await sendStatus('by WhatsApp', 'read', { MessageSid: (await broker.message(id)).guid! });
    expect(await broker.message(id)).toMatchObject({
      status: 'delivered',
      service: 'whatsapp',
      readAt: expect.any(Number),
    });
  });

  it('sends a template with its content id and variables', async () => {
    const own = await broker.whatsappNumber('+14155550161');
    const contentSid = `HX${'a'.repeat(32)}`;
    const id = await broker.accept({
      ...{ from: own, to: RECIPIENT, content: 'Hello Ann', service: 'whatsapp' as const },
      template: { id: '01m7yr8vfqftebdcaf8ea8wwzf', contentSid, variables: { 1: 'Ann' } },
    });
    await broker.reaches(id, 'sent');
    const request = broker.twilio.messages().find(({ fields }) => fields.ContentSid === contentSid);
    expect(request!.fields).toEqual({
      From: `whatsapp:${own}`,
      To: `whatsapp:${RECIPIENT}`,
      ContentSid: contentSid,
      ContentVariables: '{"1":"Ann"}',
      StatusCallback: expect.stringContaining(id),
    });
  });

  it('is never dispatched to the device of its number, and other messages of the number never to the provider', async () => {
    const paired = await broker.homing.cli('pair', '+14155550162', '--json');
    const { number, token } = paired.json[0];
    expect((await broker.homing.cli('numbers', 'whatsapp', number, 'on')).status).toBe(0);
    const socket = await openSocket(broker.homing.url, token);
    socket.say(hello());
    await socket.next('welcome');
    const byWhatsapp = await broker.accept({
      from: number,
      to: RECIPIENT,
      content: 'one',
      service: 'whatsapp',
    });
    const byPhone = await broker.send(number, RECIPIENT, 'two');
    await broker.reaches(byWhatsapp, 'sent');
    await until('the message at the device', () => textsOf(socket.received).length > 0);
    expect(textsOf(socket.received)).toEqual(['two']);
    expect(sentOf('one')).toHaveLength(1);
    expect(sentOf('two')).toEqual([]);
    expect(await broker.message(byPhone)).toMatchObject({ status: 'polling' });
    socket.terminate();
  });

  it('stays queued while it is disabled for the number, and is sent after it is enabled', async () => {
    const { number } = (await broker.homing.cli('pair', '+14155550163', '--json')).json[0];
    const id = await broker.accept({ from: number, to: RECIPIENT, content: 'waits', service: 'whatsapp' });
    const other = await broker.accept({ from, to: RECIPIENT, content: 'does not wait' });
    await broker.reaches(other, 'sent');
    expect((await broker.message(id)).status).toBe('queued');
    await broker.homing.cli('numbers', 'whatsapp', number, 'on');
    await broker.reaches(id, 'sent');
  });
});

describe('a number', () => {
  it('that was bought while the broker runs sends immediately', async () => {
    const bought = await broker.buy('212');
    await broker.reaches(await broker.send(bought, RECIPIENT, 'from the new one'), 'sent');
    expect(sentOf('from the new one')[0]!.fields.From).toBe(bought);
  });

  it('that was removed sends no message, and its queued messages are cancelled', async () => {
    const bought = await broker.buy('213');
    broker.twilio.respondNext('POST', MESSAGES, 'hang');
    const out = await broker.send(bought, RECIPIENT, 'being sent');
    await sent('being sent');
    const waiting = await broker.send(bought, RECIPIENT, 'waits behind it');
    const { numbers } = (await broker.client.get('/v1/numbers')).body;
    const { id } = numbers.find((number: { phone_number: string }) => number.phone_number === bought);
    expect((await broker.client.delete(`/v1/numbers/${id}`)).status).toBeLessThan(300);
    broker.twilio.releaseHung();
    await broker.reaches(waiting, 'failed');
    expect(await broker.message(waiting)).toMatchObject({ errorCode: 'cancelled' });
    expect(await broker.reaches(out, 'failed')).toMatchObject({ errorCode: 'unconfirmed' });
    expect(sentOf('waits behind it')).toEqual([]);
  });

  it('of a provider is never used by a device of another number', async () => {
    const { number, token } = (await broker.homing.cli('pair', '+14155550164', '--json')).json[0];
    const socket = await openSocket(broker.homing.url, token);
    socket.say(hello());
    await socket.next('welcome');
    await broker.reaches(await broker.send(from, RECIPIENT, 'not by a device'), 'sent');
    await broker.send(number, RECIPIENT, 'by the device');
    await until('a message at the device', () => textsOf(socket.received).length > 0);
    expect(textsOf(socket.received)).toEqual(['by the device']);
    socket.terminate();
  });
});

describe('a broker that stops', () => {
  it('by SIGKILL during a send does not send the message twice, and sends the next messages after a restart', async () => {
    const killed = await startProviderBroker();
    try {
      const own = await killed.buy('415');
      killed.twilio.loseResponse('POST', MESSAGES, 'hang');
      const begun = await killed.send(own, RECIPIENT, 'begun');
      await until('the message at Twilio', () => killed.twilio.messages().length === 1);
      const waiting = await killed.send(own, RECIPIENT, 'waits behind it');
      await killed.reaches(waiting, 'polling');
      await killed.homing.kill();
      killed.twilio.releaseHung();
      await killed.homing.restart();
      expect(await killed.reaches(begun, 'failed')).toMatchObject({ errorCode: 'unconfirmed' });
      await killed.reaches(waiting, 'sent');
      expect(killed.twilio.messages().map(({ fields }) => fields.Body)).toEqual(['begun', 'waits behind it']);
      expect(await killed.kinds(waiting)).toEqual([
        ...['accepted', 'handed_out', 'released', 'handed_out', 'sending', 'sent'],
      ]);
    } finally {
      await killed.dispose();
    }
  });

  it('gracefully waits for the running request, and keeps the other messages for the next start', async () => {
    const stopped = await startProviderBroker();
    try {
      const own = await stopped.buy('415');
      stopped.twilio.respondNext('POST', MESSAGES, { status: 503 });
      const retried = await stopped.send(own, RECIPIENT, 'rejected for now');
      await until('the message at Twilio', () => stopped.twilio.messages().length === 1);
      expect(await stopped.homing.stop()).toBe(0);
      expect((await stopped.message(retried)).status).toBe('queued');
      await stopped.homing.restart();
      await stopped.reaches(retried, 'sent');
      expect(stopped.twilio.messages()).toHaveLength(2);
    } finally {
      await stopped.dispose();
    }
  });

  it('exits with an error if only one of the two Twilio settings is set', async () => {
    const { cli } = broker.homing;
    const secretFile = join(broker.homing.dataDir, 'twilio-token.txt');
    writeFileSync(secretFile, 'hunter2\n');
    for (const [flag, value, named] of [
      ['--twilio-account-sid', `AC${'0'.repeat(32)}`, 'TWILIO_AUTH_TOKEN'],
      ['--twilio-auth-token-file', secretFile, 'TWILIO_ACCOUNT_SID'],
    ] as const) {
      const result = await runCli(['serve', flag, value], {
        HOMING_DATA_DIR: `${broker.homing.dataDir}/never`,
      });
      expect(result.status).toBe(2);
      expect(result.stderr).toContain(`was given without ${named}`);
      expect(result.stderr).not.toContain('hunter2');
    }
    expect((await cli('config', '--json')).status).toBe(0);
  });
});
