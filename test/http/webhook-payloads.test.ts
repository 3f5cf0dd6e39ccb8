/** Tests that the events of every webhook format match the schemas of the OpenAPI document. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WEBHOOKS as INKBOX_IMESSAGE } from '../../broker/apis/inkbox-imessage/event-schemas.ts';
import { WEBHOOKS as TEXTING_BLUE } from '../../broker/apis/texting-blue/event-schemas.ts';
import { eventRequest } from '../../broker/apis/texting-blue/webhook-request.ts';
import { WEBHOOKS as TEXTREE } from '../../broker/apis/textree/event-schemas.ts';
import { WEBHOOKS as TEXTUS } from '../../broker/apis/textus/event-schemas.ts';
import { findTenant } from '../../broker/core/accounts/accounts.ts';
import { emit } from '../../broker/core/lifecycle/emit-event.ts';
import { recordTransition } from '../../broker/core/lifecycle/record-transition.ts';
import { recordInbound } from '../../broker/core/messages/receive-message.ts';
import { transition } from '../../broker/core/model/message-transition.ts';
import type { InboundItem } from '../../shared/protocol.ts';
import type { RunningBroker } from '../support/homing-process.ts';
import { besideBroker, type Client, clientFor } from '../support/http-client.ts';
import { startInProcess } from '../support/in-process-broker.ts';
import { queuedMessage } from '../support/message.ts';
import { type Received, type Receiver, startReceiver } from '../support/receiver.ts';
import { until } from '../support/until.ts';

const OWN = '+15005550006';
const SENDER = '+15005550012';
const CHAT = 'iMessage;+;chat1';
const APIS = {
  'texting-blue': TEXTING_BLUE,
  textree: TEXTREE,
  'inkbox-imessage': INKBOX_IMESSAGE,
  textus: TEXTUS,
};
/** Type of the event of a request, in each format. */
const typeOf = ({ body }: Received): string => body.type ?? body.event_type ?? body.action;

describe('the schema of every event', () => {
  let homing: RunningBroker;
  let receiver: Receiver;
  // biome-ignore lint/suspicious/noExplicitAny: the tests read any part of the document
  let document: any;
  beforeAll(async () => {
    homing = await startInProcess({ HOMING_ALLOW_PRIVATE_URLS: '1' });
    receiver = await startReceiver();
    document = (await clientFor(homing.url).get('/openapi.json')).body;
    await causeAllEvents(homing, receiver);
  });
  afterAll(async () => {
    await receiver?.close();
    await homing?.dispose();
  });

  it.each(Object.keys(APIS) as (keyof typeof APIS)[])('matches what the broker delivers: %s', (api) => {
    const deliveries = receiver.received.filter(({ path }) => path === `/hook/${api}`);
    for (const { event, body, headers } of APIS[api]) {
      if (event.startsWith('typing.')) continue;
      const some = deliveries.filter((one) => typeOf(one) === event);
      expect(some.length, event).toBeGreaterThan(0);
      for (const delivery of some) {
        // Parsing removes fields that the schema does not contain.
        expect(body.parse(delivery.body), event).toEqual(delivery.body);
        expect(Object.keys(delivery.headers), event).toEqual(expect.arrayContaining(Object.keys(headers)));
      }
    }
  });

  it.each(['typing.started', 'typing.stopped'] as const)(
    'matches the event that is not stored: %s',
    (type) => {
      const id = '01m7ypkdxffkmb6tyeck3vccad';
      const typing = {
        ...{ numberId: id, ownNumber: OWN, conversation: id, handle: SENDER, isGroup: false },
      };
      const event = { id, tenantId: 1, type, messageId: null, subject: { typing }, createdAt: 0 };
      const { body } = eventRequest(
        event,
        () => null,
        () => '',
      );
      const { body: schema } = TEXTING_BLUE.find((one) => one.event === type)!;
      expect(schema.parse(JSON.parse(body))).toEqual(JSON.parse(body));
    },
  );

  it('is listed in the document with a valid example', () => {
    const expected = Object.entries(APIS).flatMap(([api, webhooks]) =>
      webhooks.map(({ event }) => `${api}.${event}`),
    );
    expect(Object.keys(document.webhooks)).toEqual(expected);
    for (const [api, webhooks] of Object.entries(APIS)) {
      for (const { event, body, example } of webhooks) {
        expect(body.parse(example), event).toEqual(example);
        const { requestBody } = document.webhooks[`${api}.${event}`].post;
        expect(requestBody.content['application/json'].example).toEqual(example);
      }
    }
  });

  it('is absent from the document of an API without webhooks', async () => {
    const { body } = await clientFor(homing.url).get('/openapi/inkbox.json');
    expect(body.webhooks).toBeUndefined();
    const textus = await clientFor(homing.url).get('/openapi/textus.json');
    expect(Object.keys(textus.body.webhooks)).toEqual(TEXTUS.map(({ event }) => `textus.${event}`));
  });
});

