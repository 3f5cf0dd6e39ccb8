/**
 * Fills a broker, which must allow private URLs for webhooks, with a line that looks used: contacts, conversations of several days, and a message with
 * a history.
 */

import { type DashboardClient, signIn } from './dashboard.ts';
import type { RunningBroker } from './homing-process.ts';
import { clientFor, createClient, pairDevice } from './http-client.ts';
import { hello, openSocket, reportOf } from './raw-device.ts';
import { type Receiver, startReceiver } from './receiver.ts';
import { until } from './until.ts';

export interface DemoLine {
  owner: DashboardClient;
  /** Id of the conversation with the most messages. */
  conversationId: string;
  /** Id of a message that waited, was sent, delivered and reported to a webhook in two attempts. */
  messageId: string;
  close(): Promise<void>;
}

const NUMBER = '+14155550100';
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

const CONTACTS = [
  ['+14155550123', 'Maya Lindqvist'],
  ['+442079460123', 'Tom Baker'],
  ['+4930901820', 'Lena Hoffmann'],
  ['+33142685300', 'Claire Dubois'],
  ['+97235550123', 'דנה לוי'],
  ['+14155550188', 'Jordan Lee'],
  ['+12125550142', 'Priya Natarajan'],
  ['+13105550170', 'Sam Ortega'],
] as const;
const [MAYA, TOM, LENA, CLAIRE, DANA, JORDAN, PRIYA, SAM] = CONTACTS.map(([handle]) => handle);

/** [other party, text, milliseconds ago, own message, group] */
type Line = readonly [handle: string | undefined, text: string, ago: number, isOwn?: boolean, chat?: string];

const HISTORY: readonly Line[] = [
  [MAYA, 'Hi! Is the blue frame still available?', 2 * DAY + 3 * HOUR],
  [MAYA, 'Yes, one left. Shall I put it aside for you?', 2 * DAY + 3 * HOUR - 4 * MINUTE, true],
  [MAYA, 'Please do, I can come by on Saturday', 2 * DAY + 2 * HOUR],
  [MAYA, 'Saturday works. We open at 10:00.', 2 * DAY + HOUR, true],
  [MAYA, 'Running a bit late today, is 11:30 still ok?', 46 * MINUTE],
  [MAYA, 'The traffic on the bridge is terrible', 45 * MINUTE],
  [MAYA, 'No problem at all, see you then.', 41 * MINUTE, true],
  [MAYA, 'The frame is at the counter. Ask for Sam.', 40 * MINUTE, true],
  [MAYA, 'Thank you! Do you have a lamp that matches it?', 9 * MINUTE],
  [LENA, 'Passt es euch am Donnerstag um 15 Uhr?', 5 * HOUR],
  [LENA, 'Donnerstag passt gut.', 5 * HOUR - 2 * MINUTE, true],
  ['+14155550177', 'Do you ship to Canada?', 7 * HOUR],
  ['+14155550177', 'Yes, in about five days.', 7 * HOUR - 9 * MINUTE, true],
  [JORDAN, 'Who brings the cake?', 9 * HOUR, false, 'iMessage;+;chat77'],
  [SAM, 'I do!', 9 * HOUR - MINUTE, false, 'iMessage;+;chat77'],
  [JORDAN, 'Perfect', 9 * HOUR - 2 * MINUTE, false, 'iMessage;+;chat77'],
  [CLAIRE, 'Merci beaucoup !', DAY + HOUR],
  [DANA, 'שלום, האם אתם פתוחים ביום שישי?', DAY + 2 * HOUR],
  [PRIYA, 'Could you send me the price list?', 3 * DAY],
  [PRIYA, 'Of course, it is at https://example.com/prices', 3 * DAY - HOUR, true],
  [SAM, 'See you next week', 5 * DAY],
  ['+16505550111', 'You were closed when I came by', 6 * DAY],
];

