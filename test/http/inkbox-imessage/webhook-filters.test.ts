/** Tests the filters of webhook subscriptions and deliveries of the Inkbox iMessage API. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RunningBroker } from '../../support/homing-process.ts';
import { type ImessageClient, newImessageClient, PLAIN } from '../../support/imessage-client.ts';
import { startInProcess } from '../../support/in-process-broker.ts';
import { expectDetail } from '../../support/inbox.ts';
import { type Receiver, startReceiver } from '../../support/receiver.ts';
import { until } from '../../support/until.ts';

const UNKNOWN = '019fb2b9-3a5d-7e4e-b36a-3f73d2b6c1a4';
const SUBSCRIPTIONS = '/api/v1/webhooks/subscriptions';
const DELIVERIES = '/api/v1/webhooks/deliveries';

interface Delivery {
  id: string;
  webhook_subscription_id: string;
  event_type: string;
  response_status: number | null;
}

let homing: RunningBroker;
let receiver: Receiver;
let api: ImessageClient;
let numberId: string;
/** Ids of the subscriptions: of the account, of the account with a failing URL, and of a number. */
let account: string;
let failing: string;
let texts: string;

async function subscribe(path: string, body: object): Promise<string> {
  const created = await api.client.post(SUBSCRIPTIONS, { url: `${receiver.url}/${path}`, ...body });
  expect(created.status, created.text).toBe(201);
  return created.body.id;
}

beforeAll(async () => {
  homing = await startInProcess({ HOMING_ALLOW_PRIVATE_URLS: '1' });
  receiver = await startReceiver();
  receiver.respondWith((response, { path }) => {
    response.writeHead(path.endsWith('/failing') ? 503 : 200).end();
  });
  api = await newImessageClient(homing);
  [{ id: numberId }] = await api.get('/numbers');
  const identity = { agent_identity_id: UNKNOWN };
  account = await subscribe('account', {
    event_types: ['imessage.sent', 'imessage.delivered'],
    ...identity,
  });
  failing = await subscribe('failing', { event_types: ['imessage.sent'], ...identity });
  texts = await subscribe('texts', { event_types: ['text.sent'], phone_number_id: numberId });
});
afterAll(async () => {
  await receiver?.close();
  await homing?.dispose();
});

describe('GET /subscriptions', () => {
  it('returns the subscriptions that match every filter', async () => {
    const ids = async (query: string) => {
      const response = await api.client.get(`${SUBSCRIPTIONS}?${query}`);
      expect(response.status, response.text).toBe(200);
      return response.body.subscriptions.map(({ id }: { id: string }) => id);
    };
    const url = encodeURIComponent(`${receiver.url}/failing`);
    expect(await ids('')).toEqual([account, failing, texts]);
    expect(await ids(`url=${url}`)).toEqual([failing]);
    expect(await ids('url=https://example.com')).toEqual([]);
    expect(await ids(`phone_number_id=${numberId.toUpperCase()}`)).toEqual([texts]);
    expect(await ids(`phone_number_id=${UNKNOWN}`)).toEqual([]);
    expect(await ids(`agent_identity_id=${UNKNOWN}`)).toEqual([account, failing]);
    expect(await ids('event_type=imessage.delivered')).toEqual([account]);
    expect(await ids('event_type=text.sent')).toEqual([texts]);
    expect(await ids(`event_type=imessage.sent&url=${url}`)).toEqual([failing]);
    expect(await ids(`event_type=text.sent&agent_identity_id=${UNKNOWN}`)).toEqual([]);
  });

  it('returns 422 for an invalid filter', async () => {
    for (const query of [
      ...['phone_number_id=x', 'agent_identity_id=x', 'event_type=message.sent', 'url=a&url=b'],
    ]) {
      const response = await api.client.get(`${SUBSCRIPTIONS}?${query}`);
      expectDetail(response, 422);
      expect(response.body.detail[0].loc).toEqual(['query', query.split('=')[0]]);
    }
  });
});

describe('GET /deliveries', () => {
  let all: Delivery[];
  const list = async (query: string): Promise<Delivery[]> => {
    const response = await api.client.get(`${DELIVERIES}?${query}`);
    expect(response.status, response.text).toBe(200);
    return response.body.deliveries;
  };
  beforeAll(async () => {
    await api.send({ to: PLAIN });
    all = await until('four attempts', async () => {
      const deliveries = await list('');
      return deliveries.filter(({ response_status }) => response_status !== null).length === 4 && deliveries;
    });
  });

  it('returns the deliveries that match every filter, newest first', async () => {
    const where = (isWanted: (one: Delivery) => boolean) => all.filter(isWanted);
    for (const [query, expected] of [
      ['success=true', where((one) => one.response_status === 200)],
      ['success=False', where((one) => one.webhook_subscription_id === failing)],
      [`subscription_id=${texts}`, where((one) => one.webhook_subscription_id === texts)],
      [`subscription_id=${UNKNOWN}`, []],
      ['event_type=imessage.sent', where((one) => one.event_type === 'imessage.sent')],
      ['event_type=text.sent', where((one) => one.event_type === 'text.sent')],
      ['event_type=imessage.received', []],
      [`event_type=imessage.sent&success=true&subscription_id=${account}`, [expect.anything()]],
      [`subscription_id=${failing}&success=true`, []],
    ] as const) {
      const found = await list(query);
      expect(found, query).toEqual(expected);
    }
    expect(where((one) => one.response_status === 200)).toHaveLength(3);
  });

  it('returns pages by offset, also with a filter', async () => {
    expect(await list('limit=2&offset=1')).toEqual(all.slice(1, 3));
    expect(await list('offset=3')).toEqual(all.slice(3));
    expect(await list('offset=4')).toEqual([]);
    const successful = await list('success=true');
    expect(await list('success=true&limit=1&offset=1')).toEqual([successful[1]]);
  });

  it('returns 422 for an invalid filter', async () => {
    for (const query of [
      ...['offset=-1', 'offset=10001', 'success=maybe', 'event_type=x', 'subscription_id=x', 'limit=201'],
    ]) {
      const response = await api.client.get(`${DELIVERIES}?${query}`);
      expectDetail(response, 422);
      expect(response.body.detail[0].loc).toEqual(['query', query.split('=')[0]]);
    }
  });
});
