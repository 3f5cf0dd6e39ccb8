/** Checks dashboards on two brokers with one database: each shows the events of the other broker at once. */
import pg from 'pg';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type BrokerCluster, startCluster } from '../../support/broker-cluster.ts';
import { type DashboardClient, dashboardClient, signIn } from '../../support/dashboard.ts';
import { type EventSource, openEventSource } from '../../support/event-source.ts';
import { hello, openSocket } from '../../support/raw-device.ts';
import { until } from '../../support/until.ts';

const NUMBER = '+14155551001';
const ANNA = '+14155550100';
/** Without notifications, a page would learn of changes after 30 s. */
const AT_ONCE_MS = 5_000;

interface Frame {
  all?: boolean;
  messages?: Array<{ id: string; conversationId: string }>;
  topics?: string[];
  typing?: Array<{ handle: string; isTyping: boolean }>;
}

let cluster: BrokerCluster;
let member: DashboardClient;
let deviceToken: string;
const open: EventSource[] = [];

beforeAll(async () => {
  cluster = await startCluster(2);
  const [first] = cluster.brokers;
  const { json } = await first!.cli('pair', NUMBER, '--json');
  deviceToken = json[0].token;
  member = await signIn(first!);
});
afterEach(() => {
  for (const source of open.splice(0)) source.close();
});
afterAll(() => cluster?.dispose());

/** Opens a page at a broker, and waits until the other one has learned of it. */
async function openPage(broker: number, environment: 'test' | 'live'): Promise<() => Frame[]> {
  const url = `${cluster.brokers[broker]!.url}/dashboard/api/${environment}/events`;
  const source = await openEventSource(url, '', { cookie: member.cookie });
  expect(source.status).toBe(200);
  open.push(source);
  return () => source.events.map(({ data }) => data as Frame);
}

async function connectDevice(broker: number) {
  const device = await openSocket(cluster.brokers[broker]!.url, deviceToken);
  device.say(hello({ numbers: [NUMBER] }));
  await device.next('welcome');
  return device;
}

describe('a dashboard on two brokers', () => {
  it('causes no message between the brokers while none is open', async () => {
    const client = new pg.Client({ connectionString: cluster.database.url });
    await client.connect();
    const payloads: string[] = [];
    client.on('notification', ({ payload = '' }) => payloads.push(payload));
    try {
      const { rows } = await client.query(
        "SELECT 'homing_' || (hashtext(current_schema())::bigint & 4294967295) AS channel",
      );
      await client.query(`LISTEN ${rows[0].channel}`);
      for (const api of cluster.clients) {
        const sent = await api.post('/v1/messages/send', { to: '+15005550014', content: 'Hello' });
        expect(sent.status).toBe(202);
      }
      await until('the dispatch of the second message', () =>
        payloads.some((payload) => payload.includes('"kind":"queue"')),
      );
      expect(payloads.filter((payload) => /"kind":"(change|changed|events|watched)"/.test(payload))).toEqual(
        [],
      );
    } finally {
      await client.end();
    }
  });

  it.each([0, 1])('shows the messages of broker %i on a page of the other one', async (broker) => {
    const frames = await openPage(1 - broker, 'test');
    const { body } = await cluster.clients[broker]!.post('/v1/messages/send', {
      to: '+15005550014',
      content: 'Hello',
    });
    const shown = () =>
      frames().some(({ all, messages = [] }) => all || messages.some(({ id }) => id === body.id));
    await until('the message', shown, AT_ONCE_MS);
    // The page is known now: each further message is named.
    const next = await cluster.clients[broker]!.post('/v1/messages/send', {
      to: '+15005550014',
      content: 'Hi',
    });
    const change = await until(
      'the next message',
      () =>
        frames()
          .flatMap(({ messages = [] }) => messages)
          .find(({ id }) => id === next.body.id),
      AT_ONCE_MS,
    );
    const page = dashboardClient(cluster.brokers[1 - broker]!.url, member.cookie);
    const { latest } = (await page.get(`/test/conversations/${change.conversationId}`)).body;
    expect(latest.conversationId).toBe(change.conversationId);
  });

  it('shows lists that a member changes, and devices that connect, at the other broker', async () => {
    const frames = await openPage(1, 'live');
    const topics = () => frames().flatMap(({ topics: changed = [] }) => changed);
    const { status, text } = await member.post('/live/saved-replies', {
      title: 'Hours',
      body: 'We open at 9.',
    });
    expect(status, text).toBe(201);
    await until('the list of saved replies', () => topics().includes('saved-replies'), AT_ONCE_MS);
    const device = await connectDevice(0);
    await until('the list of devices', () => topics().includes('devices'), AT_ONCE_MS);
    device.terminate();
  });

  it('shows who types to a device at the other broker, as an event stream does', async () => {
    const device = await connectDevice(0);
    const frames = await openPage(1, 'live');
    const stream = await openEventSource(
      `${cluster.brokers[1]!.url}/v1/events?types=typing.started`,
      cluster.liveKey,
    );
    open.push(stream);
    let seq = 0;
    const type = () => {
      seq += 1;
      const item = { guid: `typing ${seq}`, from: ANNA, to: NUMBER, typing: 'start' };
      device.say({ type: 'inbound', seq, items: [item] });
    };
    // The first ones may arrive before the other broker has learned of the page.
    const isShown = () =>
      frames().some(({ typing = [] }) =>
        typing.some(({ handle, isTyping }) => handle === ANNA && isTyping),
      ) && stream.events.some(({ event }) => event === 'typing.started');
    await until(
      'the typing indicator',
      async () => {
        type();
        await new Promise((resolve) => setTimeout(resolve, 100));
        return isShown();
      },
      AT_ONCE_MS,
    );
    device.terminate();
  });
});
