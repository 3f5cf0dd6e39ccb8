/**
 * What became of messages, counted by world, as the core tells of it: whether a world is live or a sandbox is looked up
 * when somebody reads, so that counting looks nothing up.
 */
import { FAILURES, type FailureCode, isFailureCode } from '../../shared/failures.ts';
import type { Environment } from '../core/model/tenant.ts';
import type { Metrics } from '../core/ports/metrics.ts';
import { createHistogram, type Histogram } from './histogram.ts';

export const ENVIRONMENTS = ['live', 'test'] as const satisfies Environment[];

/** A device may report any code; those that are not known count as one. */
export type CountedCode = FailureCode | 'other';

export interface Outcomes {
  sent: number;
  delivered: number;
  failed: Map<CountedCode, number>;
  received: number;
  /** From accepted to delivered. */
  deliverySeconds: Histogram;
}

export interface MessageMetrics {
  metrics: Pick<Metrics, 'accepted' | 'dispatched' | 'statusChanged' | 'received'>;
  accepted: Record<Environment, number>;
  /** From accepted to handed to a device. */
  dispatchSeconds: Record<Environment, Histogram>;
  /** By environment; a world that is not there any more is left out. */
  outcomes(
    environmentOf: (tenantId: number) => Promise<Environment | undefined>,
  ): Promise<Record<Environment, Outcomes>>;
}

const HAND_OFF_BOUNDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5, 30, 300, 3_600];
const DELIVERY_BOUNDS = [0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 3_600, 21_600];

export function createMessageMetrics(): MessageMetrics {
  const accepted = { live: 0, test: 0 };
  const dispatchSeconds = { live: createHistogram(HAND_OFF_BOUNDS), test: createHistogram(HAND_OFF_BOUNDS) };
  const byTenant = new Map<number, Outcomes>();
  const environments = new Map<number, Environment>();

  const outcomesOf = (tenantId: number): Outcomes => {
    let outcomes = byTenant.get(tenantId);
    if (outcomes === undefined) {
      outcomes = noOutcomes();
      byTenant.set(tenantId, outcomes);
    }
    return outcomes;
  };

  return {
    accepted,
    dispatchSeconds,
    metrics: {
      accepted(environment) {
        accepted[environment] += 1;
      },
      dispatched(environment, waitedMs) {
        dispatchSeconds[environment].observe(waitedMs / 1000);
      },
      statusChanged(message, from) {
        const outcomes = outcomesOf(message.tenantId);
        if (message.status === 'failed') {
          const { errorCode } = message;
          const code = errorCode !== null && isFailureCode(errorCode) ? errorCode : 'other';
          outcomes.failed.set(code, (outcomes.failed.get(code) ?? 0) + 1);
          return;
        }
        // What is said to be delivered, and never was said to be sent, was sent.
        if (from !== 'sent') outcomes.sent += 1;
        if (message.status !== 'delivered' || message.deliveredAt === null) return;
        outcomes.delivered += 1;
        outcomes.deliverySeconds.observe((message.deliveredAt - message.createdAt) / 1000);
      },
      received({ tenantId }) {
        outcomesOf(tenantId).received += 1;
      },
    },
    async outcomes(environmentOf) {
      for (const tenantId of byTenant.keys()) {
        const environment = environments.get(tenantId) ?? (await environmentOf(tenantId));
        if (environment !== undefined) environments.set(tenantId, environment);
      }
      const sums = { live: noOutcomes(), test: noOutcomes() };
      for (const [tenantId, outcomes] of byTenant) {
        const environment = environments.get(tenantId);
        if (environment !== undefined) add(sums[environment], outcomes);
      }
      return sums;
    },
  };
}

/** With every code at zero: a rate begins with the first failure only where there was a figure before it. */
function noOutcomes(): Outcomes {
  const codes = [...(Object.keys(FAILURES) as FailureCode[]), 'other'] as const;
  return {
    sent: 0,
    delivered: 0,
    failed: new Map(codes.map((code) => [code, 0])),
    received: 0,
    deliverySeconds: createHistogram(DELIVERY_BOUNDS),
  };
}

function add(sum: Outcomes, { sent, delivered, failed, received, deliverySeconds }: Outcomes): void {
  sum.sent += sent;
  sum.delivered += delivered;
  for (const [code, count] of failed) sum.failed.set(code, (sum.failed.get(code) ?? 0) + count);
  sum.received += received;
  sum.deliverySeconds.add(deliverySeconds);
}
