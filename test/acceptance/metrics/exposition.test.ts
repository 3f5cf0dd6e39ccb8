/** Checks the metrics of the real program for messages through the sandbox, a device and a provider. */
import { isDeepStrictEqual } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openEventSource } from '../../support/event-source.ts';
import { startHoming } from '../../support/homing-process.ts';
import { type Client, clientFor } from '../../support/http-client.ts';
import { type Metrics, readMetrics } from '../../support/metrics.ts';
import { type ProviderBroker, startProviderBroker } from '../../support/provider-broker.ts';
import { hello, openSocket, poll, reportOf } from '../../support/raw-device.ts';
import { startReceiver } from '../../support/receiver.ts';
import { until } from '../../support/until.ts';

const RECIPIENT = '+14155550142';
const UNREACHABLE = '+15005550021';
const ECHOES = '+15005550014';

let broker: ProviderBroker;
let sandbox: Client;

beforeAll(async () => {
  broker = await startProviderBroker();
  sandbox = clientFor(broker.homing.url, broker.homing.testKey);
});
afterAll(() => broker?.dispose());

const read = () => readMetrics(broker.homing.url);

/**
 * Waits until the metrics changed by exactly these amounts. A scrape reads counters and gauges at one moment, and an
 * attempt is counted before the store commits its result, so a gauge may follow a counter.
 */
async function expectChanges(
  before: Metrics,
  by: readonly [name: string, labels: Record<string, string>, change: number][],
): Promise<Metrics> {
  const changes = (after: Metrics) =>
    by.map(([name, labels]) => after.value(name, labels) - before.value(name, labels));
  const wanted = by.map(([, , change]) => change);
  let after = await read();
  await until(`${JSON.stringify(by)}`, async () => {
    after = await read();
    return isDeepStrictEqual(changes(after), wanted);
  }).catch(() => expect(changes(after)).toEqual(wanted));
  return after;
}

async function pair(phoneNumber: string) {
  const { json } = await broker.homing.cli('pair', phoneNumber, '--json');
  return json[0] as { token: string; number: string };
}

