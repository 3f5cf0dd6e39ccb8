/** HTTP requests, counted by operation: each has its own numbers, found once, when the operation is mounted. */
import { createHistogram, type Histogram } from './histogram.ts';

export interface OperationFigures {
  api: string;
  operation: string;
  /** By the first digit of the status. */
  answers: number[];
  seconds: Histogram;
}

export interface RequestFigures {
  /** Gives what counts an answer. `unknown` is the operation of requests that none is meant for. */
  answersTo(api: string, operation: string): (status: number, milliseconds: number) => void;
  /** Operations that were called. */
  called(): OperationFigures[];
}

const STATUS_CLASSES = 6;
/** The longest polls are held for half a minute. */
const BOUNDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 5, 30];

export function createRequestFigures(): RequestFigures {
  const byName = new Map<string, OperationFigures>();
  return {
    answersTo(api, operation) {
      const name = `${api} ${operation}`;
      let figures = byName.get(name);
      if (figures === undefined) {
        figures = {
          api,
          operation,
          answers: new Array<number>(STATUS_CLASSES).fill(0),
          seconds: createHistogram(BOUNDS),
        };
        byName.set(name, figures);
      }
      const { answers, seconds } = figures;
      return (status, milliseconds) => {
        answers[Math.floor(status / 100)]! += 1;
        seconds.observe(milliseconds / 1000);
      };
    },
    called: () => [...byName.values()].filter(({ answers }) => answers.some((count) => count > 0)),
  };
}
