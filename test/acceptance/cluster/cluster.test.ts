/**
 * Sends 10,000 messages over three brokers on one PostgreSQL to 104 devices that move between the brokers, while brokers are
 * killed every few seconds, one is paused for 30 s, the server is restarted, and the clock of one broker is five minutes
 * ahead. Each accepted message is delivered once and in order, and limits, idempotency keys, webhooks and event streams
 * stay exact. CLUSTER_MESSAGES is the number of messages; SEED repeats a run.
 */
import { setTimeout as wait } from 'node:timers/promises';
import { afterEach, expect, it } from 'vitest';
import { percentile } from '../../../bench/metrics.ts';
import { formatId, parseId } from '../../../shared/ids.ts';
import {
  type DeliveryError,
  deliveryErrors,
  streamErrors,
  webhookErrors,
} from '../../support/cluster/check-orders.ts';
import { startCluster } from '../../support/cluster/cluster.ts';
import { Faults, isRunning } from '../../support/cluster/faults.ts';
import {
  MINUTE_LIMIT,
  MONTH_LIMIT,
  startTraffic,
  type Traffic,
  trafficSettings,
} from '../../support/cluster/traffic.ts';
import type { AcceptedMessage } from '../../support/ordered-load.ts';
import { query } from '../../support/postgres/databases.ts';
import { createRandom } from '../../support/random.ts';
import { until } from '../../support/until.ts';

const MESSAGES = Number(process.env.CLUSTER_MESSAGES ?? 10_000);
const PER_SECOND = 300;
const SERVER_RESTART_AFTER_MS = 8_000;
const PAUSE_AFTER_MS = 14_000;
const PROGRESS_MS = 15_000;
const SETTLE_MAX_MS = 90_000;

const ends: Array<() => Promise<unknown> | unknown> = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

it('Three brokers deliver each message once and in order under kills, a pause, a server restart and moving devices', {
  timeout: 600_000,
}, async () => {
  const seed = Number(process.env.SEED ?? Date.now() % 1_000_000);
  console.log(`seed ${seed}`);
  const random = createRandom(seed);
  const cluster = await startCluster(trafficSettings(), random);
  ends.push(() => cluster.dispose());
  const { server, brokers } = cluster;
  let isOver = false;
  const startedAt = performance.now();
  const secondsSinceStart = () => ((performance.now() - startedAt) / 1_000).toFixed(1);
  const traffic = await startTraffic(cluster, {
    ...{ messages: MESSAGES, perSecond: PER_SECOND, isOver: () => isOver, random },
  });
  ends.push(() => traffic.stop());
  const faults = new Faults(cluster, traffic.tokens, random);
  const running = Promise.all([
    faults.kill(() => isOver),
    faults.move(() => isOver),
    ...traffic.limitLoads.map((load) => load.run()),
  ]);
  // After a failed test, the brokers of the running restarts are ended.
  running.catch(() => {});
  const progress = setInterval(() => {
    const count = traffic.loads.reduce((sum, { accepted }) => sum + accepted.length, 0);
    console.log(`${secondsSinceStart()} s: ${count} messages accepted, ${JSON.stringify(faults.counts)}`);
  }, PROGRESS_MS);
  ends.push(() => clearInterval(progress));
  const [accepted] = await Promise.all([
    traffic.accepted,
    wait(SERVER_RESTART_AFTER_MS).then(() => faults.restartServer()),
    wait(PAUSE_AFTER_MS).then(() => faults.pause()),
  ]);
  const loadSeconds = secondsSinceStart();
  isOver = true;
  await running;
  const rows = await until(
    'every message to reach its last status',
    async () => {
      const messages = await messagesOf(server.url());
      return messages.every((message) => isSettled(message, traffic)) && messages;
    },
    SETTLE_MAX_MS,
  );
  const deliveries = "SELECT id FROM webhook_deliveries WHERE status = 'pending'";
  await until(
    'the webhooks to be delivered',
    async () => (await query(server.url(), deliveries)).length === 0,
    SETTLE_MAX_MS,
  );
  const eventIds = await streamedEvents(server.url());
  await until(
    'the stream to reach the last event',
    () => new Set(traffic.reader.all().map(({ id }) => id)).size >= eventIds.size,
    SETTLE_MAX_MS,
  );
  printFigures({ traffic, faults, accepted, loadSeconds, totalSeconds: secondsSinceStart() });

  await checkMessages(server.url(), traffic, accepted, rows);
  const delivered = rows.filter(({ own_number }) => traffic.hookedNumbers.has(own_number));
  expect(
    webhookErrors(
      traffic.receiver.received,
      delivered.map(({ id }) => formatId('msg', id)),
    ),
  ).toEqual([]);
  expect(
    streamErrors(
      traffic.reader.all().map(({ id }) => id),
      eventIds,
    ),
  ).toEqual([]);
  checkLimits(traffic, rows);
  expect(traffic.loads.map(({ withoutRetryAfter }) => withoutRetryAfter)).toEqual([0, 0, 0]);
  expect(faults.unexpectedExits).toEqual([]);
  expect(brokers.map(isRunning)).toEqual([true, true, true]);
  await checkMembers(server.url());
  expect(await Promise.all(brokers.map((broker) => broker.stop()))).toEqual([0, 0, 0]);
});

