/** Tests the estimate of delivery times from counts in buckets. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import {
  estimateQuantile,
  LATENCY_PRECISION_PERCENT,
  latencyBucket,
} from '../../../../broker/core/model/statistics.ts';

function counted(times: readonly number[]): Map<number, number> {
  const counts = new Map<number, number>();
  for (const time of times) counts.set(latencyBucket(time), (counts.get(latencyBucket(time)) ?? 0) + 1);
  return counts;
}

it('an estimated quantile is within the stated precision of the exact one', () => {
  const time = fc.integer({ min: 60, max: 24 * 3_600_000 });
  const quantile = fc.constantFrom(0.5, 0.9, 0.99);
  fc.assert(
    fc.property(fc.array(time, { minLength: 1, maxLength: 500 }), quantile, (times, q) => {
      const exact = times.toSorted((a, b) => a - b)[Math.max(0, Math.ceil(q * times.length) - 1)]!;
      const estimate = estimateQuantile(counted(times), q)!;
      const limit = 1 + LATENCY_PRECISION_PERCENT / 100;
      // Both are rounded to milliseconds.
      expect(estimate).toBeLessThanOrEqual(exact * limit + 1);
      expect(estimate).toBeGreaterThanOrEqual(exact / limit - 1);
    }),
  );
});

it('there is no estimate without values, and extreme values have a bucket', () => {
  expect(estimateQuantile(new Map(), 0.5)).toBeNull();
  expect(latencyBucket(0)).toBe(0);
  expect(latencyBucket(1e12)).toBe(latencyBucket(2e8));
  expect(estimateQuantile(counted([0]), 0.5)).toBeLessThanOrEqual(50);
});
