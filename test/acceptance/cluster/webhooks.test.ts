/** Checks webhooks on several brokers with one database: every event at least once, and those of a message in order. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { parseId } from '../../../shared/ids.ts';
import { type BrokerCluster, brokerIdOf, startCluster } from '../../support/broker-cluster.ts';
import type { HomingProcess } from '../../support/homing-process.ts';
import type { Client } from '../../support/http-client.ts';
import { query } from '../../support/postgres/databases.ts';
import { type Received, type Receiver, startReceiver } from '../../support/receiver.ts';
import { until } from '../../support/until.ts';

const TO = '+15005550014';
const EVENTS = ['message.sent', 'message.delivered'];

let cluster: BrokerCluster;
let receiver: Receiver;
/** The first broker has the sandbox, which creates the events. */
let first: Client;
let second: Client;

beforeEach(async () => {
  cluster = await startCluster(2);
  [first, second] = cluster.clients as [Client, Client];
  receiver = await startReceiver();
});
afterEach(async () => {
  await cluster?.dispose();
  await receiver?.close();
});

async function addWebhook(client: Client, url = receiver.url): Promise<string> {
  const { status, text, body } = await client.post('/v1/webhooks', { url, events: EVENTS });
  expect(status, text).toBe(201);
  return body.id;
}

const lanes = () =>
  query<{ webhook_id: string; broker_id: string }>(
    cluster.database.url,
    'SELECT webhook_id, broker_id FROM webhook_lanes',
  );

/** Adds a webhook that the second broker sends to. Returns its id. */
async function addAtSecond(): Promise<string> {
  const id = await addWebhook(second);
  expect((await second.post(`/v1/webhooks/${id}/test`, undefined)).status).toBe(202);
  await until('the test event', () => receiver.received.length === 1);
  expect(await lanes()).toEqual([
    { webhook_id: parseId('wh', id), broker_id: brokerIdOf(cluster.brokers[1]!) },
  ]);
  return id;
}

/** Sends messages until it is stopped, by turns to each of the brokers that respond. */
function startLoad(perSecond: number) {
  const accepted: string[] = [];
  let isStopped = false;
  const run = async () => {
    for (let index = 0; !isStopped; index += 1) {
      const { url } = cluster.brokers[index % 2]!;
      // A request that is not answered is not repeated: its message may be accepted.
      const response = await fetch(`${url}/v1/messages/send`, {
        method: 'POST',
        headers: { 'x-api-key': cluster.testKey, 'content-type': 'application/json' },
        body: JSON.stringify({ to: TO, content: `message ${index}` }),
        signal: AbortSignal.timeout(1_000),
      }).catch(() => undefined);
      if (response?.status === 202) accepted.push(((await response.json()) as { id: string }).id);
      await new Promise((resolve) => setTimeout(resolve, 1_000 / perSecond));
    }
  };
  const running = run();
  return {
    accepted,
    async stop() {
      isStopped = true;
      await running;
      return accepted;
    },
  };
}

const ofMessages = () => receiver.received.filter(({ body }) => body.data.content.startsWith('message '));

/** Every event of each message arrived, and no event after a later one of its message. */
async function expectEachInOrder(messageIds: readonly string[]): Promise<void> {
  await until(
    'every event',
    () => {
      const types = Map.groupBy(ofMessages(), ({ body }) => body.data.id);
      return messageIds.every((id) => new Set(types.get(id)?.map(({ body }) => body.type)).size === 2);
    },
    60_000,
  );
  for (const [id, requests] of Map.groupBy(ofMessages(), ({ body }) => body.data.id)) {
    const places = requests.map(({ body }: Received) => EVENTS.indexOf(body.type));
    expect(places, `events of ${id}`).toEqual(places.toSorted());
  }
}

const isRemoved = (broker: HomingProcess) => {
  const id = brokerIdOf(broker);
  return async () =>
    (await query(cluster.database.url, `SELECT 1 FROM brokers WHERE id = '${id}'`)).length === 0;
};