interface MessageRow {
  id: string;
  status: string;
  error_code: string | null;
  own_number: string;
  created_at: number;
}

function messagesOf(url: string): Promise<MessageRow[]> {
  return query(
    url,
    'SELECT id, status, error_code, own_number, created_at::float8 FROM messages ORDER BY id',
  );
}

/** A shortcut reports only that it has sent a message. */
function isSettled({ own_number, status }: MessageRow, { phoneNumbers }: Traffic): boolean {
  if (phoneNumbers.has(own_number)) return status === 'sent' || status === 'failed';
  return status === 'delivered';
}

/** Each accepted message is stored once and sent once, in order. */
async function checkMessages(
  url: string,
  traffic: Traffic,
  accepted: readonly AcceptedMessage[],
  rows: readonly MessageRow[],
): Promise<void> {
  const stored = rows.filter(({ own_number }) => !traffic.limitedNumbers.includes(own_number));
  expect(stored).toHaveLength(accepted.length);
  expect(new Set(stored.map(({ id }) => formatId('msg', id)))).toEqual(new Set(accepted.map(({ id }) => id)));
  const errors: DeliveryError[] = [];
  for (const error of deliveryErrors(accepted, traffic.sent())) {
    const history = await historyOf(url, error.id);
    console.log(`${error.id}: ${error.problem}\n${history.join('\n')}`);
    // A shortcut has no journal, so the dispatcher does not wait for the report of the message before. If the delivery of
    // that message fails and the server restarts before it is requeued, it can follow the next one.
    const isRequeued = history.some((line) => line.startsWith(`${error.id} released`));
    if (!(error.isLate && isRequeued && traffic.phoneNumbers.has(error.from))) errors.push(error);
  }
  expect(errors).toEqual([]);
  const sent = new Set(traffic.sent().flatMap((messages) => messages.map(({ message }) => message)));
  // A message in a response that a shortcut did not receive fails as unconfirmed. No other message fails.
  const unsent = stored.filter(({ id }) => !sent.has(formatId('msg', id)));
  expect(
    unsent.filter(({ status, error_code }) => `${status} ${error_code}` !== 'failed unconfirmed'),
  ).toEqual([]);
  expect(stored.filter(({ status }) => status === 'failed')).toEqual(unsent);
}