describe('messages', () => {
  it('of the sandbox are counted as accepted, dispatched, sent and delivered', async () => {
    const before = await read();
    const { status } = await sandbox.post('/v1/messages/send', { to: '+15005550010', content: 'x' });
    expect(status).toBe(202);
    const environment = 'test';
    const after = await expectChanges(before, [
      ['homing_messages_accepted_total', { environment }, 1],
      ['homing_message_hand_off_seconds_count', { environment }, 1],
      ['homing_messages_ended_total', { environment, status: 'sent' }, 1],
      ['homing_messages_ended_total', { environment, status: 'delivered' }, 1],
      ['homing_messages_ended_total', { environment, status: 'failed' }, 0],
      ['homing_message_delivery_seconds_count', { environment }, 1],
      ['homing_message_delivery_seconds_bucket', { environment, le: '+Inf' }, 1],
      ['homing_messages_accepted_total', { environment: 'live' }, 0],
      ['homing_message_hand_off_seconds_count', { environment: 'live' }, 0],
    ]);
    const seconds = after.value('homing_message_delivery_seconds_sum', { environment });
    expect(seconds).toBeGreaterThanOrEqual(0.15);
    expect(seconds).toBeLessThan(15);
  });

  it('that fail are counted by error code', async () => {
    const before = await read();
    const { body } = await sandbox.post('/v1/messages/send', { to: UNREACHABLE, content: 'x' });
    const failed = await until('the failure', async () => {
      const found = (await sandbox.get(`/v1/messages/${body.id}`)).body;
      return found.status === 'failed' && found;
    });
    await expectChanges(before, [
      ['homing_messages_ended_total', { environment: 'test', status: 'failed', code: failed.error_code }, 1],
      ['homing_messages_ended_total', { environment: 'test', status: 'failed' }, 1],
      ['homing_messages_ended_total', { environment: 'test', status: 'sent' }, 0],
      ['homing_message_delivery_seconds_count', { environment: 'test' }, 0],
    ]);
  });

  it('that are received are counted', async () => {
    const before = await read();
    await sandbox.post('/v1/messages/send', { to: ECHOES, content: 'x' });
    await expectChanges(before, [
      ['homing_messages_received_total', { environment: 'test' }, 1],
      ['homing_messages_received_total', { environment: 'live' }, 0],
    ]);
  });

  it('that are repeated with an idempotency key or rejected are not counted again', async () => {
    const before = await read();
    const message = { to: '+15005550010', content: 'once' };
    for (const _ of [1, 2, 3]) {
      await sandbox.post('/v1/messages/send', message, { 'Idempotency-Key': 'metrics-once' });
    }
    expect((await sandbox.post('/v1/messages/send', { ...message, to: 'nobody' })).status).toBe(400);
    await expectChanges(before, [
      ['homing_messages_accepted_total', { environment: 'test' }, 1],
      ['homing_messages_ended_total', { environment: 'test', status: 'delivered' }, 1],
    ]);
  });

  it('of a device are counted once per state, even if the device repeats its reports', async () => {
    const { token, number } = await pair('+14155552001');
    const socket = await openSocket(broker.homing.url, token);
    socket.say(hello());
    await socket.next('welcome');
    const before = await read();
    await broker.send(number, '+14155550101', 'delivered');
    const [first] = (await socket.next('deliver')).items;
    for (const [seq, state] of ['sending', 'sent', 'sent', 'delivered', 'read', 'delivered'].entries()) {
      socket.say(reportOf(seq + 1, first, state));
      await socket.next('ack');
    }
    await broker.send(number, '+14155550102', 'read at once');
    const [second] = (await socket.next('deliver')).items;
    socket.say(reportOf(7, second, 'read'));
    await socket.next('ack');
    await broker.send(number, '+14155550103', 'fails with an unknown code');
    const [third] = (await socket.next('deliver')).items;
    socket.say(reportOf(8, third, 'failed', { error: { code: `odd-${'x'.repeat(20)}`, message: 'Odd.' } }));
    await socket.next('ack');
    const text = {
      guid: 'metrics-1',
      from: RECIPIENT,
      to: number,
      service: 'iMessage',
      text: 'Hello',
      media: [],
    };
    for (const seq of [9, 10]) {
      socket.say({ type: 'inbound', seq, items: [{ ...text, from_me: false }] });
      await socket.next('ack');
    }
    const environment = 'live';
    const after = await expectChanges(before, [
      ['homing_messages_accepted_total', { environment }, 3],
      ['homing_message_hand_off_seconds_count', { environment }, 3],
      ['homing_messages_ended_total', { environment, status: 'sent' }, 2],
      ['homing_messages_ended_total', { environment, status: 'delivered' }, 2],
      ['homing_messages_ended_total', { environment, status: 'failed' }, 1],
      ['homing_messages_ended_total', { environment, status: 'failed', code: 'other' }, 1],
      ['homing_message_delivery_seconds_count', { environment }, 2],
      ['homing_messages_received_total', { environment }, 1],
      ['homing_messages_received_total', { environment: 'test' }, 0],
    ]);
    // An unknown code of a device never becomes a label.
    expect(after.samples.filter(({ labels }) => labels.code?.startsWith('odd'))).toEqual([]);
    socket.terminate();
  });

  it('of a provider are counted by the response of the provider', async () => {
    const from = await broker.buy('415');
    const before = await read();
    broker.twilio.respondNext('POST', '/Messages.json', { status: 429, code: 20429 });
    await broker.reaches(await broker.send(from, RECIPIENT, 'busy, then sent'), 'sent');
    broker.twilio.respondNext('POST', '/Messages.json', { status: 400, code: 21211, message: 'No.' });
    await broker.reaches(await broker.send(from, RECIPIENT, 'refused'), 'failed');
    broker.twilio.respondNext('POST', '/Messages.json', 'reset');
    await broker.reaches(await broker.send(from, RECIPIENT, 'unclear'), 'failed');
    await expectChanges(before, [
      ['homing_provider_sends_total', { outcome: 'busy' }, 1],
      ['homing_provider_sends_total', { outcome: 'sent' }, 1],
      ['homing_provider_sends_total', { outcome: 'refused' }, 1],
      ['homing_provider_sends_total', { outcome: 'unclear' }, 1],
      ['homing_message_hand_off_seconds_count', { environment: 'live' }, 3],
      ['homing_messages_ended_total', { status: 'failed', code: 'unconfirmed' }, 1],
    ]);
  });
});

