/**
 * Counts the results of messages by tenant. Whether a tenant is live or a sandbox is queried when the metrics are read,
 * so counting itself needs no query.
 */
import { FAILURES, type FailureCode, isFailureCode } from '../../shared/failures.ts';
import type { Environment } from '../core/model/tenant.ts';
import type { Metrics } from '../core/ports/metrics.ts';
import { createHistogram, type Histogram } from './histogram.ts';

export const ENVIRONMENTS = ['live', 'test'] as const satisfies Environment[];

/** A device may report any code. Unknown codes are counted together as `other`. */
export type CountedCode = FailureCode | 'other';

export interface Outcomes {
  sent: number;
  delivered: number;
  failed: Map<CountedCode, number>;
  received: number;
  /** Time from acceptance to delivery. */
  deliverySeconds: Histogram;
}

export interface MessageMetrics {
  metrics: Pick<Metrics, 'accepted' | 'dispatched' | 'statusChanged' | 'received'>;
  accepted: Record<Environment, number>;
  /** Time from acceptance to dispatch. */
  dispatchSeconds: Record<Environment, Histogram>;
  /** Returns the sums by environment, without deleted tenants. */
  outcomes(
    environmentOf: (tenantId: number) => Promise<Environment | undefined>,
  ): Promise<Record<Environment, Outcomes>>;
}

const DISPATCH_BOUNDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5, 30, 300, 3_600];
const DELIVERY_BOUNDS = [0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 3_600, 21_600];

export function createMessageMetrics(): MessageMetrics {
  const accepted = { live: 0, test: 0 };
  const dispatchSeconds = { live: createHistogram(DISPATCH_BOUNDS), test: createHistogram(DISPATCH_BOUNDS) };
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
        // A device may report `delivered` without `sent`.
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

/** Every code starts at zero: Prometheus needs a value before the first failure to calculate its rate. */
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
