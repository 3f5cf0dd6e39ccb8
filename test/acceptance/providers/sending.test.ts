/** What goes out by a messaging provider, against a Twilio of our own: the real program, real HTTP. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AUTH_TOKEN, type Fields } from '../../support/fake-twilio.ts';
import { runCli } from '../../support/homing-process.ts';
import { type ProviderBroker, startProviderBroker } from '../../support/provider-broker.ts';
import { hello, openSocket, textsOf } from '../../support/raw-device.ts';
import { until } from '../../support/until.ts';

const PERSON = '+14155550142';
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

/** Twilio's word on a message that it was asked to send. */
const tellStatus = async (content: string, MessageStatus: string, more: Fields = {}) => {
  const { fields } = await sent(content);
  const { From, To } = fields;
  return broker.twilio.tell(fields.StatusCallback!, {
    ...{ MessageSid: `SM-${content}`, MessageStatus, From: From!, To: To! },
    ...more,
  });
};

describe('an SMS from a number that was bought', () => {
  it('goes to Twilio as it was written, and is sent as sms', async () => {
    const id = await broker.send(from, PERSON, 'Grüße 👋');
    const message = await broker.reaches(id, 'sent');
    const [asked, ...others] = sentOf('Grüße 👋');
    expect(others).toEqual([]);
    expect(asked!.fields).toEqual({
      From: from,
      To: PERSON,
      Body: 'Grüße 👋',
      StatusCallback: `${broker.homing.url}/providers/twilio/status?message=${id}`,
    });
    expect(message).toMatchObject({ service: 'sms', deviceId: 'twilio', guid: expect.stringMatching(/^SM/) });
    expect(await broker.kinds(id)).toEqual(['accepted', 'handed_out', 'sending', 'sent']);
  });

  it('is delivered when Twilio says so, by the id that Twilio gave it', async () => {
    const id = await broker.send(from, PERSON, 'delivered');
    const { guid } = await broker.reaches(id, 'sent');
    const url = `${broker.homing.url}/providers/twilio/status`;
    const answer = await broker.twilio.tell(url, {
      ...{ MessageSid: guid!, MessageStatus: 'delivered', From: from, To: PERSON },
    });
    expect(answer.status).toBe(200);
    expect(answer.headers.get('content-type')).toMatch(/^text\/xml\b/);
    expect(await answer.text()).toBe('<Response/>');
    expect((await broker.message(id)).status).toBe('delivered');
  });

  it('is read when Twilio says so, told twice and out of order', async () => {
    const id = await broker.send(from, PERSON, 'read');
    const { guid } = await broker.reaches(id, 'sent');
    for (const status of ['read', 'delivered', 'sent', 'read']) {
      expect((await tellStatus('read', status, { MessageSid: guid! })).status).toBe(200);
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
  ])('fails when Twilio could not deliver it (%s)', async (ErrorCode, errorCode, errorRetryable) => {
    const content = `undelivered ${ErrorCode}`;
    const id = await broker.send(from, PERSON, content);
    const { guid } = await broker.reaches(id, 'sent');
    await tellStatus(content, 'undelivered', { MessageSid: guid!, ErrorCode });
    expect(await broker.message(id)).toMatchObject({ status: 'failed', errorCode, errorRetryable });
    if (ErrorCode !== '') expect((await broker.message(id)).errorMessage).toContain(ErrorCode);
  });

  it.each([
    [21610, 'Attempt to send to unsubscribed recipient', 'recipient_unreachable'],
    [21211, "The 'To' number is not a valid phone number.", 'recipient_unreachable'],
    [21617, 'The concatenated message body exceeds the 1600 character limit', 'device_error'],
  ])('fails at once when Twilio refuses it (%i)', async (code, message, errorCode) => {
    const content = `refused ${code}`;
    broker.twilio.answerNext('POST', MESSAGES, { status: 400, code, message });
    const id = await broker.send(from, PERSON, content);
    const failed = await broker.reaches(id, 'failed');
    expect(failed).toMatchObject({ errorCode, errorRetryable: false });
    expect(failed.errorMessage).toBe(`${message} (Twilio error ${code})`);
    expect(sentOf(content)).toHaveLength(1);
  });

  it('is tried again where Twilio was busy or broken', async () => {
    broker.twilio.answerNext('POST', MESSAGES, { status: 429, code: 20429 }, { status: 503 });
    const id = await broker.send(from, PERSON, 'try again');
    await broker.reaches(id, 'sent');
    expect(sentOf('try again')).toHaveLength(3);
    expect(await broker.kinds(id)).toEqual([
      ...['accepted', 'handed_out', 'sending', 'sending', 'sending', 'sent'],
    ]);
  });

  it('fails, to be sent later, where Twilio stays broken', async () => {
    const broken = { status: 500, code: 20500, message: 'Internal server error' };
    broker.twilio.answerNext('POST', MESSAGES, broken, broken, broken, broken);
    const id = await broker.send(from, PERSON, 'stays broken');
    const failed = await broker.reaches(id, 'failed', 30_000);
    expect(failed).toMatchObject({ errorCode: 'device_error', errorRetryable: true });
    expect(sentOf('stays broken')).toHaveLength(4);
  });

  it.each([
    ['reset', 'the connection broke off'],
    [{ status: 504 }, 'a gateway gave up'],
  ] as const)('is not sent again where nobody knows whether Twilio took it: %s', async (trouble, why) => {
    broker.twilio.answerNext('POST', MESSAGES, trouble);
    const id = await broker.send(from, PERSON, why);
    expect(await broker.reaches(id, 'failed')).toMatchObject({ errorCode: 'unconfirmed' });
    // Whatever comes after has gone through, so nothing more is to come of it.
    await broker.reaches(await broker.send(from, PERSON, `after: ${why}`), 'sent');
    expect(sentOf(why)).toHaveLength(1);
  });

  it('is not sent again where Twilio does not answer in time, and counts as sent once Twilio says that it was', async () => {
    broker.twilio.loseAnswer('POST', MESSAGES, 'hang');
    const id = await broker.send(from, PERSON, 'no answer');
    expect(await broker.reaches(id, 'failed', 25_000)).toMatchObject({ errorCode: 'unconfirmed' });
    expect(sentOf('no answer')).toHaveLength(1);
    await tellStatus('no answer', 'delivered');
    expect(await broker.message(id)).toMatchObject({
      ...{ status: 'delivered', guid: 'SM-no answer', errorCode: null, service: 'sms' },
    });
    expect(sentOf('no answer')).toHaveLength(1);
  });

  it('is delivered where Twilio says so before it has answered', async () => {
    broker.twilio.loseAnswer('POST', MESSAGES, 'hang');
    const id = await broker.send(from, PERSON, 'early word');
    await tellStatus('early word', 'delivered');
    expect(await broker.message(id)).toMatchObject({ status: 'delivered', guid: 'SM-early word' });
    broker.twilio.releaseHung();
    await broker.reaches(await broker.send(from, PERSON, 'after the early word'), 'sent');
    expect((await broker.message(id)).status).toBe('delivered');
  });

  it('keeps its place among those to the same person, also while one is tried again', async () => {
    broker.twilio.answerNext('POST', MESSAGES, { status: 503 });
    const to = '+14155550177';
    const ids = [];
    for (const content of ['first', 'second', 'third']) ids.push(await broker.send(from, to, content));
    for (const id of ids) await broker.reaches(id, 'sent');
    const order = broker.twilio.messages().filter(({ fields }) => fields.To === to);
    expect(order.map(({ fields }) => fields.Body)).toEqual(['first', 'first', 'second', 'third']);
  });

  it('goes out with many others, each once', async () => {
    const contents = Array.from({ length: 60 }, (_, n) => `many ${n}`);
    const ids = await Promise.all(
      contents.map((content, n) => broker.send(from, `+1415555${1000 + n}`, content)),
    );
    for (const id of ids) await broker.reaches(id, 'sent');
    const bodies = broker.twilio.messages().map(({ fields }) => fields.Body!);
    expect(bodies.filter((body) => body.startsWith('many ')).sort()).toEqual([...contents].sort());
  });

  it('carries its attachments as links that Twilio can follow', async () => {
    const id = await broker.accept({
      ...{ from, to: PERSON, content: 'look' },
      media: [`${broker.twilio.url}/nowhere/a.png`, `${broker.twilio.url}/nowhere/b.png`],
    });
    const { form } = await sent('look');
    const links = form.getAll('MediaUrl');
    expect(links).toHaveLength(2);
    const { media } = await broker.reaches(id, 'sent');
    expect(links.map((link) => new URL(link).pathname)).toEqual(media.map((one) => `/media/med_${one.id}`));
    for (const link of links) {
      expect(link.startsWith(broker.homing.url)).toBe(true);
      // The link is good; what it leads to is not there. Twilio's key went nowhere: the fake would have taken it.
      expect((await fetch(link)).status).toBe(502);
    }
  });

  it('that is to be an iMessage fails, and Twilio is not asked', async () => {
    const id = await broker.accept({ from, to: PERSON, content: 'only iMessage', service: 'imessage' });
    expect(await broker.reaches(id, 'failed')).toMatchObject({ errorCode: 'not_on_imessage' });
    expect(sentOf('only iMessage')).toEqual([]);
  });
});

describe('what waits behind another message to the same person', () => {
  it('is not sent any more once they have opted out', async () => {
    const to = '+14155550178';
    broker.twilio.answerNext('POST', MESSAGES, 'hang');
    await broker.send(from, to, 'before the STOP');
    await sent('before the STOP');
    const waiting = await broker.send(from, to, 'after the STOP');
    await broker.reaches(waiting, 'polling');
    const text = { MessageSid: 'SMstop', From: to, To: from, Body: 'STOP' };
    await broker.twilio.tell(`${broker.homing.url}/providers/twilio/inbound`, text);
    broker.twilio.releaseHung();
    expect(await broker.reaches(waiting, 'failed')).toMatchObject({ errorCode: 'cancelled' });
    expect(sentOf('after the STOP')).toEqual([]);
  });
});

describe('the log', () => {
  it('says what Twilio refused, without whole numbers, texts or the key', async () => {
    const message = `The 'To' number ${PERSON} is not a valid phone number.`;
    broker.twilio.answerNext('POST', MESSAGES, { status: 400, code: 21211, message });
    const id = await broker.send(from, PERSON, 'nobody else’s business');
    await broker.reaches(id, 'failed');
    const line = await until('the line', () =>
      broker.homing
        .log()
        .split('\n')
        .find((one) => one.includes(id)),
    );
    expect(line).toContain("The 'To' number +1415•••0142 is not a valid phone number.");
    const log = broker.homing.log();
    for (const secret of [PERSON, from, 'nobody else', AUTH_TOKEN, 'Basic ']) {
      expect(log).not.toContain(secret);
    }
  });
});

describe('WhatsApp', () => {
  it('goes out by the provider, from and to WhatsApp addresses', async () => {
    const own = await broker.whatsappNumber('+14155550160');
    const id = await broker.accept({ from: own, to: PERSON, content: 'by WhatsApp', service: 'whatsapp' });
    expect(await broker.reaches(id, 'sent')).toMatchObject({ service: 'whatsapp' });
    expect(sentOf('by WhatsApp')[0]!.fields).toMatchObject({
      ...{ From: `whatsapp:${own}`, To: `whatsapp:${PERSON}` },
    });
    await tellStatus('by WhatsApp', 'read', { MessageSid: (await broker.message(id)).guid! });
    expect(await broker.message(id)).toMatchObject({
      status: 'delivered',
      service: 'whatsapp',
      readAt: expect.any(Number),
    });
  });

  it('sends a template by its content and variables', async () => {
    const own = await broker.whatsappNumber('+14155550161');
    const contentSid = `HX${'a'.repeat(32)}`;
    const id = await broker.accept({
      ...{ from: own, to: PERSON, content: 'Hello Ann', service: 'whatsapp' as const },
      template: { id: '01m7yr8vfqftebdcaf8ea8wwzf', contentSid, variables: { 1: 'Ann' } },
    });
    await broker.reaches(id, 'sent');
    const asked = broker.twilio.messages().find(({ fields }) => fields.ContentSid === contentSid);
    expect(asked!.fields).toEqual({
      From: `whatsapp:${own}`,
      To: `whatsapp:${PERSON}`,
      ContentSid: contentSid,
      ContentVariables: '{"1":"Ann"}',
      StatusCallback: expect.stringContaining(id),
    });
  });

  it('is never handed to the phone of its number, and the phone’s texts never to the provider', async () => {
    const paired = await broker.homing.cli('pair', '+14155550162', '--json');
    const { number, token } = paired.json[0];
    expect((await broker.homing.cli('numbers', 'whatsapp', number, 'on')).status).toBe(0);
    const socket = await openSocket(broker.homing.url, token);
    socket.say(hello());
    await socket.next('welcome');
    const byWhatsapp = await broker.accept({ from: number, to: PERSON, content: 'one', service: 'whatsapp' });
    const byPhone = await broker.send(number, PERSON, 'two');
    await broker.reaches(byWhatsapp, 'sent');
    await until('the text at the phone', () => textsOf(socket.received).length > 0);
    expect(textsOf(socket.received)).toEqual(['two']);
    expect(sentOf('one')).toHaveLength(1);
    expect(sentOf('two')).toEqual([]);
    expect(await broker.message(byPhone)).toMatchObject({ status: 'polling' });
    socket.terminate();
  });

  it('waits while it is off for the number, and goes out once it is on', async () => {
    const { number } = (await broker.homing.cli('pair', '+14155550163', '--json')).json[0];
    const id = await broker.accept({ from: number, to: PERSON, content: 'waits', service: 'whatsapp' });
    const other = await broker.accept({ from, to: PERSON, content: 'does not wait' });
    await broker.reaches(other, 'sent');
    expect((await broker.message(id)).status).toBe('queued');
    await broker.homing.cli('numbers', 'whatsapp', number, 'on');
    await broker.reaches(id, 'sent');
  });
});

describe('a number', () => {
  it('that was bought while the broker runs sends at once', async () => {
    const bought = await broker.buy('212');
    await broker.reaches(await broker.send(bought, PERSON, 'from the new one'), 'sent');
    expect(sentOf('from the new one')[0]!.fields.From).toBe(bought);
  });

  it('that was removed sends no more, and what waited is cancelled', async () => {
    const bought = await broker.buy('213');
    broker.twilio.answerNext('POST', MESSAGES, 'hang');
    const out = await broker.send(bought, PERSON, 'under way');
    await sent('under way');
    const waiting = await broker.send(bought, PERSON, 'waits its turn');
    const { numbers } = (await broker.client.get('/v1/numbers')).body;
    const { id } = numbers.find((number: { phone_number: string }) => number.phone_number === bought);
    expect((await broker.client.delete(`/v1/numbers/${id}`)).status).toBeLessThan(300);
    broker.twilio.releaseHung();
    await broker.reaches(waiting, 'failed');
    expect(await broker.message(waiting)).toMatchObject({ errorCode: 'cancelled' });
    expect(await broker.reaches(out, 'failed')).toMatchObject({ errorCode: 'unconfirmed' });
    expect(sentOf('waits its turn')).toEqual([]);
  });

  it('of a provider is never spoken for by a phone of another number', async () => {
    const { number, token } = (await broker.homing.cli('pair', '+14155550164', '--json')).json[0];
    const socket = await openSocket(broker.homing.url, token);
    socket.say(hello());
    await socket.next('welcome');
    await broker.reaches(await broker.send(from, PERSON, 'not by a phone'), 'sent');
    await broker.send(number, PERSON, 'by the phone');
    await until('a text at the phone', () => textsOf(socket.received).length > 0);
    expect(textsOf(socket.received)).toEqual(['by the phone']);
    socket.terminate();
  });
});

describe('a broker that ends', () => {
  it('by SIGKILL while a message is being sent does not send it twice, and sends what had not begun', async () => {
    const killed = await startProviderBroker();
    try {
      const own = await killed.buy('415');
      killed.twilio.loseAnswer('POST', MESSAGES, 'hang');
      const begun = await killed.send(own, PERSON, 'begun');
      await until('it at Twilio', () => killed.twilio.messages().length === 1);
      const waiting = await killed.send(own, PERSON, 'waits behind it');
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

  it('in good order waits for the answer to what is being sent, and keeps the rest for the next start', async () => {
    const stopped = await startProviderBroker();
    try {
      const own = await stopped.buy('415');
      stopped.twilio.answerNext('POST', MESSAGES, { status: 503 });
      const retried = await stopped.send(own, PERSON, 'refused for now');
      await until('it at Twilio', () => stopped.twilio.messages().length === 1);
      expect(await stopped.homing.stop()).toBe(0);
      expect((await stopped.message(retried)).status).toBe('queued');
      await stopped.homing.restart();
      await stopped.reaches(retried, 'sent');
      expect(stopped.twilio.messages()).toHaveLength(2);
    } finally {
      await stopped.dispose();
    }
  });

  it('says what is the matter when only half of the account is set', async () => {
    const { cli } = broker.homing;
    for (const [flag, value, named] of [
      ['--twilio-account-sid', `AC${'0'.repeat(32)}`, 'TWILIO_AUTH_TOKEN'],
      ['--twilio-auth-token', 'hunter2', 'TWILIO_ACCOUNT_SID'],
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