describe('a queue', () => {
  it('has its length, its age and the number of its devices, labelled by the masked number', async () => {
    const { token, number } = await pair('+14155552002');
    const label = { number: '+1415•••2002' };
    expect((await read()).samples.filter(({ labels }) => labels.number === label.number)).toEqual([]);
    const startedAt = Date.now();
    for (const last of [1, 2, 3]) await broker.send(number, `+1415555011${last}`, 'waits');
    const waiting = await read();
    expect(waiting.value('homing_queue_messages', label)).toBe(3);
    expect(waiting.value('homing_queue_takers', label)).toBe(0);
    const later = await until('the queue to grow older', async () => {
      const seen = await read();
      const age = seen.value('homing_queue_oldest_age_seconds', label);
      return age > waiting.value('homing_queue_oldest_age_seconds', label) && age;
    });
    expect(later).toBeLessThanOrEqual((Date.now() - startedAt) / 1000);

    const before = await read();
    const socket = await openSocket(broker.homing.url, token);
    socket.say(hello({ credit: 1 }));
    await until(
      'one message to be dispatched',
      async () => (await read()).value('homing_queue_messages', label) === 2,
    );
    expect((await read()).value('homing_queue_takers', label)).toBe(1);
    socket.say({ type: 'credit', n: 5 });
    await until('the queue to end', async () =>
      (await read()).samples.every(({ labels }) => labels.number !== label.number),
    );
    await expectChanges(before, [['homing_message_hand_off_seconds_count', { environment: 'live' }, 3]]);
    socket.terminate();
  });

  it('is one for numbers with the same masked label, and no full number is shown', async () => {
    for (const phoneNumber of ['+14155612003', '+14155622003']) {
      const { number } = await pair(phoneNumber);
      await broker.send(number, RECIPIENT, 'waits');
    }
    const seen = await read();
    expect(seen.value('homing_queue_messages', { number: '+1415•••2003' })).toBe(2);
    const keys = seen.samples.map(({ name, labels }) => `${name} ${JSON.stringify(labels)}`);
    expect(new Set(keys).size).toBe(keys.length);
    expect(keys.join('\n')).not.toMatch(/\+\d{7}/);
  });

  it('is labelled by the full number if logs may show full numbers', async () => {
    const homing = await startHoming({ HOMING_LOG_FULL_NUMBERS: '1' });
    try {
      const { json } = await homing.cli('pair', '+14155552007', '--json');
      const live = clientFor(homing.url, homing.liveKey);
      await live.post('/v1/messages/send', { from: json[0].number, to: RECIPIENT, content: 'waits' });
      const seen = await readMetrics(homing.url);
      expect(seen.value('homing_queue_messages', { number: '+14155552007' })).toBe(1);
    } finally {
      await homing.dispose();
    }
  });
});

describe('devices', () => {
  it('are counted by transport while they are online', async () => {
    const before = await read();
    const bySocket = await pair('+14155552004');
    const byPoll = await pair('+14155552005');
    const byShortcut = await pair('+14155552006');
    const socket = await openSocket(broker.homing.url, bySocket.token);
    socket.say(hello());
    await socket.next('welcome');
    await poll(broker.homing.url, byPoll.token, { wait: 0, frames: [hello()] });
    await fetch(`${broker.homing.url}/shortcuts/v1/next?wait=0&run=1`, {
      headers: { authorization: `Bearer ${byShortcut.token}` },
    });
    await expectChanges(before, [
      ['homing_devices_online', { carrier: 'websocket' }, 1],
      ['homing_devices_online', { carrier: 'poll' }, 1],
      ['homing_devices_online', { carrier: 'shortcut' }, 1],
    ]);
    socket.terminate();
    await expectChanges(before, [['homing_devices_online', { carrier: 'websocket' }, 0]]);
  });
});

