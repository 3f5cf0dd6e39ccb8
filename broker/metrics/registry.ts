/** Wraps the registry of prom-client: its metrics are read from plain numbers when they are requested. */
import { Counter, collectDefaultMetrics, Gauge, type Metric, Registry } from 'prom-client';
import type { Histogram } from './histogram.ts';

type Labels = Record<string, string>;

export interface Sample {
  labels: Labels;
  value: number;
}

export interface HistogramSample {
  labels: Labels;
  histogram: Histogram;
}

type Described = [name: string, help: string];

export interface MetricsRegistry {
  counter(described: Described, labelNames: readonly string[], read: () => Iterable<Sample>): void;
  gauge(described: Described, labelNames: readonly string[], read: () => Iterable<Sample>): void;
  histogram(described: Described, read: () => Iterable<HistogramSample>): void;
  contentType: string;
  /** Returns all metrics in the text format of Prometheus. */
  text(): Promise<string>;
}

/** Includes the default metrics of the process and of the event loop. */
export function createRegistry(): MetricsRegistry {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  return {
    contentType: registry.contentType,
    text: () => registry.metrics(),
    counter([name, help], labelNames, read) {
      new Counter({
        name,
        help,
        labelNames,
        registers: [registry],
        collect() {
          this.reset();
          for (const { labels, value } of read()) this.inc(labels, value);
        },
      });
    },
    gauge([name, help], labelNames, read) {
      new Gauge({
        name,
        help,
        labelNames,
        registers: [registry],
        collect() {
          this.reset();
          for (const { labels, value } of read()) this.set(labels, value);
        },
      });
    },
    histogram([name, help], read) {
      const get = async () => ({
        ...{ name, help, type: 'histogram', aggregator: 'sum' },
        values: [...read()].flatMap((sample) => linesOf(name, sample)),
      });
      // A registry uses only these members of a metric. prom-client has no histogram that accepts counts.
      registry.registerMetric({ name, help, get } as unknown as Metric);
    },
  };
}

function linesOf(name: string, { labels, histogram }: HistogramSample) {
  let count = 0;
  const buckets = histogram.counts.map((inBucket, bucket) => {
    count += inBucket;
    const le = bucket < histogram.bounds.length ? String(histogram.bounds[bucket]) : '+Inf';
    return { metricName: `${name}_bucket`, labels: { ...labels, le }, value: count };
  });
  return [
    ...buckets,
    { metricName: `${name}_sum`, labels, value: histogram.sum() },
    { metricName: `${name}_count`, labels, value: count },
  ];
}
