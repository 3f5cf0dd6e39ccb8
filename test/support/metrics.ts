/** Reads and parses `/metrics`: each line has a name, labels and a value. */
import { expect } from 'vitest';

export interface MetricSample {
  name: string;
  labels: Record<string, string>;
  value: number;
}

const LINE = /^([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(.*)\})? (\S+)$/;

export interface Metrics {
  samples: readonly MetricSample[];
  /** The sum of the samples with these labels; 0 without samples. */
  value(name: string, labels?: Record<string, string>): number;
  /** Types of the metrics, by name. */
  types: ReadonlyMap<string, string>;
}

export function parseMetrics(text: string): Metrics {
  const types = new Map<string, string>();
  const samples: MetricSample[] = [];
  for (const line of text.split('\n').filter((line) => line !== '')) {
    if (line.startsWith('# TYPE ')) {
      const [, , name, type] = line.split(' ');
      types.set(name!, type!);
    } else if (!line.startsWith('# HELP ')) {
      const found = LINE.exec(line);
      expect(found, `a line in the format of Prometheus: ${line}`).not.toBeNull();
      const [, name, labels = '', value] = found!;
      const pairs = [...labels.matchAll(/([a-zA-Z_]\w*)="((?:[^"\\]|\\.)*)"/g)];
      samples.push({
        name: name!,
        labels: Object.fromEntries(pairs.map((pair) => [pair[1]!, pair[2]!])),
        value: value === '+Inf' ? Number.POSITIVE_INFINITY : Number(value),
      });
    }
  }
  return {
    samples,
    types,
    value: (name, labels = {}) =>
      samples
        .filter((sample) => sample.name === name)
        .filter((sample) => Object.entries(labels).every(([label, value]) => sample.labels[label] === value))
        .reduce((sum, sample) => sum + sample.value, 0),
  };
}

export async function readMetrics(url: string, headers: Record<string, string> = {}): Promise<Metrics> {
  const response = await fetch(`${url}/metrics`, { headers });
  expect(response.status).toBe(200);
  return parseMetrics(await response.text());
}