describe('the broker', () => {
  it('counts requests and their durations by operation and status class, including unknown paths', async () => {
    const before = await read();
    const send = { api: 'texting-blue', operation: 'sendMessage' };
    await sandbox.post('/v1/messages/send', { to: '+15005550010', content: 'x' });
    await sandbox.post('/v1/messages/send', { content: 'to nobody' });
    await sandbox.post('/v1/messages/send', '{');
    for (const path of ['/nowhere', `/nowhere-${'x'.repeat(50)}`]) await sandbox.get(path);
    await sandbox.delete('/healthz');
    const after = await expectChanges(before, [
      ['homing_http_requests_total', { ...send, status_class: '2xx' }, 1],
      ['homing_http_requests_total', { ...send, status_class: '4xx' }, 2],
      ['homing_http_request_seconds_count', send, 3],
      ['homing_http_request_seconds_bucket', { ...send, le: '+Inf' }, 3],
      ['homing_http_requests_total', { operation: 'unknown', status_class: '4xx' }, 3],
    ]);
    expect(after.samples.filter(({ labels }) => JSON.stringify(labels).includes('nowhere'))).toEqual([]);
  });

  it('counts commits, their durations and their transactions', async () => {
    const before = await read();
    const together = 20;
    await Promise.all(
      Array.from({ length: together }, () =>
        sandbox.post('/v1/messages/send', { to: '+15005550010', content: 'x' }),
      ),
    );
    const after = await read();
    const moved = (name: string) => after.value(name) - before.value(name);
    expect(moved('homing_store_commit_transactions_sum')).toBeGreaterThanOrEqual(together);
    expect(moved('homing_store_commit_seconds_count')).toBeGreaterThan(0);
    expect(moved('homing_store_commit_transactions_count')).toBe(moved('homing_store_commit_seconds_count'));
    expect(moved('homing_store_commit_seconds_sum')).toBeGreaterThan(0);
  });

  it('shows the lag of the projections, which returns to zero', async () => {
    await until('the projections to catch up', async () => {
      const seen = await read();
      const found = seen.samples.find(({ name }) => name === 'homing_projections_behind_commits');
      return found?.value === 0;
    });
  });

  it('has metrics of its process and its event loop', async () => {
    const seen = await read();
    expect(seen.value('process_resident_memory_bytes')).toBeGreaterThan(1e6);
    expect(seen.value('process_cpu_seconds_total')).toBeGreaterThan(0);
    expect(seen.value('nodejs_eventloop_lag_p99_seconds')).toBeGreaterThan(0);
  });

  it('has histograms in the format of Prometheus, with cumulative buckets that end with the count', async () => {
    const { samples, types } = await read();
    const histograms = [...types].filter(
      ([name, type]) => name.startsWith('homing_') && type === 'histogram',
    );
    expect(histograms.map(([name]) => name).sort()).toEqual([
      ...[
        'homing_http_request_seconds',
        'homing_message_delivery_seconds',
        'homing_message_hand_off_seconds',
      ],
      ...['homing_store_commit_seconds', 'homing_store_commit_transactions'],
      'homing_webhook_attempt_seconds',
    ]);
    for (const [name] of histograms) {
      const keyOf = ({ le: _, ...labels }: Record<string, string>) => JSON.stringify(labels);
      const series = Map.groupBy(
        samples.filter((sample) => sample.name === `${name}_bucket`),
        ({ labels }) => keyOf(labels),
      );
      expect(series.size).toBeGreaterThan(0);
      for (const [key, buckets] of series) {
        const counts = buckets.map(({ value }) => value);
        expect(counts).toEqual(counts.toSorted((a, b) => a - b));
        expect(buckets.at(-1)!.labels.le).toBe('+Inf');
        const count = samples.find(
          (sample) => sample.name === `${name}_count` && keyOf(sample.labels) === key,
        );
        expect(counts.at(-1)).toBe(count?.value);
      }
    }
  });
});

describe('webhooks', () => {
  it('have metrics of their attempts, results and pending events', async () => {
    const receiver = await startReceiver();
    const before = await read();
    const statuses = [500, 204];
    receiver.respondWith((response) => void response.writeHead(statuses.shift() ?? 204).end());
    await sandbox.post('/v1/webhooks', { url: receiver.url, events: ['message.sent'] });
    await sandbox.post('/v1/messages/send', { to: '+15005550011', content: 'x' });
    const after = await expectChanges(before, [
      ['homing_webhook_attempts_total', { outcome: 'again' }, 1],
      ['homing_webhook_attempts_total', { outcome: 'delivered' }, 1],
      ['homing_webhook_attempts_total', { outcome: 'failed' }, 0],
      ['homing_webhook_attempt_seconds_count', {}, 2],
      ['homing_webhook_pending_events', {}, 0],
    ]);
    expect(after.value('homing_webhook_oldest_age_seconds', {})).toBe(0);
    receiver.respondWith((response) => void response.writeHead(500).end());
    await sandbox.post('/v1/messages/send', { to: '+15005550011', content: 'y' });
    await until('the event to be pending', async () => {
      const now = await read();
      return (
        now.value('homing_webhook_pending_events', {}) === 1 &&
        now.value('homing_webhook_oldest_age_seconds', {}) > 0
      );
    });
    await receiver.close();
  });

  it('are complemented by event streams, which are counted while they are open', async () => {
    expect((await read()).value('homing_event_streams', {})).toBe(0);
    const stream = await openEventSource(`${broker.homing.url}/v1/events`, broker.homing.testKey);
    await until('the stream', async () => (await read()).value('homing_event_streams', {}) === 1);
    stream.close();
    await until('the stream to end', async () => (await read()).value('homing_event_streams', {}) === 0);
  });
});
