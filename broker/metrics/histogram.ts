/**
 * A histogram in plain numbers: to add a value is a look through a few bounds and three additions. (prom-client's own
 * makes a key of its labels for each value, which is too much beside every request.)
 */
export interface Histogram {
  observe(value: number): void;
  /** Adds all that another one of the same bounds has. */
  add(other: Histogram): void;
  readonly bounds: readonly number[];
  /** How many values were within each bound and beyond the one before; the last is for those beyond all. */
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
      let place = 0;
      while (place < bounds.length && value > bounds[place]!) place += 1;
      counts[place]! += 1;
      sum += value;
    },
    add(other) {
      for (const [place, count] of other.counts.entries()) counts[place]! += count;
      sum += other.sum();
    },
  };
}
