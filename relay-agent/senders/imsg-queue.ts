/**
 * Runs sends and changes one at a time: imsg does the same, and an item that was not written to imsg can still be
 * rejected. Reads do not use the queue.
 */

export interface ImsgQueue {
  isBusy(): boolean;
  /** Runs the work in its turn. After the maximum wait, or with a full queue, it returns `tooLate()` instead. */
  run<T>(work: () => Promise<T>, maxWaitMs: number, tooLate: () => T): Promise<T>;
}

/** The agent sends a few items at a time; the rest are signals. */
const WAITING_MAX = 100;

export function imsgQueue(): ImsgQueue {
  const waiting = new Set<() => Promise<void>>();
  let isBusy = false;

  const runAll = async (): Promise<void> => {
    if (isBusy) return;
    isBusy = true;
    for (const next of waiting) {
      waiting.delete(next);
      await next();
    }
    isBusy = false;
  };

  return {
    isBusy: () => isBusy,
    run: <T>(work: () => Promise<T>, maxWaitMs: number, tooLate: () => T) =>
      new Promise<T>((resolve, reject) => {
        if (waiting.size >= WAITING_MAX) return resolve(tooLate());
        const entry = async () => {
          clearTimeout(timer);
          await work().then(resolve, reject);
        };
        const timer = setTimeout(() => {
          waiting.delete(entry);
          resolve(tooLate());
        }, maxWaitMs);
        waiting.add(entry);
        void runAll();
      }),
  };
}
