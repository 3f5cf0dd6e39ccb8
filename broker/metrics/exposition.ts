/**
 * Everything that Prometheus reads, by name. What is counted while the broker runs is read as it stands; queues and
 * what the projections are behind with are asked of the store at each reading, from what is under way only.
 */
import { timeOfId } from '../../shared/ids.ts';
import type { Dispatcher } from '../core/dispatch/dispatcher.ts';
import { PROVIDER_OUTCOMES, WEBHOOK_OUTCOMES } from '../core/ports/metrics.ts';
import type { WaitingQueue } from '../core/ports/queue.ts';
import type { Store } from '../core/ports/store.ts';
import type { SessionRegistry } from '../devices/session-registry.ts';
import { TRANSPORT_KINDS } from '../devices/transport.ts';
import type { BrokerMetrics } from './broker-metrics.ts';
import { ENVIRONMENTS, type Outcomes } from './message-metrics.ts';
import { createRegistry, type Sample } from './registry.ts';

export interface ExpositionOptions {
  brokerMetrics: BrokerMetrics;
  store: Store;
  dispatcher: Pick<Dispatcher, 'countTargets'>;
  sessions: Pick<SessionRegistry, 'countByCarrier'>;
  /** Open streams of events. */
  countStreams: () => number;
  now: () => number;
  /** How a phone number of ours may be shown. */
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

/** What is asked of the store for one reading. */
interface Asked {
  outcomes: Record<(typeof ENVIRONMENTS)[number], Outcomes>;
  queues: ReadonlyMap<string, QueueMetrics>;
  commitsBehind: number;
  webhooks: { count: number; oldestAt: number | null };
}

const QUEUES_MAX = 200;

export function createExposition(options: ExpositionOptions): Exposition {
  const { brokerMetrics, store, sessions } = options;
  const registry = createRegistry();
  let asked: Asked;

  registry.counter(
    ['homing_messages_accepted_total', 'Messages that the APIs accepted for sending.'],
    ['environment'],
    () =>
      ENVIRONMENTS.map((environment) =>
        sample({ environment }, brokerMetrics.messages.accepted[environment]),
      ),
  );
  registry.counter(
    ['homing_messages_ended_total', 'Messages that were sent, were delivered (sent before), or failed.'],
    ['environment', 'status', 'code'],
    () => ENVIRONMENTS.flatMap((environment) => endedSamples(environment, asked.outcomes[environment])),
  );
  registry.counter(['homing_messages_received_total', 'Texts that came in.'], ['environment'], () =>
    ENVIRONMENTS.map((environment) => sample({ environment }, asked.outcomes[environment].received)),
  );
  registry.histogram(
    [
      'homing_message_hand_off_seconds',
      'From accepted to handed to a device or a provider, with the time that it was held back for later.',
    ],
    () =>
      ENVIRONMENTS.map((environment) => ({
        labels: { environment },
        histogram: brokerMetrics.messages.dispatchSeconds[environment],
      })),
  );
  registry.histogram(['homing_message_delivery_seconds', 'From accepted to delivered.'], () =>
    ENVIRONMENTS.map((environment) => ({
      labels: { environment },
      histogram: asked.outcomes[environment].deliverySeconds,
    })),
  );

  const queueGauge = (name: string, help: string, read: (queue: QueueMetrics) => number) => {
    registry.gauge([name, help], ['number'], () =>
      [...asked.queues].map(([number, queue]) => sample({ number }, read(queue))),
    );
  };
  queueGauge(
    'homing_queue_messages',
    `Messages that wait for a live number; the ${QUEUES_MAX} longest queues.`,
    ({ messages }) => messages,
  );
  queueGauge(
    'homing_queue_oldest_age_seconds',
    'How long ago the oldest of them was accepted.',
    ({ oldestAgeSeconds }) => oldestAgeSeconds,
  );
  queueGauge(
    'homing_queue_takers',
    'Devices (or providers) that are there now to send them.',
    ({ targetCount }) => targetCount,
  );
  registry.gauge(
    ['homing_devices_online', 'Devices that are connected, by how they are.'],
    ['carrier'],
    () => {
      const counts = sessions.countByCarrier();
      return TRANSPORT_KINDS.map((transport) => sample({ carrier: transport }, counts.get(transport) ?? 0));
    },
  );

  registry.counter(
    ['homing_http_requests_total', 'HTTP requests that were answered.'],
    ['api', 'operation', 'status_class'],
    () => brokerMetrics.requests.called().flatMap(requestSamples),
  );
  registry.histogram(['homing_http_request_seconds', 'From the request to its answer.'], () =>
    brokerMetrics.requests
      .called()
      .map(({ api, operation, seconds }) => ({ labels: { api, operation }, histogram: seconds })),
  );

  registry.histogram(
    ['homing_store_commit_transactions', 'Transactions that one commit made durable together.'],
    () => [{ labels: {}, histogram: brokerMetrics.commitTransactions }],
  );
  registry.histogram(['homing_store_commit_seconds', 'How long a commit to disk took.'], () => [
    { labels: {}, histogram: brokerMetrics.commitSeconds },
  ]);
  registry.gauge(
    ['homing_projections_behind_commits', 'Commits that search, conversations and usage have not taken up.'],
    [],
    () => [sample({}, asked.commitsBehind)],
  );
  registry.counter(
    ['homing_provider_sends_total', 'What came of asking the messaging provider to send.'],
    ['outcome'],
    () => PROVIDER_OUTCOMES.map((outcome) => sample({ outcome }, brokerMetrics.providerSends[outcome])),
  );

  registry.counter(
    [
      'homing_webhook_attempts_total',
      'Calls of webhooks, by what came of them; again: they are called again.',
    ],
    ['outcome'],
    () => WEBHOOK_OUTCOMES.map((outcome) => sample({ outcome }, brokerMetrics.webhookCalls[outcome])),
  );
  registry.histogram(['homing_webhook_attempt_seconds', 'How long a call of a webhook took.'], () => [
    { labels: {}, histogram: brokerMetrics.webhookSeconds },
  ]);
  registry.gauge(
    ['homing_webhook_pending_events', 'Events that are still to be delivered to webhooks.'],
    [],
    () => [sample({}, asked.webhooks.count)],
  );
  registry.gauge(
    ['homing_webhook_oldest_age_seconds', 'How long ago the oldest of them was made.'],
    [],
    () => {
      const { oldestAt } = asked.webhooks;
      return [sample({}, oldestAt === null ? 0 : Math.max(0, options.now() - oldestAt) / 1000)];
    },
  );
  registry.gauge(['homing_event_streams', 'Streams of events that are open.'], [], () => [
    sample({}, options.countStreams()),
  ]);

  return {
    async read() {
      const { read } = store;
      const next = {
        outcomes: await brokerMetrics.messages.outcomes((tenantId) => read.accounts.environmentOf(tenantId)),
        queues: queuesByLabel(await read.messages.longestQueues(QUEUES_MAX), options),
        commitsBehind: await read.projections.commitsBehind(),
        webhooks: await read.deliveries.pending(),
      };
      asked = next;
      return { contentType: registry.contentType, text: await registry.text() };
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

/** Numbers that look the same once they are masked count as one. */
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
      // One without a device is not to hide behind another.
      targetCount: Math.min(same?.targetCount ?? targetCount, targetCount),
    });
  }
  return byLabel;
}
