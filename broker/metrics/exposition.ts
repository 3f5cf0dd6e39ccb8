/**
 * Defines every metric that Prometheus reads. Counters are read from memory. Queues, pending webhooks and the lag of the
 * projections are queried from the store at each request; these queries read open work only.
 */
import { timeOfId } from '../../shared/ids.ts';
import type { Dispatcher } from '../core/dispatch/dispatcher.ts';
import { TRANSPORT_KINDS } from '../core/model/device-health.ts';
import { LEADER_ROLES, type LeaderRole } from '../core/ports/brokers.ts';
import { PROVIDER_OUTCOMES, WEBHOOK_OUTCOMES } from '../core/ports/metrics.ts';
import type { WaitingQueue } from '../core/ports/queue.ts';
import type { Store } from '../core/ports/store.ts';
import type { SessionRegistry } from '../devices/session-registry.ts';
import type { BrokerMetrics } from './broker-metrics.ts';
import { ENVIRONMENTS, type Outcomes } from './message-metrics.ts';
import { createRegistry, type Sample } from './registry.ts';

export interface ExpositionOptions {
  brokerMetrics: BrokerMetrics;
  store: Store;
  dispatcher: Pick<Dispatcher, 'countTargets'>;
  sessions: Pick<SessionRegistry, 'countByTransport'>;
  roles: { has(role: LeaderRole): boolean };
  /** Number of open event streams. */
  countStreams: () => number;
  now: () => number;
  /** Formats an own phone number for a label: masked or in full. */
  formatNumber(phoneNumber: string): string;
}

export interface Exposition {
  read(): Promise<{ contentType: string; text: string }>;
}

interface QueueMetrics {
  messages: number;
  oldestAgeSeconds: number;
  targetCount: number;
}

/** Values from the store for one request. */
interface StoredMetrics {
  outcomes: Record<(typeof ENVIRONMENTS)[number], Outcomes>;
  queues: ReadonlyMap<string, QueueMetrics>;
  commitsBehind: number;
  webhooks: { count: number; oldestAt: number | null };
  brokers: number;
}

const QUEUES_MAX = 200;

