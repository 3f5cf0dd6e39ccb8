/**
 * Counts values in buckets of plain numbers. The histogram of prom-client creates a key from the labels for each value,
 * which is too slow for every request.
 */
export interface Histogram {
  observe(value: number): void;
  /** Adds the values of another histogram with the same bounds. */
  add(other: Histogram): void;
  readonly bounds: readonly number[];
  /** Number of values in each bucket: up to its bound and above the previous one. The last bucket has no bound. */
  readonly counts: readonly number[];
  sum(): number;
}

export function createHistogram(bounds: readonly number[]): Histogram {
  const counts = new Array<number>(bounds.length + 1).fill(0);
  let sum = 0;
  return {
    bounds,
    counts,
    sum: () => sum,
    observe(value) {
      const found = bounds.findIndex((bound) => value <= bound);
      const bucket = found < 0 ? bounds.length : found;
      counts[bucket] = (counts[bucket] ?? 0) + 1;
      sum += value;
    },
    add(other) {
      for (const [bucket, count] of other.counts.entries()) counts[bucket] = (counts[bucket] ?? 0) + count;
      sum += other.sum();
    },
  };
}