async function causeAllEvents(broker: RunningBroker, receiver: Receiver): Promise<void> {
  const { url, testKey } = broker;
  const client = clientFor(url, testKey);
  const bearer = { authorization: `Bearer ${testKey}` };
  const post = async (path: string, body: object) => {
    const response = await client.request('POST', path, { body, headers: bearer });
    expect(response.status, `${path}: ${response.text}`).toBeLessThan(300);
  };
  const events = (api: keyof typeof APIS) => APIS[api].map(({ event }) => event);
  await post('/v1/webhooks', { url: `${receiver.url}/texting-blue`, events: events('texting-blue') });
  await post('/api/v1/webhooks', { url: `${receiver.url}/textree`, events: events('textree') });
  await post('/default/integrations', {
    provider: 'webhook',
    config: { baseUrl: `${receiver.url}/textus` },
  });
  const subscribe = (prefix: string, subject: object) =>
    post('/api/v1/webhooks/subscriptions', {
      url: `${receiver.url}/inkbox-imessage`,
      event_types: events('inkbox-imessage').filter((event) => event.startsWith(prefix)),
      ...subject,
    });
  const [number] = (await client.get('/api/v1/imessage/numbers')).body;
  await subscribe('imessage.', { agent_identity_id: number.id });
  await subscribe('text.', { phone_number_id: number.id });
  const send = (to: string, change: object = {}) =>
    post('/v1/messages/send', { to, content: 'Hello', ...change });
  await send('+15005550014', { metadata: { order: 7 } });
  await send('+15005550014', { media_url: `${receiver.url}/a.png` });
  await send('+15005550020');
  await causeRichEvents(broker);
  await post('/v1/opt-outs', { recipient: '+15005550010' });
  await removeOptOut(client, '+15005550010');
  const missing = () =>
    Object.entries(APIS).flatMap(([api, webhooks]) =>
      webhooks.filter(
        ({ event }) =>
          !event.startsWith('typing.') &&
          !receiver.received.some((one) => one.path === `/hook/${api}` && typeOf(one) === event),
      ),
    );
  await until('every event to arrive', () => missing().length === 0);
}

/** Causes the events that a device reports, without a device. */
async function causeRichEvents(broker: RunningBroker): Promise<void> {
  await besideBroker(broker, async (store, { ids, now }) => {
    const tenant = await findTenant(store.read, 'default', 'test');
    const number = (await store.read.numbers.findByPhone(tenant.id, OWN))!;
    const device = { id: ids(), tenantId: tenant.id, numbers: [number] };
    const at = new Date(now()).toISOString();
    const item = (change: Partial<InboundItem>): InboundItem => ({
      ...{ guid: ids(), from: SENDER, to: OWN, service: 'iMessage', text: '', media: [] },
      ...{ from_me: false, sent_at: at, ...change },
    });
    const of = 'message-1';
    const items = [
      item({ guid: of, text: 'Hello' }),
      item({ reaction: { of, kind: 'love' } }),
      item({ change: { of, kind: 'edited', at }, text: 'Hello again' }),
      item({ change: { of, kind: 'read', at } }),
      item({ change: { of, kind: 'retracted', at } }),
      item({ text: 'Hi all', chat: CHAT }),
      item({ chat: CHAT, change: { of: CHAT, kind: 'renamed', at, value: 'Weekend' } }),
    ];
    const context = { now: now(), ids };
    await store.transaction(async (tx) => {
      await recordInbound(tx, device, items, { ...context, lateMs: 86_400_000 });
      const target = (await tx.messages.findByGuid(number.id, of))!;
      const action = queuedMessage({
        ...{ id: ids(), tenantId: tenant.id, numberId: number.id, ownNumber: OWN, handle: SENDER },
        ...{ createdAt: now(), expiresAt: now() + 1e8, deletedAt: now() },
        action: { kind: 'react', messageId: target.id, part: 0, value: 'like' },
      });
      await tx.messages.insert(action, { at: now(), kind: 'accepted', status: 'queued', detail: null });
      const cancelled = transition(action, { kind: 'cancel' }, now())!;
      await recordTransition(tx, cancelled, context);
      const state = { id: ids(), name: 'Mac mini', numbers: [OWN], numberIds: [number.id] };
      const event = { tenantId: tenant.id, numberId: number.id };
      for (const type of ['device.online', 'device.offline'] as const) {
        const subject = { device: { ...state, problem: null, message: null } };
        await emit(tx, { ...event, type, subject }, context);
      }
      const subject = { device: { ...state, problem: 'signed_out', message: 'Messages is signed out.' } };
      await emit(tx, { ...event, type: 'device.problem', subject }, context);
    });
  });
}

async function removeOptOut(client: Client, recipient: string): Promise<void> {
  const { status } = await client.request('DELETE', `/v1/opt-outs/${encodeURIComponent(recipient)}`);
  expect(status).toBe(204);
}