describe('a webhook on two brokers', () => {
  it('receives the events of both from one of them, also after that one was killed', async () => {
    await addAtSecond();
    const failed = new Set<string>();
    receiver.respondWith((response, { body }) => {
      // Some deliveries are retried once, which is at once.
      const isFailing = body.data.content.endsWith('7') && !failed.has(body.id);
      failed.add(body.id);
      response.writeHead(isFailing ? 500 : 200).end();
    });
    const load = startLoad(20);
    await until('load', () => load.accepted.length > 40, 30_000);
    expect(await lanes()).toHaveLength(1);
    const killed = cluster.brokers[1]!;
    const wasRemoved = isRemoved(killed);
    await killed.kill();
    await until('the first broker to remove it', wasRemoved, 30_000);
    const before = load.accepted.length;
    await until('load after the end', () => load.accepted.length > before + 40, 30_000);
    await killed.restart();
    await expectEachInOrder(await load.stop());
  });

  it('receives nothing old from a broker that wakes up after another one took over', async () => {
    await addAtSecond();
    // When the broker is paused, requests are running, and others wait for them.
    let delayMs = 2_000;
    receiver.respondWith((response) => setTimeout(() => response.writeHead(200).end(), delayMs));
    const load = startLoad(20);
    await until('load', () => load.accepted.length > 60, 30_000);
    const paused = cluster.brokers[1]!;
    const wasRemoved = isRemoved(paused);
    process.kill(paused.pid(), 'SIGSTOP');
    await until('the first broker to remove it', wasRemoved, 30_000);
    delayMs = 0;
    const before = load.accepted.length;
    await until('load during the pause', () => load.accepted.length > before + 20, 30_000);
    await expectEachInOrder(load.accepted.slice(0, before));
    process.kill(paused.pid(), 'SIGCONT');
    await until('the woken broker to start again', () => paused.log().includes('starting again'), 30_000);
    await expectEachInOrder(await load.stop());
  });

  it('is sent to by the other one after a stop, at once', async () => {
    const id = await addAtSecond();
    receiver.respondWith((response) => response.writeHead(503).end());
    expect((await second.post(`/v1/webhooks/${id}/test`, undefined)).status).toBe(202);
    await until('two attempts', () => receiver.received.length === 3);
    await cluster.brokers[1]!.stop();
    receiver.respondWith((response) => response.writeHead(200).end());
    await until('the other broker to take the webhook', async () => (await lanes()).length === 1, 5_000);
    expect((await lanes())[0]?.broker_id).toBe(brokerIdOf(cluster.brokers[0]!));
    await until('the third attempt', () => receiver.received.length === 4, 20_000);
  });

  it('is free some seconds after its last event, and a later event is delivered without a wait', async () => {
    const id = await addAtSecond();
    await until('the lane to be free', async () => (await lanes()).length === 0, 30_000);
    for (const client of [first, second, first]) {
      const count = receiver.received.length;
      expect((await client.post(`/v1/webhooks/${id}/test`, undefined)).status).toBe(202);
      await until('the event', () => receiver.received.length > count, 3_000);
    }
    expect(await lanes()).toHaveLength(1);
  });

  it('is paused, activated, replayed and deleted at the broker that does not send to it', async () => {
    const id = await addAtSecond();
    const eventId = receiver.received[0]!.body.id;
    const path = `/v1/webhooks/${id}`;
    expect((await first.post(`${path}/replay`, { event_id: eventId })).status).toBe(202);
    await until('the replay', () => receiver.received.length === 2);
    expect(receiver.received[1]!.body.id).toBe(eventId);
    expect((await first.put(path, { active: false })).status).toBe(200);
    expect((await first.post(`${path}/replay`, { event_id: eventId })).status).toBe(202);
    expect((await first.put(path, { active: true })).status).toBe(200);
    await until('the replay after the pause', () => receiver.received.length === 3);
    receiver.respondWith((response) => response.writeHead(410).end());
    expect((await first.post(`${path}/replay`, { event_id: eventId })).status).toBe(202);
    const isActive = async () => (await first.get(path)).body.active;
    await until('the webhook to be inactive', async () => (await isActive()) === false);
    expect((await first.delete(path)).status).toBe(204);
    await until(
      'the deliveries to be deleted',
      async () => (await query(cluster.database.url, 'SELECT 1 FROM webhooks')).length === 0,
    );
    expect(receiver.received).toHaveLength(4);
  });
});
