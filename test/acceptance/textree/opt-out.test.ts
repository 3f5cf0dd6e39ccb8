/** A text that is nothing but STOP opts its sender out, on every API; START opts in again. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type HomingProcess, startHoming } from '../../support/homing-process.ts';
import { type Client, clientFor, expectError, pairDevice } from '../../support/http-client.ts';
import { hello, openSocket, type RawSocket } from '../../support/raw-device.ts';
import { expectRefusal, type TextreeClient, textreeClient } from '../../support/textree-client.ts';

const OURS = '+14155550199';

let homing: HomingProcess;
let client: TextreeClient;
let plain: Client;
let device: RawSocket;
let webhook: string;
let seq = 0;
let people = 0;

beforeAll(async () => {
  homing = await startHoming();
  const { token } = await pairDevice(homing, OURS);
  client = textreeClient(homing.url, homing.liveKey);
  plain = clientFor(homing.url, homing.liveKey);
  device = await openSocket(homing.url, token);
  // It takes no message, so that what is sent stays queued.
  device.say(hello({ credit: 0 }));
  await device.next('welcome');
  const hook = { url: 'https://example.com/opt', events: ['opt_out.created'] };
  webhook = (await client.post('/webhooks', hook)).body.webhook.id;
});
afterAll(async () => {
  device?.terminate();
  await homing?.dispose();
});

function newPerson(): string {
  people += 1;
  return `+1415555${4000 + people}`;
}

/** A text comes in from them; settles once it is stored. */
async function hear(from: string, text: string, more: object = {}): Promise<void> {
  seq += 1;
  const item = { guid: `G-${seq}`, from, to: OURS, service: 'iMessage', text, media: [], from_me: false };
  device.say({ type: 'inbound', seq, items: [{ ...item, ...more }] });
  await device.next('ack');
}

const writeTo = (phone_number: string) => client.post('/messages', { phone_number, body: 'Hi' });
const optOuts = async (): Promise<number> =>
  (await client.get(`/webhooks/${webhook}/deliveries?limit=200`)).body.deliveries.length;

describe.each(['STOP', 'UNSUBSCRIBE', 'CANCEL', 'END', 'QUIT'])('%s', (word) => {
  const title = word[0] + word.slice(1).toLowerCase();

  it.each([word, word.toLowerCase(), title, ` ${word}\n`, `${word}.`])(
    'as %j opts its sender out',
    async (text) => {
      const person = newPerson();
      const told = await optOuts();
      expect((await writeTo(person)).status).toBe(202);
      await hear(person, text);
      expectRefusal(await writeTo(person), 403, 'workspace_suppressed');
      expectError(
        await plain.post('/v1/messages/send', { to: person, from: OURS, content: 'Hi' }),
        403,
        'forbidden',
        'to',
      );
      expect(await optOuts()).toBe(told + 1);
    },
  );
});

describe.each(['START', 'UNSTOP'])('%s', (word) => {
  it.each([word, word.toLowerCase()])('as %j opts in again', async (text) => {
    const person = newPerson();
    await hear(person, 'STOP');
    expectRefusal(await writeTo(person), 403, 'workspace_suppressed');
    await hear(person, text);
    expect((await writeTo(person)).status).toBe(202);
    const sent = await plain.post('/v1/messages/send', { to: person, from: OURS, content: 'Hi' });
    expect(sent.status).toBe(202);
  });
});

describe('nobody opts out', () => {
  it.each(['Stop it please', 'STOP STOP', 'please stop', 'stopp', 'End?', '"STOP"', 'S T O P', ''])(
    'by %j',
    async (text) => {
      const person = newPerson();
      const told = await optOuts();
      await hear(person, text);
      expect((await writeTo(person)).status).toBe(202);
      expect(await optOuts()).toBe(told);
    },
  );

  it('by what is said in a group', async () => {
    const person = newPerson();
    await hear(person, 'STOP', { chat: 'iMessage;+;chat4711' });
    expect((await writeTo(person)).status).toBe(202);
  });

  it('by what we write ourselves', async () => {
    const person = newPerson();
    await hear(OURS, 'STOP', { from: OURS, to: person, from_me: true });
    expect((await writeTo(person)).status).toBe(202);
  });

  it('but who wrote STOP', async () => {
    await hear(newPerson(), 'STOP');
    expect((await writeTo(newPerson())).status).toBe(202);
  });
});

describe('an opt-out', () => {
  it('cancels what still waits for them, by whichever API it came, and nothing else', async () => {
    const [person, other] = [newPerson(), newPerson()];
    const byTextree = await client.send({ phone_number: person });
    const byTextingBlue = await plain.post('/v1/messages/send', { to: person, from: OURS, content: 'Hi' });
    const forOther = await client.send({ phone_number: other });
    await hear(person, 'STOP');
    for (const id of [byTextree, byTextingBlue.body.id]) {
      const { body } = await plain.get(`/v1/messages/${id}`);
      expect(body).toMatchObject({ status: 'failed', error_code: 'cancelled' });
      expect((await client.get(`/messages/${id}`)).body.message.status).toBe('failed');
    }
    expect((await client.get(`/messages/${forOther}`)).body.message.status).toBe('queued');
  });

  it('is told of once, however often it is said', async () => {
    const person = newPerson();
    const told = await optOuts();
    for (const word of ['STOP', 'stop', 'QUIT']) await hear(person, word);
    expect(await optOuts()).toBe(told + 1);
    await hear(person, 'START');
    await hear(person, 'STOP');
    expect(await optOuts()).toBe(told + 2);
  });

  it('shows at the contact', async () => {
    const person = newPerson();
    const { id } = (await client.post('/contacts', { phone_number: person })).body.contact;
    const isOptedOut = async () => (await client.get(`/contacts/${id}`)).body.contact.opted_out;
    expect(await isOptedOut()).toBe(false);
    await hear(person, 'STOP');
    expect(await isOptedOut()).toBe(true);
    await hear(person, 'START');
    expect(await isOptedOut()).toBe(false);
  });

  it('is the account’s own, and not its sandbox’s', async () => {
    const person = '+15005550010';
    await hear(person, 'STOP');
    expectRefusal(await writeTo(person), 403, 'workspace_suppressed');
    const sandbox = textreeClient(homing.url, homing.testKey);
    expect((await sandbox.post('/messages', { phone_number: person, body: 'Hi' })).status).toBe(202);
  });

  it('does not hide the first answer of a message that was sent before it', async () => {
    const person = newPerson();
    const once = { phone_number: person, idempotency_key: 'before-the-stop' };
    const id = await client.send(once);
    await hear(person, 'STOP');
    expect(await client.send(once)).toBe(id);
  });
});