export function createExposition(options: ExpositionOptions): Exposition {
  const { brokerMetrics, store, sessions } = options;
  const registry = createRegistry();
  let stored: StoredMetrics;

  registry.counter(
    ['homing_messages_accepted_total', 'Messages accepted by the APIs for sending.'],
    ['environment'],
    () =>
      ENVIRONMENTS.map((environment) =>
        sample({ environment }, brokerMetrics.messages.accepted[environment]),
      ),
  );
  registry.counter(
    [
      'homing_messages_ended_total',
      'Messages that became sent, delivered (counted as sent before) or failed.',
    ],
    ['environment', 'status', 'code'],
    () => ENVIRONMENTS.flatMap((environment) => endedSamples(environment, stored.outcomes[environment])),
  );
  registry.counter(['homing_messages_received_total', 'Inbound messages.'], ['environment'], () =>
    ENVIRONMENTS.map((environment) => sample({ environment }, stored.outcomes[environment].received)),
  );
  registry.histogram(
    [
      'homing_message_hand_off_seconds',
      'Time from acceptance to dispatch to a device or a provider, including deferral, in seconds.',
    ],
    () =>
      ENVIRONMENTS.map((environment) => ({
        labels: { environment },
        histogram: brokerMetrics.messages.dispatchSeconds[environment],
      })),
  );
  registry.histogram(
    ['homing_message_delivery_seconds', 'Time from acceptance to delivery, in seconds.'],
    () =>
      ENVIRONMENTS.map((environment) => ({
        labels: { environment },
        histogram: stored.outcomes[environment].deliverySeconds,
      })),
  );

  const queueGauge = (name: string, help: string, read: (queue: QueueMetrics) => number) => {
    registry.gauge([name, help], ['number'], () =>
      [...stored.queues].map(([number, queue]) => sample({ number }, read(queue))),
    );
  };
  queueGauge(
    'homing_queue_messages',
    `Queued messages by live number, for the ${QUEUES_MAX} longest queues.`,
    ({ messages }) => messages,
  );
  queueGauge(
    'homing_queue_oldest_age_seconds',
    'Age of the oldest queued message, in seconds.',
    ({ oldestAgeSeconds }) => oldestAgeSeconds,
  );
  queueGauge(
    'homing_queue_takers',
    'Connected devices and providers that send for the number.',
    ({ targetCount }) => targetCount,
  );
  registry.gauge(['homing_devices_online', 'Connected devices by transport.'], ['carrier'], () => {
    const counts = sessions.countByTransport();
    return TRANSPORT_KINDS.map((transport) => sample({ carrier: transport }, counts.get(transport) ?? 0));
  });

  registry.counter(
    ['homing_http_requests_total', 'HTTP requests with a response.'],
    ['api', 'operation', 'status_class'],
    () => brokerMetrics.requests.requested().flatMap(requestSamples),
  );
  registry.histogram(
    ['homing_http_request_seconds', 'Time from the request to its response, in seconds.'],
    () =>
      brokerMetrics.requests
        .requested()
        .map(({ api, operation, seconds }) => ({ labels: { api, operation }, histogram: seconds })),
  );

  registry.histogram(['homing_store_commit_transactions', 'Transactions per commit.'], () => [
    { labels: {}, histogram: brokerMetrics.commitTransactions },
  ]);
  registry.histogram(['homing_store_commit_seconds', 'Duration of a commit to disk, in seconds.'], () => [
    { labels: {}, histogram: brokerMetrics.commitSeconds },
  ]);
  registry.gauge(
    ['homing_projections_behind_commits', 'Commits that search, conversations and usage have not processed.'],
    [],
    () => [sample({}, stored.commitsBehind)],
  );
  registry.counter(
    ['homing_provider_sends_total', 'Send requests to the messaging provider by result.'],
    ['outcome'],
    () => PROVIDER_OUTCOMES.map((outcome) => sample({ outcome }, brokerMetrics.providerSends[outcome])),
  );

  registry.counter(
    ['homing_webhook_attempts_total', 'Webhook requests by result; again: the request will be retried.'],
    ['outcome'],
    () => WEBHOOK_OUTCOMES.map((outcome) => sample({ outcome }, brokerMetrics.webhookCalls[outcome])),
  );
  registry.histogram(['homing_webhook_attempt_seconds', 'Duration of a webhook request, in seconds.'], () => [
    { labels: {}, histogram: brokerMetrics.webhookSeconds },
  ]);
  registry.gauge(['homing_webhook_pending_events', 'Events with a pending webhook delivery.'], [], () => [
    sample({}, stored.webhooks.count),
  ]);
  registry.gauge(
    ['homing_webhook_oldest_age_seconds', 'Age of the oldest pending event, in seconds.'],
    [],
    () => {
      const { oldestAt } = stored.webhooks;
      return [sample({}, oldestAt === null ? 0 : Math.max(0, options.now() - oldestAt) / 1000)];
    },
  );
  registry.gauge(['homing_event_streams', 'Open event streams.'], [], () => [
    sample({}, options.countStreams()),
  ]);

  registry.gauge(['homing_brokers', 'Brokers on the database.'], [], () => [sample({}, stored.brokers)]);
  registry.gauge(
    ['homing_broker_roles', '1 if this broker does work that one broker does for all; otherwise 0.'],
    ['role'],
    () => LEADER_ROLES.map((role) => sample({ role }, options.roles.has(role) ? 1 : 0)),
  );

  const readStored = async () => {
    const { read } = store;
    const next = {
      outcomes: await brokerMetrics.messages.outcomes((tenantId) => read.accounts.environmentOf(tenantId)),
      queues: queuesByLabel(await read.messages.longestQueues(QUEUES_MAX), options),
      commitsBehind: await read.projections.commitsBehind(),
      webhooks: await read.deliveries.pending(),
      // With SQLite none is listed.
      brokers: Math.max(1, (await read.brokers.list()).length),
    };
    stored = next;
    return { contentType: registry.contentType, text: await registry.text() };
  };
  let reading: ReturnType<typeof readStored> | undefined;

  return {
    /** Concurrent requests share one count of the queues. */
    read() {
      reading ??= readStored().finally(() => {
        reading = undefined;
      });
      return reading;
    },
  };
}

const sample = (labels: Sample['labels'], value: number): Sample => ({ labels, value });

function endedSamples(environment: string, { sent, delivered, failed }: Outcomes): Sample[] {
  return [
    sample({ environment, status: 'sent' }, sent),
    sample({ environment, status: 'delivered' }, delivered),
    ...[...failed].map(([code, count]) => sample({ environment, status: 'failed', code }, count)),
  ];
}

function requestSamples({
  api,
  operation,
  responses,
}: {
  api: string;
  operation: string;
  responses: readonly number[];
}): Sample[] {
  return responses.flatMap((count, digit) =>
    count === 0 ? [] : [sample({ api, operation, status_class: `${digit}xx` }, count)],
  );
}

/** Adds up the numbers that have the same masked label. */
function queuesByLabel(
  queues: readonly WaitingQueue[],
  { dispatcher, now, formatNumber }: ExpositionOptions,
): ReadonlyMap<string, QueueMetrics> {
  const byLabel = new Map<string, QueueMetrics>();
  for (const { numberId, phoneNumber, messages, oldestId } of queues) {
    const label = formatNumber(phoneNumber);
    const same = byLabel.get(label);
    const ageSeconds = Math.max(0, now() - timeOfId(oldestId)) / 1000;
    const targetCount = dispatcher.countTargets(numberId);
    byLabel.set(label, {
      messages: (same?.messages ?? 0) + messages,
      oldestAgeSeconds: Math.max(same?.oldestAgeSeconds ?? 0, ageSeconds),
      // The minimum, so that a number without a device stays visible.
      targetCount: Math.min(same?.targetCount ?? targetCount, targetCount),
    });
  }
  return byLabel;
}
