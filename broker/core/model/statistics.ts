/**
 * Defines the hourly counts of messages, from which the dashboard shows plots without reading the history.
 *
 * Delivery times are counted in buckets whose bounds grow by 2^(1/4). An estimated quantile is therefore at most 19 % away
 * from the exact one.
 */
export const COUNT_KINDS = ['sent', 'delivered', 'failed', 'received', 'latency'] as const;
export type CountKind = (typeof COUNT_KINDS)[number];

export interface HourlyCount {
  tenantId: number;
  /** Hours since 1970. */
  hour: number;
  kind: CountKind;
  /** The error code of `failed`, the bucket of `latency`; otherwise empty. */
  detail: string;
  messages: number;
}

export const HOUR_MS = 3_600_000;
const RETENTION_DAYS = 31;
/** Maximum relative error of an estimated quantile. */
export const LATENCY_PRECISION_PERCENT = 19;

export const hourOf = (at: number) => Math.floor(at / HOUR_MS);

export const firstKeptHour = (now: number) => hourOf(now) - RETENTION_DAYS * 24;

/** Bound of the first bucket. */
const FIRST_MS = 50;
const BUCKETS_PER_DOUBLING = 4;
/** Its lower bound is about 30 hours. Longer times are in this bucket too. */
const LAST_BUCKET = 84;

export function latencyBucket(ms: number): number {
  if (ms <= FIRST_MS) return 0;
  return Math.min(LAST_BUCKET, Math.ceil(Math.log2(ms / FIRST_MS) * BUCKETS_PER_DOUBLING));
}

function upperBound(bucket: number): number {
  return FIRST_MS * 2 ** (bucket / BUCKETS_PER_DOUBLING);
}

/** Estimates a quantile (0 to 1) in milliseconds from the number of messages in each bucket; null: there are none. */
export function estimateQuantile(counts: ReadonlyMap<number, number>, quantile: number): number | null {
  const buckets = [...counts].filter(([, count]) => count > 0).sort(([a], [b]) => a - b);
  const total = buckets.reduce((sum, [, count]) => sum + count, 0);
  let rank = quantile * total;
  for (const [bucket, count] of buckets) {
    if (rank <= count) {
      // The times in a bucket are assumed to be spread evenly on the logarithmic scale.
      const lower = bucket === 0 ? 0 : upperBound(bucket - 1);
      const share = rank / count;
      return Math.round(lower === 0 ? upperBound(0) * share : lower * (upperBound(bucket) / lower) ** share);
    }
    rank -= count;
  }
  return null;
}
