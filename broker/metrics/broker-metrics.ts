/** Holds the counters of the running broker in memory. They start from zero at each start. */
import {
  type Metrics,
  PROVIDER_OUTCOMES,
  type ProviderOutcome,
  WEBHOOK_OUTCOMES,
  type WebhookOutcome,
} from '../core/ports/metrics.ts';
import { createHistogram, type Histogram } from './histogram.ts';
import { createMessageMetrics, type MessageMetrics } from './message-metrics.ts';
import { createRequestMetrics, type RequestMetrics } from './request-metrics.ts';

export interface BrokerMetrics {
  /** Port for the core and the store. */
  metrics: Metrics;
  messages: MessageMetrics;
  requests: RequestMetrics;
  commitTransactions: Histogram;
  commitSeconds: Histogram;
  providerSends: Record<ProviderOutcome, number>;
  webhookCalls: Record<WebhookOutcome, number>;
  webhookSeconds: Histogram;
}

const TRANSACTIONS_BOUNDS = [1, 2, 4, 8, 16, 32, 64, 128, 256];
const COMMIT_BOUNDS = [0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.5, 2.5];

const WEBHOOK_BOUNDS = [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

function noneOf<Name extends string>(names: readonly Name[]): Record<Name, number> {
  return Object.fromEntries(names.map((name) => [name, 0])) as Record<Name, number>;
}

export function createBrokerMetrics(): BrokerMetrics {
  const messages = createMessageMetrics();
  const commitTransactions = createHistogram(TRANSACTIONS_BOUNDS);
  const commitSeconds = createHistogram(COMMIT_BOUNDS);
  const providerSends = noneOf(PROVIDER_OUTCOMES);
  const webhookCalls = noneOf(WEBHOOK_OUTCOMES);
  const webhookSeconds = createHistogram(WEBHOOK_BOUNDS);
  return {
    messages,
    requests: createRequestMetrics(),
    commitTransactions,
    commitSeconds,
    providerSends,
    webhookCalls,
    webhookSeconds,
    metrics: {
      ...messages.metrics,
      committed(transactions, milliseconds) {
        commitTransactions.observe(transactions);
        commitSeconds.observe(milliseconds / 1000);
      },
      providerResponded(outcome) {
        providerSends[outcome] += 1;
      },
      webhookResponded(outcome, milliseconds) {
        webhookCalls[outcome] += 1;
        webhookSeconds.observe(milliseconds / 1000);
      },
    },
  };
}
