import { describe, expect, it } from 'vitest';
import { createHistogram } from '../../../broker/metrics/histogram.ts';

describe('a histogram', () => {
  it('counts a value in the first bucket whose bound is not below the value', () => {
    const histogram = createHistogram([1, 2, 5]);
    for (const value of [0, 1, 1.5, 2, 5, 5.1, 1_000]) histogram.observe(value);
    expect(histogram.counts).toEqual([2, 2, 1, 2]);
    expect(histogram.sum()).toBeCloseTo(1_014.6);
  });

  it('adds the values of another histogram', () => {
    const [one, other] = [createHistogram([1]), createHistogram([1])];
    one.observe(0.5);
    other.observe(0.5);
    other.observe(2);
    one.add(other);
    expect(one.counts).toEqual([2, 1]);
    expect(one.sum()).toBe(3);
    expect(other.counts).toEqual([1, 1]);
  });
});