export async function fillDemoLine(broker: RunningBroker): Promise<DemoLine> {
  const owner = await signIn(broker, { name: 'Alex Doe', email: 'alex@example.com' });
  const { token } = await pairDevice(broker, NUMBER, { name: 'Office Mac' });
  await importHistory(broker.url, token);
  for (const [handle, name] of CONTACTS) await owner.post('/live/contacts', { handle, name });
  const receiver = await startReceiver();
  const device = await openSocket(broker.url, token);
  device.say(
    hello({ credit: 50, platform: 'darwin', capabilities: ['imessage', 'sms', 'media', 'journal'] }),
  );
  await device.next('welcome');
  let seq = 0;
  const receive = async (from: string | undefined, text: string) => {
    seq += 1;
    device.say({ type: 'inbound', seq, items: [{ guid: `new-${seq}`, from, to: NUMBER, text }] });
    await device.next('ack');
  };
  const report = async (state: string, item: Record<string, unknown>, more: Record<string, unknown> = {}) => {
    seq += 1;
    device.say(reportOf(seq, item, state, more));
    await device.next('ack');
  };
  const nextItem = async () => (await device.next('deliver')).items[0];

  await receive(TOM, 'The invoice arrived, thanks. I will pay it on Friday.');
  await receive(PRIYA, 'Thank you, that helps');
  const live = await createClient(broker, { environment: 'live' });
  const send = async (to: string | undefined, content: string, more: Record<string, unknown> = {}) =>
    (await live.post('/v1/messages/send', { to, from: NUMBER, content, ...more })).body.id as string;

  const webhook = await live.post('/v1/webhooks', {
    url: receiver.url,
    events: ['message.sent', 'message.delivered'],
  });
  if (webhook.status >= 300) throw new Error(`The webhook was not created: ${webhook.text}`);
  const messageId = await sendThatWaits({ live, receiver, send, nextItem, report });
  await send(TOM, 'Perfect, thank you, Tom.');
  const failing = await nextItem();
  const error = {
    code: 'not_on_imessage',
    message: 'The recipient is not on iMessage, and SMS is turned off.',
  };
  await report('failed', failing, { error });
  await send(JORDAN, 'Reminder: the market opens at 9 tomorrow.', {
    send_at: new Date(Date.now() + 20 * HOUR).toISOString(),
  });
  const conversationId = await until('the conversation', async () => {
    const { body } = await owner.get('/live/conversations');
    return body.conversations.find(({ recipient }: { recipient: string }) => recipient === MAYA)?.id as
      | string
      | undefined;
  });
  return {
    ...{ owner, conversationId, messageId },
    async close() {
      device.terminate();
      await receiver.close();
    },
  };
}

interface Parts {
  live: Awaited<ReturnType<typeof createClient>>;
  receiver: Receiver;
  send(to: string | undefined, content: string): Promise<string>;
  // biome-ignore lint/suspicious/noExplicitAny: frames are untyped here
  nextItem(): Promise<any>;
  report(state: string, item: Record<string, unknown>, more?: Record<string, unknown>): Promise<void>;
}

/** The number sends one message a second, so the second one waits. The webhook fails once. */
async function sendThatWaits({ live, receiver, send, nextItem, report }: Parts): Promise<string> {
  const { body } = await live.get('/v1/numbers');
  const path = `/v1/numbers/${body.numbers[0].id}`;
  await live.request('PUT', path, { body: { pace: { messages_per_second: 1 } } });
  let failures = 1;
  receiver.respondWith((response) => {
    failures -= 1;
    if (failures >= 0) response.writeHead(503).end('Too busy, try again later');
    else response.writeHead(200).end('ok');
  });
  await send(MAYA, 'Yes, we do. It is next to the frame.');
  const id = await send(MAYA, 'Would you like me to put it aside as well?');
  for (const service of ['imessage', 'imessage']) {
    const item = await nextItem();
    await report('sent', item, { service });
    await report('delivered', item);
  }
  await until('the events to arrive', () => receiver.received.length >= 5);
  return id;
}

async function importHistory(url: string, token: string): Promise<void> {
  const now = Date.now();
  const items = HISTORY.map(([handle, text, ago, isOwn, chat], index) => {
    const sentAt = new Date(now - ago).toISOString();
    return {
      guid: `history-${index}`,
      ...(isOwn
        ? { from: NUMBER, to: handle, from_me: true, delivered_at: sentAt }
        : { from: handle, to: NUMBER }),
      ...{ text, sent_at: sentAt, chat },
    };
  });
  const response = await clientFor(url).request('POST', '/relay/v1/history', {
    headers: { authorization: `Bearer ${token}` },
    body: { items },
  });
  if (response.status !== 200) throw new Error(`The history was not imported: ${response.text}`);
}
