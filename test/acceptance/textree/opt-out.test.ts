/** Tests the keywords: a text of only STOP opts its sender out in all APIs, and START opts in. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type HomingProcess, startHoming } from '../../support/homing-process.ts';
import { type Client, clientFor, expectError, pairDevice } from '../../support/http-client.ts';
import { hello, openSocket, type RawSocket } from '../../support/raw-device.ts';
import { expectErrorResponse, type TextreeClient, textreeClient } from '../../support/textree-client.ts';

const OWN = '+14155550199';

let homing: HomingProcess;
let client: TextreeClient;
let plain: Client;
let device: RawSocket;
let webhook: string;
let seq = 0;
let senders = 0;

beforeAll(async () => {
  homing = await startHoming();
  const { token } = await pairDevice(homing, OWN);
  client = textreeClient(homing.url, homing.liveKey);
  plain = clientFor(homing.url, homing.liveKey);
  device = await openSocket(homing.url, token);
  // It grants no credit, so messages stay queued.
  device.say(hello({ credit: 0 }));
  await device.next('welcome');
  const hook = { url: 'https://example.com/opt', events: ['opt_out.created'] };
  webhook = (await client.post('/webhooks', hook)).body.webhook.id;
});
afterAll(async () => {
  device?.terminate();
  await homing?.dispose();
});

function newSender(): string {
  senders += 1;
  return `+1415555${4000 + senders}`;
}

/** Delivers an inbound text and waits until it is stored. */
async function receive(from: string, text: string, more: object = {}): Promise<void> {
  seq += 1;
  const item = { guid: `G-${seq}`, from, to: OWN, service: 'iMessage', text, media: [], from_me: false };
  device.say({ type: 'inbound', seq, items: [{ ...item, ...more }] });
  await device.next('ack');
}

const sendTo = (phone_number: string) => client.post('/messages', { phone_number, body: 'Hi' });
const optOuts = async (): Promise<number> =>
  (await client.get(`/webhooks/${webhook}/deliveries?limit=200`)).body.deliveries.length;

describe.each(['STOP', 'STOPALL', 'UNSUBSCRIBE', 'CANCEL', 'END', 'QUIT', 'REVOKE', 'OPTOUT'])(
  'the keyword %s',
  (word) => {
    const title = word[0] + word.slice(1).toLowerCase();

    it.each([word, word.toLowerCase(), title, ` ${word}\n`, `${word}.`])(
      'opts its sender out as %j',
      async (text) => {
        const sender = newSender();
        const before = await optOuts();
        expect((await sendTo(sender)).status).toBe(202);
        await receive(sender, text);
        expectErrorResponse(await sendTo(sender), 403, 'workspace_suppressed');
        expectError(
          await plain.post('/v1/messages/send', { to: sender, from: OWN, content: 'Hi' }),
          403,
          'recipient_suppressed',
          'to',
        );
        expect(await optOuts()).toBe(before + 1);
      },
    );
  },
);

it('the keyword ARRÊT opts its sender out of a number in Canada', async () => {
  const sender = newSender();
  await receive(sender, 'Arrêt');
  expectErrorResponse(await sendTo(sender), 403, 'workspace_suppressed');
});

describe.each(['START', 'UNSTOP'])('the keyword %s', (word) => {
  it.each([word, word.toLowerCase()])('opts its sender in as %j', async (text) => {
    const sender = newSender();
    await receive(sender, 'STOP');
    expectErrorResponse(await sendTo(sender), 403, 'workspace_suppressed');
    await receive(sender, text);
    expect((await sendTo(sender)).status).toBe(202);
    const sent = await plain.post('/v1/messages/send', { to: sender, from: OWN, content: 'Hi' });
    expect(sent.status).toBe(202);
  });
});

describe('no sender is opted out', () => {
  it.each(['Stop it please', 'STOP STOP', 'please stop', 'stopp', 'End?', '"STOP"', 'S T O P', ''])(
    'by %j',
    async (text) => {
      const sender = newSender();
      const before = await optOuts();
      await receive(sender, text);
      expect((await sendTo(sender)).status).toBe(202);
      expect(await optOuts()).toBe(before);
    },
  );

  it('by a keyword in a group', async () => {
    const sender = newSender();
    await receive(sender, 'STOP', { chat: 'iMessage;+;chat4711' });
    expect((await sendTo(sender)).status).toBe(202);
  });

  it('by a keyword in an outbound message', async () => {
    const sender = newSender();
    await receive(OWN, 'STOP', { from: OWN, to: sender, from_me: true });
    expect((await sendTo(sender)).status).toBe(202);
  });

  it('by the keyword of another sender', async () => {
    await receive(newSender(), 'STOP');
    expect((await sendTo(newSender())).status).toBe(202);
  });
});

describe('an opt-out', () => {
  it('cancels only the queued messages to its recipient, of all APIs', async () => {
    const [sender, other] = [newSender(), newSender()];
    const byTextree = await client.send({ phone_number: sender });
    const byTextingBlue = await plain.post('/v1/messages/send', { to: sender, from: OWN, content: 'Hi' });
    const forOther = await client.send({ phone_number: other });
    await receive(sender, 'STOP');
    for (const id of [byTextree, byTextingBlue.body.id]) {
      const { body } = await plain.get(`/v1/messages/${id}`);
      expect(body).toMatchObject({ status: 'failed', error_code: 'cancelled' });
      expect((await client.get(`/messages/${id}`)).body.message.status).toBe('failed');
    }
    expect((await client.get(`/messages/${forOther}`)).body.message.status).toBe('queued');
  });

  it('causes one event, also for repeated keywords', async () => {
    const sender = newSender();
    const before = await optOuts();
    for (const word of ['STOP', 'stop', 'QUIT']) await receive(sender, word);
    expect(await optOuts()).toBe(before + 1);
    await receive(sender, 'START');
    await receive(sender, 'STOP');
    expect(await optOuts()).toBe(before + 2);
  });

  it('is part of the contact', async () => {
    const sender = newSender();
    const { id } = (await client.post('/contacts', { phone_number: sender })).body.contact;
    const isOptedOut = async () => (await client.get(`/contacts/${id}`)).body.contact.opted_out;
    expect(await isOptedOut()).toBe(false);
    await receive(sender, 'STOP');
    expect(await isOptedOut()).toBe(true);
    await receive(sender, 'START');
    expect(await isOptedOut()).toBe(false);
  });

  it('is separate for each account and environment', async () => {
    const sender = '+15005550010';
    await receive(sender, 'STOP');
    expectErrorResponse(await sendTo(sender), 403, 'workspace_suppressed');
    const sandbox = textreeClient(homing.url, homing.testKey);
    expect((await sandbox.post('/messages', { phone_number: sender, body: 'Hi' })).status).toBe(202);
  });

  it('does not change the response to a repeated idempotency_key', async () => {
    const sender = newSender();
    const once = { phone_number: sender, idempotency_key: 'before-the-stop' };
    const id = await client.send(once);
    await receive(sender, 'STOP');
    expect(await client.send(once)).toBe(id);
  });
});
