/** Tests that the events of every webhook format match the schemas of the OpenAPI document. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WEBHOOKS as TEXTING_BLUE } from '../../broker/apis/texting-blue/event-schemas.ts';
import { WEBHOOKS as TEXTREE } from '../../broker/apis/textree/event-schemas.ts';
import { WEBHOOKS as TEXTUS } from '../../broker/apis/textus/event-schemas.ts';
import type { RunningBroker } from '../support/homing-process.ts';
import { type Client, clientFor } from '../support/http-client.ts';
import { startInProcess } from '../support/in-process-broker.ts';
import { type Receiver, startReceiver } from '../support/receiver.ts';
import { until } from '../support/until.ts';

const APIS = { 'texting-blue': TEXTING_BLUE, textree: TEXTREE, textus: TEXTUS };

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
      const some = deliveries.filter((one) => (one.body.type ?? one.body.action) === event);
      expect(some.length, event).toBeGreaterThan(0);
      for (const delivery of some) {
        // Parsing removes fields that the schema does not contain.
        expect(body.parse(delivery.body), event).toEqual(delivery.body);
        expect(Object.keys(delivery.headers), event).toEqual(expect.arrayContaining(Object.keys(headers)));
      }
    }
  });

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

async function causeAllEvents({ url, testKey }: RunningBroker, receiver: Receiver): Promise<void> {
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
  const send = (to: string, change: object = {}) =>
    post('/v1/messages/send', { to, content: 'Hello', ...change });
  await send('+15005550014', { metadata: { order: 7 } });
  await send('+15005550014', { media_url: `${receiver.url}/a.png` });
  await send('+15005550020');
  await post('/v1/opt-outs', { recipient: '+15005550010' });
  await removeOptOut(client, '+15005550010');
  const missing = () =>
    Object.entries(APIS).flatMap(([api, webhooks]) =>
      webhooks.filter(
        ({ event }) =>
          !receiver.received.some(
            ({ path, body }) => path === `/hook/${api}` && (body.type ?? body.action) === event,
          ),
      ),
    );
  await until('every event to arrive', () => missing().length === 0);
}

async function removeOptOut(client: Client, recipient: string): Promise<void> {
  const { status } = await client.request('DELETE', `/v1/opt-outs/${encodeURIComponent(recipient)}`);
  expect(status).toBe(204);
}
