/** HTTP requests, counted by operation: each has its own numbers, found once, when the operation is mounted. */
import { createHistogram, type Histogram } from './histogram.ts';

export interface OperationMetrics {
  api: string;
  operation: string;
  /** By the first digit of the status. */
  responses: number[];
  seconds: Histogram;
}

export interface RequestMetrics {
  /** Gives what counts an answer. `unknown` is the operation of requests that none is meant for. */
  onResponse(api: string, operation: string): (status: number, milliseconds: number) => void;
  /** Operations that were called. */
  called(): OperationMetrics[];
}

const STATUS_CLASSES = 6;
/** The longest polls are held for half a minute. */
const BOUNDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 5, 30];

export function createRequestMetrics(): RequestMetrics {
  const byName = new Map<string, OperationMetrics>();
  return {
    onResponse(api, operation) {
      const name = `${api} ${operation}`;
      let brokerMetrics = byName.get(name);
      if (brokerMetrics === undefined) {
        brokerMetrics = {
          api,
          operation,
          responses: new Array<number>(STATUS_CLASSES).fill(0),
          seconds: createHistogram(BOUNDS),
        };
        byName.set(name, brokerMetrics);
      }
      const { responses, seconds } = brokerMetrics;
      return (status, milliseconds) => {
        responses[Math.floor(status / 100)]! += 1;
        seconds.observe(milliseconds / 1000);
      };
    },
    called: () => [...byName.values()].filter(({ responses }) => responses.some((count) => count > 0)),
  };
}
