/** Counts HTTP requests by operation. An operation finds its counters once, when it is mounted. */
import { createHistogram, type Histogram } from './histogram.ts';

export interface OperationMetrics {
  api: string;
  operation: string;
  /** Counts by the first digit of the status. */
  responses: number[];
  seconds: Histogram;
}

export interface RequestMetrics {
  /** Returns the function that counts a response. Requests without an operation use the name `unknown`. */
  onResponse(api: string, operation: string): (status: number, milliseconds: number) => void;
  /** Returns the operations with at least one request. */
  requested(): OperationMetrics[];
}

const STATUS_CLASSES = 6;
/** Seconds. The longest polls take half a minute. */
const BOUNDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 5, 30];

export function createRequestMetrics(): RequestMetrics {
  const byName = new Map<string, OperationMetrics>();
  return {
    onResponse(api, operation) {
      const name = `${api} ${operation}`;
      let operationMetrics = byName.get(name);
      if (operationMetrics === undefined) {
        operationMetrics = {
          api,
          operation,
          responses: new Array<number>(STATUS_CLASSES).fill(0),
          seconds: createHistogram(BOUNDS),
        };
        byName.set(name, operationMetrics);
      }
      const { responses, seconds } = operationMetrics;
      return (status, milliseconds) => {
        const statusClass = Math.floor(status / 100);
        responses[statusClass] = (responses[statusClass] ?? 0) + 1;
        seconds.observe(milliseconds / 1000);
      };
    },
    requested: () => [...byName.values()].filter(({ responses }) => responses.some((count) => count > 0)),
  };
}
