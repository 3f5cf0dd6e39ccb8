/** Calculates the plots of the overview from the hourly counts. */
import { FAILURES, isFailureCode } from '../../../../shared/failures.ts';
import {
  type CountKind,
  estimateQuantile,
  HOUR_MS,
  hourOf,
  LATENCY_PRECISION_PERCENT,
} from '../../../core/model/statistics.ts';
import type { StatisticsQueries } from '../../../core/ports/statistics.ts';
import type { OverviewBody, OverviewRange } from './overview-schemas.ts';

const PERIODS: Readonly<Record<OverviewRange, { count: number; hoursEach: number }>> = {
  '24h': { count: 24, hoursEach: 1 },
  '7d': { count: 28, hoursEach: 6 },
  '30d': { count: 30, hoursEach: 24 },
};

type Sums = Awaited<ReturnType<StatisticsQueries['sums']>>;
type Statistics = Pick<
  OverviewBody,
  'range' | 'from' | 'until' | 'periodMs' | 'totals' | 'precisionPercent' | 'periods' | 'failures'
>;

/** The last period ends with the current hour. */
export async function overviewStatistics(
  statistics: StatisticsQueries,
  tenantId: number,
  range: OverviewRange,
  now: number,
): Promise<Statistics> {
  const { count, hoursEach } = PERIODS[range];
  const untilHour = hourOf(now) + 1;
  const fromHour = untilHour - count * hoursEach;
  const sums = await statistics.sums(tenantId, { fromHour, untilHour, hoursEach });
  const byPeriod = Map.groupBy(sums, ({ period }) => period);
  const periodMs = hoursEach * HOUR_MS;
  const from = fromHour * HOUR_MS;
  return {
    ...{ range, from, until: untilHour * HOUR_MS, periodMs },
    totals: countsOf(sums),
    precisionPercent: LATENCY_PRECISION_PERCENT,
    periods: Array.from({ length: count }, (_, period) => ({
      at: from + period * periodMs,
      ...countsOf(byPeriod.get(period) ?? []),
    })),
    failures: failuresOf(sums),
  };
}

function countsOf(sums: Sums): OverviewBody['totals'] {
  const total = (kind: CountKind) =>
    sums.reduce((sum, row) => (row.kind === kind ? sum + row.messages : sum), 0);
  const latency = new Map<number, number>();
  for (const { kind, detail, messages } of sums) {
    if (kind === 'latency') latency.set(Number(detail), (latency.get(Number(detail)) ?? 0) + messages);
  }
  return {
    sent: total('sent'),
    delivered: total('delivered'),
    failed: total('failed'),
    received: total('received'),
    p50Ms: estimateQuantile(latency, 0.5),
    p99Ms: estimateQuantile(latency, 0.99),
  };
}

function failuresOf(sums: Sums): OverviewBody['failures'] {
  const counts = new Map<string, number>();
  for (const { kind, detail, messages } of sums) {
    if (kind === 'failed') counts.set(detail, (counts.get(detail) ?? 0) + messages);
  }
  return [...counts]
    .map(([code, count]) => ({
      ...{ code, count },
      message: isFailureCode(code) ? FAILURES[code].message : 'The device reported another error.',
    }))
    .sort((a, b) => b.count - a.count || (a.code < b.code ? -1 : 1));
}