function checkLimits({ limitedNumbers, limitLoads }: Traffic, rows: readonly MessageRow[]): void {
  const [minuteRows = [], monthRows = []] = limitedNumbers.map((number) =>
    rows.filter(({ own_number }) => own_number === number),
  );
  expect(monthRows).toHaveLength(MONTH_LIMIT);
  const stored = Map.groupBy(minuteRows, ({ created_at }) => Math.floor(created_at / 60_000));
  for (const [number, responses] of limitLoads[0]?.minutes ?? []) {
    const count = stored.get(number)?.length ?? 0;
    expect(count).toBeLessThanOrEqual(MINUTE_LIMIT);
    // A request without a response may have been counted.
    const unknown = (responses.get(0) ?? 0) + (responses.get(503) ?? 0);
    if (responses.has(429)) expect(count + unknown).toBeGreaterThanOrEqual(MINUTE_LIMIT);
  }
}

interface HistoryRow {
  message_id: string;
  content: string;
  at: number;
  kind: string;
  detail: string | null;
}

/** The timelines of a message and of the other ones to its recipient that were accepted near it. */
async function historyOf(url: string, id: string): Promise<string[]> {
  const rows = await query<HistoryRow>(
    url,
    `SELECT t.message_id, m.content, t.at::float8, t.kind, t.detail FROM messages m
     JOIN messages o ON o.number_id = m.number_id AND abs(o.content::int - m.content::int) < 3
     JOIN timeline t ON t.message_id = m.id WHERE o.id = '${parseId('msg', id)}' ORDER BY t.at, m.id, t.position`,
  );
  return rows.map(
    ({ message_id, kind, content, at, detail }) =>
      `${formatId('msg', message_id)} ${kind}, number ${content}, ${new Date(at).toISOString()} ${detail ?? ''}`,
  );
}

async function checkMembers(url: string): Promise<void> {
  const members = await query<{ id: string }>(url, 'SELECT id FROM brokers');
  const leaders = await query<{ name: string; broker_id: string }>(
    url,
    'SELECT name, broker_id FROM leaders',
  );
  const ids = new Set(members.map(({ id }) => id));
  expect(ids.size).toBe(3);
  expect(leaders.map(({ name }) => name).toSorted()).toEqual(['jobs', 'sandbox']);
  expect(leaders.filter(({ broker_id }) => !ids.has(broker_id))).toEqual([]);
}

/** Ids of the events of messages in the account with the stream. */
async function streamedEvents(url: string): Promise<Set<string>> {
  const rows = await query<{ id: string }>(
    url,
    `SELECT e.id FROM events e JOIN worlds w ON w.id = e.world_id JOIN accounts a ON a.id = w.account_id
     WHERE a.slug = 'default' AND e.type LIKE 'message.%'`,
  );
  return new Set(rows.map(({ id }) => formatId('evt', id)));
}

function printFigures({
  traffic: { loads, latencies, reader, receiver },
  faults,
  accepted,
  loadSeconds,
  totalSeconds,
}: {
  traffic: Traffic;
  faults: Faults;
  accepted: readonly AcceptedMessage[];
  loadSeconds: string;
  totalSeconds: string;
}): void {
  const statuses = new Map<number, number>();
  for (const load of loads) {
    for (const [status, count] of load.statuses) statuses.set(status, (statuses.get(status) ?? 0) + count);
  }
  const rate = accepted.length / Number(loadSeconds);
  console.log(
    [
      `${accepted.length} messages in ${loadSeconds} s (${rate.toFixed(0)}/s), all delivered after ${totalSeconds} s`,
      `dispatch between brokers, with the faults: p50 ${percentile(latencies, 0.5).toFixed(1)} ms, p99 ${percentile(latencies, 0.99).toFixed(0)} ms (${latencies.length})`,
      `faults: ${JSON.stringify(faults.counts)}`,
      `responses: ${JSON.stringify(Object.fromEntries(statuses))}, repeated keys: ${loads.reduce((sum, { repeats }) => sum + repeats, 0)}`,
      `streams: ${reader.connections}, events: ${reader.all().length}, webhook requests: ${receiver.received.length}`,
    ].join('\n'),
  );
}
